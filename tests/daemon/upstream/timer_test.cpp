#include <doctest/doctest.h>

#include <future>

#include "daemon/net/deadlines.h"
#include "tests/support/manual_clock.h"
#include "tests/support/tcp_black_hole.h"
#include "tests/support/tcp_provider.h"
#include "tests/support/test_loop.h"

namespace routerone::test {
namespace {

using namespace std::chrono_literals;
using upstream::FaultKind;

/// One exchange whose time only a test moves.
class Timed {
 public:
  explicit Timed(Endpoint endpoint, upstream::Resolver::Lookup lookup = {})
      : world_(clock_, std::move(lookup)), endpoint_(std::move(endpoint)) {}

  void start(std::string_view body = "{}") {
    body_ = body;
    world_.loop().spawn(world_.converse(request_, timeouts_, stop_, got_, over_));
  }
  /// Leaves the host's name known, so that no thread but this one takes part.
  void look_up_first() {
    bool known = false;
    world_.shared().resolver.resolve(world_.loop(), endpoint_.host,
                                     [&](const upstream::Addresses&) { known = true; });
    world_.run_until([&] { return known; });
  }
  /// Handles all that has come, moves the time, handles what that set off.
  void advance(std::chrono::seconds by) {
    settle();
    clock_->advance(by);
    world_.loop().deadlines().sweep();
    settle();
  }
  void run_until(const std::function<bool()>& done) { world_.run_until(done); }
  bool over() const { return over_ > 0; }
  const Got& got() const { return got_; }
  std::optional<FaultKind> fault() const {
    return got_.fault ? std::optional(got_.fault->kind) : std::nullopt;
  }
  upstream::Timeouts& timeouts() { return timeouts_; }
  TestLoop& world() { return world_; }

 private:
  void settle() {
    while (world_.loop().context().run_one_for(2ms) > 0) {
    }
  }

  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  TestLoop world_;
  Endpoint endpoint_;
  std::string_view body_;
  upstream::Request request_{endpoint_, "POST", "/x", {}, std::span(&body_, 1)};
  upstream::Timeouts timeouts_;
  net::StopSignal stop_;
  Got got_;
  std::size_t over_ = 0;
};

/// A provider that sends what the test hands it, on its one connection, when it is handed over.
class Puppet {
 public:
  Puppet() : provider_([this](ProviderConnection& connection) { play(connection); }) {}

  std::uint16_t port() const { return provider_.port(); }
  std::size_t accepted() const { return provider_.accepted(); }
  /// Returns when the request is there.
  bool got_request() { return request_.is_set(); }
  /// Returns when the bytes are with the kernel of the caller.
  void send(std::string bytes) {
    std::promise<void> sent;
    {
      const std::lock_guard lock(mutex_);
      orders_.push_back([bytes = std::move(bytes), &sent](ProviderConnection& connection) {
        connection.send(bytes);
        sent.set_value();
      });
    }
    wake_.notify_one();
    sent.get_future().wait();
  }
  /// The caller hung up.
  bool was_left() { return left_.wait(); }

 private:
  void play(ProviderConnection& connection) {
    connection.read_request();
    request_.set();
    std::thread watching([&] {
      if (connection.wait_until_closed()) left_.set();
      const std::lock_guard lock(mutex_);
      over_ = true;
      wake_.notify_one();
    });
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return over_ || !orders_.empty(); });
      if (orders_.empty()) break;
      const auto order = std::move(orders_.front());
      orders_.erase(orders_.begin());
      lock.unlock();
      order(connection);
      lock.lock();
    }
    lock.unlock();
    watching.join();
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::function<void(ProviderConnection&)>> orders_;
  bool over_ = false;
  Signal request_, left_;
  TcpProvider provider_;
};

}  // namespace

TEST_CASE("a connection that is not taken fails after the connect limit") {
  const TcpBlackHole hole;
  Timed exchange(endpoint_at(hole.port()));
  exchange.start();
  exchange.advance(1s);
  CHECK_FALSE(exchange.over());
  exchange.advance(1s);
  REQUIRE(exchange.over());
  CHECK(exchange.fault() == FaultKind::connect_timeout);
}

