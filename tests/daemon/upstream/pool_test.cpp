#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/tcp_provider.h"
#include "tests/support/test_loop.h"

namespace routerone::test {
namespace {

using upstream::FaultKind;

const std::string chunks = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// How many connections two requests in a row need, if each is answered so.
std::size_t connections_for(const std::string& answer) {
  TcpProvider provider(always(answer));
  TestLoop world;
  const Endpoint endpoint = endpoint_at(provider.port());
  CHECK(world.post(endpoint).whole());
  CHECK(world.post(endpoint).whole());
  return provider.accepted();
}

/// One request whose answer is read up to and including `until`, and then left alone.
net::Task<void> read_until(TestLoop& world, const upstream::Request& request, std::string until,
                           bool& done) {
  const upstream::Timeouts timeouts = patient();
  net::StopSignal stop;
  upstream::Sent sent = co_await world.client().send(request, timeouts, stop);
  if (sent) {
    const std::unique_ptr<upstream::Reply> reply = *std::move(sent);
    std::string seen;
    while (seen.find(until) == std::string::npos) {
      const tl::expected<std::string_view, upstream::Fault> piece = co_await reply->read_some();
      if (!piece || piece->empty()) break;
      seen.append(*piece);
    }
    reply->want_no_more();
  }
  done = true;
}

void leave_after(TestLoop& world, const Endpoint& endpoint, std::string until) {
  const upstream::Request request{endpoint};
  bool done = false;
  world.loop().spawn(read_until(world, request, std::move(until), done));
  world.run_until([&] { return done; });
}

/// Answers one request, then does `after` when the test says so, and tells when it is done.
TcpProvider::Script answer_then(Signal& go, Signal& gone,
                                std::function<void(ProviderConnection&)> after) {
  return [&go, &gone, after = std::move(after)](ProviderConnection& connection) {
    connection.read_request();
    connection.send(sized_answer("first"));
    go.wait();
    after(connection);
    gone.set();
  };
}

}  // namespace

TEST_CASE("requests in a row use one connection") {
  CHECK(connections_for(sized_answer("body")) == 1);
  CHECK(connections_for(sized_answer("")) == 1);
  CHECK(connections_for(chunks + "3\r\nabc\r\n0\r\n\r\n") == 1);
}

TEST_CASE("a connection is not used again when the provider says so or cannot") {
  CHECK(connections_for(sized_answer("body", "connection: close\r\n")) == 2);
  CHECK(connections_for("HTTP/1.0 200 OK\r\ncontent-length: 4\r\n\r\nbody") == 2);
}

TEST_CASE("bytes behind an answer never become part of the next") {
  const std::string forged = sized_answer("forged");
  CHECK(connections_for(sized_answer("body") + forged) == 2);
  CHECK(connections_for(sized_answer("body") + "x") == 2);
  CHECK(connections_for(chunks + "3\r\nabc\r\n0\r\n\r\n" + forged) == 2);
  CHECK(connections_for("HTTP/1.1 204 No Content\r\n\r\n" + forged) == 2);
}

TEST_CASE("bytes that come while a connection rests end it") {
  Signal go, gone;
  TcpProvider provider(
      {answer_then(go, gone,
                   [](ProviderConnection& connection) { connection.send(sized_answer("forged")); }),
       always(sized_answer("second"))});
  TestLoop world;
  const Endpoint endpoint = endpoint_at(provider.port());
  CHECK(world.post(endpoint).body == "first");
  go.set();
  REQUIRE(gone.wait());
  CHECK(world.post(endpoint).body == "second");
  CHECK(provider.accepted() == 2);
}

TEST_CASE("a connection that the provider closed while it rested is silently replaced") {
  for (const bool politely : {true, false}) {
    Signal go, gone;
    TcpProvider provider({answer_then(go, gone,
                                      [politely](ProviderConnection& connection) {
                                        if (politely) return connection.close();
                                        connection.reset();
                                      }),
                          always(sized_answer("second"))});
    TestLoop world;
    const Endpoint endpoint = endpoint_at(provider.port());
    CHECK(world.post(endpoint).body == "first");
    go.set();
    REQUIRE(gone.wait());
    const Got got = world.post(endpoint);
    CHECK(got.body == "second");
    CHECK(provider.accepted() == 2);
  }
}

TEST_CASE("a request is sent again if its used connection dies before any byte of an answer") {
  for (const bool politely : {true, false}) {
    const auto die = [politely](ProviderConnection& connection) {
      connection.read_request();
      connection.send(sized_answer("first"));
      connection.read_request();
      politely ? connection.close() : connection.reset();
    };
    TcpProvider provider({die, always(sized_answer("again"))});
    TestLoop world;
    const Endpoint endpoint = endpoint_at(provider.port());
    CHECK_FALSE(world.post(endpoint).replayed);
    const Got got = world.post(endpoint, "{\"n\":2}");
    CHECK(got.whole());
    CHECK(got.body == "again");
    CHECK(got.replayed);
    CHECK(provider.accepted() == 2);
  }
}

TEST_CASE("a request is sent again once and no more") {
  TcpProvider provider({[](ProviderConnection& connection) {
                          connection.read_request();
                          connection.send(sized_answer("first"));
                          connection.read_request();
                          connection.reset();
                        },
                        [](ProviderConnection& connection) {
                          connection.read_request();
                          connection.reset();
                        }});
  TestLoop world;
  const Endpoint endpoint = endpoint_at(provider.port());
  CHECK(world.post(endpoint).body == "first");
  CHECK(world.post(endpoint).failed_as(FaultKind::closed_before_head));
  CHECK(provider.accepted() == 2);
}

TEST_CASE("a request on a fresh connection is never sent again") {
  TcpProvider provider([](ProviderConnection& connection) {
    connection.read_request();
    connection.reset();
  });
  TestLoop world;
  CHECK(world.post(endpoint_at(provider.port())).failed_as(FaultKind::closed_before_head));
  CHECK(provider.accepted() == 1);
}

TEST_CASE("a request is not sent again once a byte of its answer came") {
  TcpProvider provider([](ProviderConnection& connection) {
    connection.read_request();
    connection.send(sized_answer("first"));
    connection.read_request();
    connection.send("H");
    connection.close();
  });
  TestLoop world;
  const Endpoint endpoint = endpoint_at(provider.port());
  CHECK(world.post(endpoint).body == "first");
  CHECK(world.post(endpoint).failed_as(FaultKind::closed_before_head));
  CHECK(provider.accepted() == 1);
}

TEST_CASE("many rounds of a provider that closes as the next request comes show no error") {
  TcpProvider provider([](ProviderConnection& connection) {
    connection.read_request();
    connection.send(sized_answer("body"));
    connection.close();  // though it did not say so
  });
  TestLoop world;
  const Endpoint endpoint = endpoint_at(provider.port());
  int failures = 0;
  for (int i = 0; i < 300; ++i) failures += world.post(endpoint).whole() ? 0 : 1;
  CHECK(failures == 0);
}

TEST_CASE("an answer left before its end takes its connection with it") {
  TcpProvider provider([](ProviderConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    connection.wait_until_closed();
  });
  TestLoop world;
  leave_after(world, endpoint_at(provider.port()), "half");
  CHECK(world.client().pool().size() == 0);
}

TEST_CASE("connections are shared by those of one origin only") {
  TcpProvider one(always(sized_answer("one"))), two(always(sized_answer("two")));
  TestLoop world;
  const Endpoint first = endpoint_at(one.port());
  const Endpoint second = endpoint_at(two.port());
  Endpoint other_trust = first;
  other_trust.ca_file = "another.pem";
  for (int i = 0; i < 2; ++i) {
    CHECK(world.post(first).body == "one");
    CHECK(world.post(second).body == "two");
    CHECK(world.post(other_trust).body == "one");
  }
  CHECK(one.accepted() == 2);
  CHECK(two.accepted() == 1);
  CHECK(world.client().pool().size() == 3);
}

namespace {

/// So many requests at the same time, each answered whole.
void post_at_once(TestLoop& world, const Endpoint& endpoint, std::size_t count) {
  const upstream::Request request{endpoint};
  const upstream::Timeouts timeouts = patient();
  std::vector<Got> got(count);
  std::vector<net::StopSignal> stops(count);
  std::size_t over = 0;
  for (std::size_t i = 0; i < count; ++i) {
    world.loop().spawn(world.converse(request, timeouts, stops[i], got[i], over));
  }
  world.run_until([&] { return over == count; });
  CHECK(std::ranges::all_of(got, [](const Got& each) { return each.whole(); }));
}

}  // namespace

TEST_CASE("requests at the same time have connections of their own, and all are kept") {
  TcpProvider provider(always(sized_answer("body")));
  TestLoop world;
  for (int round = 0; round < 2; ++round) {
    post_at_once(world, endpoint_at(provider.port()), 20);
    CHECK(provider.accepted() == 20);
    CHECK(world.client().pool().size() == 20);
  }
}

TEST_CASE("no more than so many connections rest") {
  TcpProvider provider(always(sized_answer("body")));
  TestLoop world;
  post_at_once(world, endpoint_at(provider.port()), upstream::Pool::most_idle + 10);
  CHECK(world.client().pool().size() == upstream::Pool::most_idle);
}

TEST_CASE(
    "a reader that has all it wants leaves the connection usable if only the end is to come") {
  SUBCASE("the end is there already") {
    TcpProvider provider(always(chunks + "4\r\nDONE\r\n0\r\n\r\n"));
    TestLoop world;
    const Endpoint endpoint = endpoint_at(provider.port());
    for (int i = 0; i < 3; ++i) {
      leave_after(world, endpoint, "DONE");
      world.run_until([&] { return world.client().pool().size() == 1; });
    }
    CHECK(provider.accepted() == 1);
  }
  SUBCASE("the end comes a moment later") {
    Signal left;
    TcpProvider provider([&](ProviderConnection& connection) {
      connection.read_request();
      connection.send(chunks + "4\r\nDONE\r\n");
      left.wait();
      connection.drip("0\r\n\r\n", Millis(1));
      always(sized_answer("next"))(connection);
    });
    TestLoop world;
    const Endpoint endpoint = endpoint_at(provider.port());
    leave_after(world, endpoint, "DONE");
    CHECK(world.client().pool().size() == 0);
    left.set();
    world.run_until([&] { return world.client().pool().size() == 1; });
    CHECK(world.post(endpoint).body == "next");
    CHECK(provider.accepted() == 1);
  }
}

TEST_CASE("a reader that leaves while more of the body comes closes the connection") {
  for (const std::string& rest : {std::string("4\r\nmore\r\n0\r\n\r\n"), std::string("junk\r\n"),
                                  std::string("0\r\n\r\nextra")}) {
    CAPTURE(rest);
    Signal left, closed;
    TcpProvider provider([&](ProviderConnection& connection) {
      connection.read_request();
      connection.send(chunks + "4\r\nDONE\r\n");
      left.wait();
      connection.send(rest);
      if (connection.wait_until_closed()) closed.set();
    });
    TestLoop world;
    leave_after(world, endpoint_at(provider.port()), "DONE");
    left.set();
    world.run_until([&] { return closed.is_set(); });
    CHECK(world.client().pool().size() == 0);
  }
}

}  // namespace routerone::test
