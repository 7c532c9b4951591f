#include "daemon/listener/acceptor.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "common/core/clock.h"
#include "tests/support/http_server.h"
#include "tests/support/raw_socket.h"

using namespace routerone;
using namespace routerone::test;

namespace {

const SystemClock system_clock;

/// One worker as the daemon has several.
struct Lane {
  explicit Lane(http::Handler& handler) : sessions(loop, handler, http::SessionOptions()) {}
  net::Loop loop{system_clock};
  http::Sessions sessions;
  std::thread thread;
};

}  // namespace

TEST_CASE("a free loopback address is bound, and known by its real port") {
  net::Loop loop(system_clock);
  const auto acceptor = Acceptor::bind(loop, {{"127.0.0.1", 0}, {"localhost", 0}});
  REQUIRE(acceptor);
  const std::vector<std::uint16_t> ports = (*acceptor)->ports();
  REQUIRE(ports.size() == 2);
  CHECK(ports[0] != 0);
  CHECK((*acceptor)->addresses()[0] == "127.0.0.1:" + std::to_string(ports[0]));
  CHECK((*acceptor)->addresses()[1] == "127.0.0.1:" + std::to_string(ports[1]));
  CHECK((*acceptor)->warning().empty());
}

TEST_CASE("an address that other machines could reach is refused") {
  net::Loop loop(system_clock);
  for (const std::string host : {"0.0.0.0", "::", "192.0.2.1", "2001:db8::1"}) {
    INFO(host);
    const auto acceptor = Acceptor::bind(loop, {{host, 0}});
    REQUIRE_FALSE(acceptor);
    CHECK(acceptor.error().kind == ErrorKind::invalid);
    CHECK(acceptor.error().message.find("loopback") != std::string::npos);
  }
  const auto nonsense = Acceptor::bind(loop, {{"not-an-address", 0}});
  REQUIRE_FALSE(nonsense);
  CHECK(nonsense.error().kind == ErrorKind::invalid);
}

TEST_CASE("a port that is taken is a conflict that says what to do") {
  net::Loop loop(system_clock);
  const Listening taken;
  const auto acceptor = Acceptor::bind(loop, {{"127.0.0.1", taken.port()}});
  REQUIRE_FALSE(acceptor);
  CHECK(acceptor.error().kind == ErrorKind::conflict);
  CHECK(acceptor.error().message.find(std::to_string(taken.port())) != std::string::npos);
  CHECK(acceptor.error().hint.find("--next-free") != std::string::npos);
}

TEST_CASE("without IPv6 the other addresses are served, with a warning; with it, both are") {
  net::Loop loop(system_clock);
  const auto acceptor = Acceptor::bind(loop, {{"127.0.0.1", 0}, {"::1", 0}});
  REQUIRE(acceptor);
  const bool both = (*acceptor)->ports().size() == 2;
  CHECK(both == (*acceptor)->warning().empty());
  if (both) {
    CHECK((*acceptor)->addresses()[1].starts_with("[::1]:"));
  } else {
    CHECK((*acceptor)->warning().find("[::1]") != std::string::npos);
    CHECK_FALSE(Acceptor::bind(loop, {{"::1", 0}}));
  }
}

TEST_CASE("connections go round the workers, and none is taken after the stop") {
  std::set<net::Loop*> loops;
  std::mutex mutex;
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    {
      const std::lock_guard lock(mutex);
      loops.insert(&exchange.loop());
    }
    co_await ScriptedHandler::echo(exchange);
  });
  Lane first(handler), second(handler);
  auto bound = Acceptor::bind(first.loop, {{"127.0.0.1", 0}});
  REQUIRE(bound);
  Acceptor& acceptor = **bound;
  acceptor.start({{&first.loop, &first.sessions}, {&second.loop, &second.sessions}});
  for (Lane* lane : {&first, &second}) {
    lane->thread = std::thread([lane] { lane->loop.run(); });
  }
  const std::uint16_t port = acceptor.ports()[0];
  for (int i = 0; i < 10; ++i) {
    RawSocket caller(port);
    caller.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(caller.read_answer().status == 200);
    CHECK(caller.read_all() == "");
  }
  CHECK(loops.size() == 2);
  CHECK(acceptor.accepted() == 10);

  std::promise<void> stopped;
  first.loop.post([&] {
    acceptor.stop();
    stopped.set_value();
  });
  stopped.get_future().wait();
  CHECK_FALSE(RawSocket(port).connected());
  for (Lane* lane : {&first, &second}) {
    std::promise<void> closed;
    lane->loop.post([&] {
      lane->sessions.close_all();
      closed.set_value();
    });
    closed.get_future().wait();
    std::size_t open = 1;
    while (open > 0) {
      std::promise<std::size_t> count;
      lane->loop.post([&] { count.set_value(lane->sessions.count()); });
      open = count.get_future().get();
    }
    lane->loop.stop();
    lane->thread.join();
  }
}

TEST_CASE(
    "sockets that were opened for us are listened at, and stay open with whoever opened them") {
  ScriptedHandler handler(
      [&](http::Exchange& exchange) -> net::Task<void> { return ScriptedHandler::echo(exchange); });
  const Listening theirs;
  std::vector<Descriptor> passed;
  passed.emplace_back(::dup(theirs.fd()));
  Lane lane(handler);
  auto adopted = Acceptor::adopt(lane.loop, std::move(passed));
  REQUIRE(adopted);
  CHECK((*adopted)->ports() == std::vector<std::uint16_t>{theirs.port()});
  (*adopted)->start({{&lane.loop, &lane.sessions}});
  lane.thread = std::thread([&] { lane.loop.run(); });
  {
    RawSocket caller(theirs.port());
    caller.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(caller.read_answer().status == 200);
  }
  std::promise<void> stopped;
  lane.loop.post([&] {
    (*adopted)->stop();
    lane.sessions.close_all();
    stopped.set_value();
  });
  stopped.get_future().wait();
  CHECK(RawSocket(theirs.port()).connected());  // it waits for the next daemon
  lane.loop.stop();
  lane.thread.join();
}

TEST_CASE("a socket that other machines could reach is refused though it was opened for us") {
  net::Loop loop(system_clock);
  std::vector<Descriptor> passed;
  passed.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in everywhere{};
  everywhere.sin_family = AF_INET;
  REQUIRE(::bind(passed[0].get(), reinterpret_cast<sockaddr*>(&everywhere), sizeof everywhere) ==
          0);
  REQUIRE(::listen(passed[0].get(), 1) == 0);
  const auto refused = Acceptor::adopt(loop, std::move(passed));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("loopback") != std::string::npos);
}