TEST_CASE("an address that does not answer leaves time for the next") {
  TcpProvider provider(always(sized_answer("body")));
  const TcpBlackHole hole("127.0.0.2", provider.port());
  Timed exchange(endpoint_at(provider.port(), "two.example"), [](const std::string&) {
    return upstream::Addresses{boost::asio::ip::make_address("127.0.0.2"),
                               boost::asio::ip::make_address("127.0.0.1")};
  });
  exchange.look_up_first();
  exchange.start();
  exchange.advance(0s);
  CHECK(provider.accepted() == 0);
  exchange.advance(1s);
  exchange.run_until([&] { return exchange.over(); });
  CHECK(exchange.got().whole());
}

TEST_CASE("a name that is looked up for too long fails after the connect limit") {
  Signal answer;
  Endpoint endpoint = endpoint_at(1, "slow.example");
  Timed exchange(endpoint, [&](const std::string&) {
    answer.wait();
    return upstream::Addresses();
  });
  exchange.start();
  exchange.advance(1s);
  CHECK_FALSE(exchange.over());
  exchange.advance(1s);
  CHECK(exchange.over());
  CHECK(exchange.fault() == FaultKind::connect_timeout);
  answer.set();
}

TEST_CASE("a provider that says nothing fails after the first-byte limit") {
  Puppet provider;
  Timed exchange(endpoint_at(provider.port()));
  exchange.start();
  exchange.run_until([&] { return provider.got_request(); });
  exchange.advance(289s);
  CHECK_FALSE(exchange.over());
  exchange.advance(1s);
  REQUIRE(exchange.over());
  CHECK(exchange.fault() == FaultKind::first_byte_timeout);
  CHECK(provider.was_left());
}

TEST_CASE("a head in drips does not move the first-byte limit") {
  Puppet provider;
  Timed exchange(endpoint_at(provider.port()));
  exchange.start();
  exchange.run_until([&] { return provider.got_request(); });
  provider.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 28; ++i) {
    provider.send("x-" + std::to_string(i) + ": 1\r\n");
    exchange.advance(10s);
    CHECK_FALSE(exchange.over());
  }
  provider.send("x-last: 1\r\n");
  exchange.advance(10s);
  REQUIRE(exchange.over());
  CHECK(exchange.fault() == FaultKind::first_byte_timeout);
  CHECK(provider.was_left());
}

TEST_CASE("a body may take its time as long as something comes within the idle limit") {
  for (const std::string framing :
       {"content-length: 100\r\n", "transfer-encoding: chunked\r\n", "connection: close\r\n"}) {
    CAPTURE(framing);
    Puppet provider;
    Timed exchange(endpoint_at(provider.port()));
    exchange.start();
    exchange.run_until([&] { return provider.got_request(); });
    provider.send("HTTP/1.1 200 OK\r\n" + framing + "\r\n");
    for (int i = 0; i < 10; ++i) {
      exchange.advance(280s);
      CHECK_FALSE(exchange.over());
      provider.send("1\r\nx\r\n");
    }
    exchange.advance(289s);
    CHECK_FALSE(exchange.over());
    exchange.advance(1s);
    REQUIRE(exchange.over());
    CHECK(exchange.got().status == 200);
    CHECK(exchange.fault() == FaultKind::idle_timeout);
    CHECK_FALSE(exchange.got().body.empty());
    CHECK(provider.was_left());
  }
}

