#include "daemon/websocket/connection.h"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>

#include "daemon/websocket/handshake.h"
#include "tests/support/http_server.h"
#include "tests/support/web_caller.h"

using namespace routerone;
using namespace routerone::test;

namespace {

using Script = std::function<net::Task<void>(websocket::Connection&, net::Loop&)>;

/// A server that opens every WebSocket and plays a script on it.
struct World {
  explicit World(Script script, websocket::Options given = {}) : options(given) {
    play = std::move(script);
  }

  net::Task<void> serve(http::Exchange& exchange) {
    const auto accept = websocket::accept_handshake(exchange.head());
    websocket::Connection connection(exchange, options);
    const bool open = co_await connection.open(*accept, {});
    if (open) co_await play(connection, exchange.loop());
    co_await connection.close();
    over = connection.over();
  }

  websocket::Options options;
  Script play;
  std::atomic<bool> over{false};
  ScriptedHandler handler{[this](http::Exchange& exchange) { return serve(exchange); }};
  HttpServer server{handler};
};

net::Task<void> say(websocket::Connection& connection, const std::string& text) {
  const std::array<std::string_view, 1> texts = {text};
  co_await connection.send(texts);
}

net::Task<void> echo(websocket::Connection& connection, net::Loop&) {
  for (;;) {
    std::optional<std::string> message = co_await connection.next();
    if (!message) co_return;
    co_await say(connection, *message);
  }
}

template <class Condition>
void await(const Condition& condition) {
  for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(Millis(1));
  CHECK(condition());
}

}  // namespace

TEST_CASE("messages come one by one and are answered in order, however large") {
  World world(echo);
  WebCaller caller(world.server.port(), "");
  const std::string large(300'000, 'x');
  caller.send_bytes(text_frame("one") + text_frame(large) + text_frame("three"));
  CHECK(caller.hear().payload == "one");
  CHECK(caller.hear().payload == large);
  CHECK(caller.hear().payload == "three");
}

TEST_CASE("a connection on which nothing is asked ends after its idle time, normally") {
  websocket::Options options;
  options.idle = Millis(30);
  World world(echo, options);
  WebCaller caller(world.server.port(), "");
  const auto close = caller.hear();
  CHECK(close.opcode == 8);
  CHECK(close.code() == 1000);
}

TEST_CASE("work is no idle time") {
  websocket::Options options;
  options.idle = Millis(30);
  World world(
      [](websocket::Connection& connection, net::Loop& loop) -> net::Task<void> {
        co_await connection.next();
        co_await net::sleep_for(loop, Millis(150));
        co_await say(connection, "done");
        co_await connection.next();
      },
      options);
  WebCaller caller(world.server.port(), "");
  caller.send("work");
  CHECK(caller.hear().payload == "done");
  CHECK(caller.hear().code() == 1000);
}

TEST_CASE("what does not fit the memory that all share ends the connection, to be tried again") {
  http::BodyBudget budget;
  budget.limit = 10'000;
  websocket::Options options;
  options.budget = &budget;
  World world(echo, options);
  WebCaller caller(world.server.port(), "");
  caller.send_bytes(wire({1, std::string(20'000, 'x'), false}));
  CHECK(caller.hear().code() == 1013);
  caller.socket().close();
  await([&] { return world.server.sessions() == 0; });
  CHECK(budget.used == 0);
}

TEST_CASE("a caller that leaves while it is worked for is noticed at once") {
  std::atomic<bool> stopped{false};
  World world([&](websocket::Connection& connection, net::Loop& loop) -> net::Task<void> {
    co_await connection.next();
    net::StopSignal stop;
    const websocket::Connection::Watch watch(connection, stop);
    while (!stop.requested()) co_await net::sleep_for(loop, Millis(1));
    stopped = true;
  });
  const auto leaves = [&](const std::function<void(WebCaller&)>& leave) {
    stopped = false;
    WebCaller caller(world.server.port(), "");
    caller.send("work");
    leave(caller);
    await([&] { return stopped.load(); });
  };
  leaves([](WebCaller& caller) { caller.socket().reset(); });
  leaves([](WebCaller& caller) { caller.socket().half_close(); });
  leaves([](WebCaller& caller) { caller.send_bytes(closing_frame(1000)); });
  leaves([](WebCaller& caller) {
    caller.send_bytes("\x01");
    caller.send_bytes("nonsense");
  });
}

TEST_CASE("a caller that reads slowly gets all that is sent, and pongs between, not inside") {
  constexpr int count = 800;  // more than any kernel holds for us
  const std::string large(50'000, 'y');
  World world([&](websocket::Connection& connection, net::Loop&) -> net::Task<void> {
    co_await connection.next();
    for (int i = 0; i < count; ++i) co_await say(connection, large);
    co_await say(connection, "end");
    co_await connection.next();
  });
  WebCaller caller(world.server.port(), "");
  caller.send("go");
  for (int i = 0; i < 50; ++i) caller.send_bytes(wire({9, "p" + std::to_string(i)}));
  int messages = 0, pongs = 0;
  for (;;) {
    const auto heard = caller.hear();
    REQUIRE((heard.opcode == 1 || heard.opcode == 10));
    if (heard.opcode == 10) {
      ++pongs;
      continue;
    }
    if (heard.payload == "end") break;
    REQUIRE(heard.payload == large);
    ++messages;
  }
  CHECK(messages == count);
  CHECK(pongs > 0);
}
