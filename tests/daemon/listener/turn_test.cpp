#include "daemon/listener/turn.h"

#include <doctest/doctest.h>

#include <string>

#include "daemon/dialect/registry.h"
#include "daemon/websocket/handshake.h"
#include "tests/support/http_server.h"
#include "tests/support/web_caller.h"

using namespace routerone;
using namespace routerone::test;

namespace {

using Script = std::function<net::Task<void>(Turn&)>;

/// A server that makes a turn of the first message of each WebSocket, and plays a script on it.
struct World {
  explicit World(Script script) : play(std::move(script)) {}

  net::Task<void> serve(http::Exchange& exchange) {
    const dialect::Match match = dialect::match("/v1/responses", {});
    const auto conversation = match.dialect->converse(*match.operation, 1 << 20);
    const auto accept = websocket::accept_handshake(exchange.head());
    const websocket::Options options;
    websocket::Connection connection(exchange, options);
    co_await connection.open(*accept, {});
    std::optional<std::string> message = co_await connection.next();
    if (message) {
      Turn turn(exchange.loop(), connection, *conversation, exchange.head(), *message);
      co_await play(turn);
    }
    co_await connection.close();
  }

  Script play;
  ScriptedHandler handler{[this](http::Exchange& exchange) { return serve(exchange); }};
  HttpServer server{handler};
};

}  // namespace

TEST_CASE("a message is the body, and events are messages, in however many writes they come") {
  World world([](Turn& turn) -> net::Task<void> {
    const auto body = co_await turn.read_body();
    const std::string first = "data: " + std::string(*body) + "\n\nda";
    const std::string_view second = "ta: two\n\n", last = "data: three\n";
    http::AnswerHead head;
    co_await turn.start(head, true);
    co_await turn.write(first);
    co_await turn.write(second);
    co_await turn.finish(last);
  });
  WebCaller caller(world.server.port(), "");
  caller.send("one");
  for (const char* text : {"one", "two", "three"}) CHECK(caller.hear().payload == text);
  CHECK(caller.hear().opcode == 8);
}

TEST_CASE(
    "a keep-alive is a message where it carries data, else a ping and a message that is life") {
  World world([](Turn& turn) -> net::Task<void> {
    turn.try_write("event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":3}\n\n");
    turn.try_write(": keep-alive\n");
    co_return;
  });
  WebCaller caller(world.server.port(), "");
  caller.send("go");
  CHECK(caller.hear().json()["sequence_number"] == 3);
  CHECK(caller.hear().opcode == 9);
  CHECK(caller.hear().type() == "keepalive");
}

TEST_CASE("a refusal is one message with its status") {
  World world([](Turn& turn) -> net::Task<void> {
    http::AnswerHead head;
    head.status = 429;
    const std::string_view body = R"({"error":{"code":"c"}})";
    co_await turn.reply(head, body);
  });
  WebCaller caller(world.server.port(), "");
  caller.send("go");
  const auto told = caller.hear().json();
  CHECK(told["status"] == 429);
  CHECK(told["error"]["code"] == "c");
}