namespace {

/// Reads one piece, leaves the rest lie until `go_on`, and reads that.
net::Task<void> read_slowly(TestLoop& world, const upstream::Request& request, net::Event& go_on,
                            Got& got, std::size_t& reads) {
  const upstream::Timeouts timeouts;
  net::StopSignal stop;
  upstream::Sent sent = co_await world.client().send(request, timeouts, stop);
  REQUIRE(sent);
  const std::unique_ptr<upstream::Reply> reply = *std::move(sent);
  for (;;) {
    const tl::expected<std::string_view, upstream::Fault> piece = co_await reply->read_some();
    ++reads;
    if (!piece) got.fault = piece.error();
    if (!piece || piece->empty()) break;
    got.body.append(*piece);
    co_await go_on.wait();
  }
  got.status = reply->status;
}

}  // namespace

TEST_CASE("the idle limit is the provider's: a reader may let the body lie for longer") {
  Puppet provider;
  const auto clock = std::make_shared<ManualClock>();
  TestLoop world(clock);
  const Endpoint endpoint = endpoint_at(provider.port());
  const upstream::Request request{endpoint};
  net::Event go_on(world.loop());
  Got got;
  std::size_t reads = 0;
  world.loop().spawn(read_slowly(world, request, go_on, got, reads));
  world.run_until([&] { return provider.got_request(); });
  provider.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst");
  world.run_until([&] { return reads == 1; });
  provider.send("later");
  clock->advance(600s);
  world.loop().deadlines().sweep();
  go_on.set();
  world.run_until([&] { return got.status != 0; });
  CHECK(got.whole());
  CHECK(got.body == "firstlater");
}

TEST_CASE("an exchange that never idles ends at the total limit") {
  Puppet provider;
  Timed exchange(endpoint_at(provider.port()));
  exchange.start();
  exchange.run_until([&] { return provider.got_request(); });
  provider.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
  for (int i = 0; i < 35; ++i) {
    exchange.advance(100s);
    CHECK_FALSE(exchange.over());
    provider.send("x");
  }
  exchange.advance(100s);
  REQUIRE(exchange.over());
  CHECK(exchange.fault() == FaultKind::total_timeout);
  CHECK(provider.was_left());
}

TEST_CASE("the total limit counts while nothing came yet, too") {
  Puppet provider;
  Timed exchange(endpoint_at(provider.port()));
  exchange.timeouts().total = 60s;
  exchange.start();
  exchange.run_until([&] { return provider.got_request(); });
  exchange.advance(60s);
  REQUIRE(exchange.over());
  CHECK(exchange.fault() == FaultKind::total_timeout);
}

TEST_CASE("a provider that does not read the body fails after the send limit") {
  Signal over;
  TcpProvider provider([&](ProviderConnection&) { over.wait(); });
  Timed exchange(endpoint_at(provider.port()));
  const std::string body(32 << 20, 'x');
  exchange.start(body);
  exchange.run_until([&] { return provider.accepted() == 1; });
  exchange.advance(289s);
  CHECK_FALSE(exchange.over());
  exchange.advance(1s);
  CHECK(exchange.over());
  CHECK(exchange.fault() == FaultKind::send_timeout);
  over.set();
}

TEST_CASE("an answer to a body that is never read counts, and the rest is not waited for") {
  Signal answered, over;
  TcpProvider provider([&](ProviderConnection& connection) {
    connection.send("HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig");
    answered.set();
    over.wait();
  });
  Timed exchange(endpoint_at(provider.port()));
  const std::string body(32 << 20, 'x');
  exchange.start(body);
  exchange.run_until([&] { return answered.is_set(); });
  exchange.advance(0s);
  CHECK(exchange.over());
  CHECK(exchange.got().status == 413);
  CHECK(exchange.got().body == "big");
  CHECK(exchange.world().client().pool().size() == 0);
  over.set();
}

TEST_CASE("a connection that nobody needs goes after a minute") {
  TcpProvider provider(always(sized_answer("body")));
  Timed exchange(endpoint_at(provider.port()));
  exchange.start();
  exchange.run_until([&] { return exchange.over(); });
  exchange.advance(59s);
  CHECK(exchange.world().client().pool().size() == 1);
  exchange.advance(1s);
  CHECK(exchange.world().client().pool().size() == 0);
}

}  // namespace routerone::test
