#include <doctest/doctest.h>

#include "tests/support/tcp_black_hole.h"
#include "tests/support/tcp_provider.h"
#include "tests/support/test_loop.h"

namespace routerone::test {
namespace {

using upstream::FaultKind;

/// One exchange that a test stops on its way.
class Stoppable {
 public:
  explicit Stoppable(Endpoint endpoint, upstream::Resolver::Lookup lookup = {})
      : world_(std::move(lookup)), endpoint_(std::move(endpoint)) {}

  void start(std::string_view body = "{}") {
    body_ = body;
    world_.loop().spawn(world_.converse(request_, timeouts_, stop_, got_, over_));
  }
  void run_until(const std::function<bool()>& done) { world_.run_until(done); }
  /// Stops it, runs what that set off, and tells what came of it.
  const Got& stop() {
    CHECK(over_ == 0);
    stop_.request();
    world_.run_until([this] { return over_ == 1; });
    return got_;
  }
  const Got& got() const { return got_; }
  TestLoop& world() { return world_; }

 private:
  TestLoop world_;
  Endpoint endpoint_;
  std::string_view body_;
  upstream::Request request_{endpoint_, "POST", "/x", {}, std::span(&body_, 1)};
  upstream::Timeouts timeouts_ = patient();
  net::StopSignal stop_;
  Got got_;
  std::size_t over_ = 0;
};

/// Answers with these bytes, and notes when the caller leaves.
TcpProvider::Script answer_and_watch(std::string bytes, Signal& asked, Signal& left) {
  return [bytes = std::move(bytes), &asked, &left](ProviderConnection& connection) {
    connection.read_request();
    connection.send(bytes);
    asked.set();
    if (connection.wait_until_closed()) left.set();
  };
}

}  // namespace

TEST_CASE("a request that is stopped before it began opens no connection") {
  TcpProvider provider(always(sized_answer("x")));
  Stoppable exchange(endpoint_at(provider.port()));
  exchange.start();
  const Got& got = exchange.stop();
  CHECK(got.failed_as(FaultKind::cancelled));
  CHECK(provider.received().empty());
}

TEST_CASE("a stop ends the look-up of a name") {
  Signal asked, answer;
  Stoppable exchange(endpoint_at(1, "slow.example"), [&](const std::string&) {
    asked.set();
    answer.wait();
    return upstream::Addresses();
  });
  exchange.start();
  exchange.run_until([&] { return asked.is_set(); });
  CHECK(exchange.stop().failed_as(FaultKind::cancelled));
  answer.set();
}

TEST_CASE("a stop ends a connection that is not taken") {
  const TcpBlackHole hole;
  Stoppable exchange(endpoint_at(hole.port()));
  exchange.start();
  for (int i = 0; i < 5; ++i) exchange.world().loop().context().run_one_for(Millis(2));
  CHECK(exchange.stop().failed_as(FaultKind::cancelled));
}

TEST_CASE("a stop while nothing came hangs up on the provider") {
  Signal asked, left;
  TcpProvider provider(answer_and_watch("", asked, left));
  Stoppable exchange(endpoint_at(provider.port()));
  exchange.start();
  exchange.run_until([&] { return asked.is_set(); });
  CHECK(exchange.stop().failed_as(FaultKind::cancelled));
  CHECK(left.wait());
}

TEST_CASE("a stop in the middle of a head hangs up on the provider") {
  Signal asked, left;
  TcpProvider provider(answer_and_watch("HTTP/1.1 200 OK\r\nx-a", asked, left));
  Stoppable exchange(endpoint_at(provider.port()));
  exchange.start();
  exchange.run_until([&] { return asked.is_set(); });
  CHECK(exchange.stop().failed_as(FaultKind::cancelled));
  CHECK(left.wait());
}

TEST_CASE("a stop while the body goes out hangs up on the provider") {
  Signal go, left;
  TcpProvider provider([&](ProviderConnection& connection) {
    go.wait();
    if (connection.wait_until_closed()) left.set();
  });
  Stoppable exchange(endpoint_at(provider.port()));
  const std::string body(32 << 20, 'x');
  exchange.start(body);
  exchange.run_until([&] { return provider.accepted() == 1; });
  CHECK(exchange.stop().failed_as(FaultKind::cancelled));
  go.set();
  CHECK(left.wait());
}

TEST_CASE("a stop while an answer comes hangs up on the provider, however it is framed") {
  for (const std::string& answer :
       {std::string("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart"),
        std::string("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\npart\r\n"),
        std::string("HTTP/1.1 200 OK\r\n\r\npart")}) {
    CAPTURE(answer);
    Signal asked, left;
    TcpProvider provider(answer_and_watch(answer, asked, left));
    Stoppable exchange(endpoint_at(provider.port()));
    exchange.start();
    exchange.run_until([&] { return exchange.got().body == "part"; });
    const Got& got = exchange.stop();
    CHECK(got.status == 200);
    CHECK(got.failed_as(FaultKind::cancelled));
    CHECK(left.wait());
    CHECK(exchange.world().client().pool().size() == 0);
  }
}

TEST_CASE("a stop on a used connection does not send the request again") {
  Signal asked;
  TcpProvider provider([&](ProviderConnection& connection) {
    connection.read_request();
    connection.send(sized_answer("first"));
    connection.read_request();
    asked.set();
    connection.wait_until_closed();
  });
  const Endpoint endpoint = endpoint_at(provider.port());
  Stoppable exchange(endpoint);
  CHECK(exchange.world().post(endpoint).whole());
  exchange.start();
  exchange.run_until([&] { return asked.is_set(); });
  CHECK(exchange.stop().failed_as(FaultKind::cancelled));
  CHECK(provider.accepted() == 1);
}

TEST_CASE("a stop after the end changes nothing: the connection is still of use") {
  TcpProvider provider(always(sized_answer("body")));
  const Endpoint endpoint = endpoint_at(provider.port());
  TestLoop world;
  const upstream::Request request{endpoint};
  const upstream::Timeouts timeouts = patient();
  net::StopSignal stop;
  Got got;
  std::size_t over = 0;
  world.loop().spawn(world.converse(request, timeouts, stop, got, over));
  world.run_until([&] { return over == 1; });
  stop.request();
  CHECK(got.whole());
  CHECK(world.post(endpoint).whole());
  CHECK(provider.accepted() == 1);
}

}  // namespace routerone::test
