#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "tests/support/http_server.h"
#include "tests/support/raw_socket.h"

using namespace routerone;
using namespace routerone::test;

namespace {

const std::string request = "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string old_request = "GET /stream HTTP/1.0\r\n\r\n";

/// Waits for what a server's thread will make so; doctest's timeout is for what it will not.
template <class Condition>
void await(const Condition& condition) {
  for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(Millis(1));
  CHECK(condition());
}

}  // namespace

TEST_CASE("a streamed answer arrives piece by piece, and its end is marked") {
  std::atomic<bool> go_on{false};
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    head.fields.push_back({"content-type", "text/event-stream"});
    co_await exchange.start(head, true);
    const std::string_view first = "first;";
    co_await exchange.write(first);
    while (!go_on) co_await net::sleep_for(exchange.loop(), Millis(1));
    const std::array<std::string_view, 3> pieces = {"sec", "", "ond;"};
    co_await exchange.write(std::span<const std::string_view>(pieces));
    const std::string_view nothing;
    co_await exchange.write(nothing);
    const std::string_view last = "last";
    co_await exchange.finish(last);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(request + request);
  CHECK(caller.read_until("first;"));
  CHECK(caller.unread().find("second") == std::string::npos);
  go_on = true;
  for (int i = 0; i < 2; ++i) {
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.whole);
    CHECK(answer.body == "first;second;last");
  }
}

TEST_CASE("a head that is not flushed goes out with the first bytes") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    co_await exchange.start(head, false);
    const bool nothing_yet = exchange.bytes_sent() == 0 && exchange.head_sent();
    const std::string_view last = nothing_yet ? "held" : "sent";
    co_await exchange.finish(last);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(request);
  CHECK(caller.read_answer().body == "held");
}

TEST_CASE("an empty stream is a whole answer") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    co_await exchange.start(head, false);
    const std::string_view nothing;
    co_await exchange.finish(nothing);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(request);
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.whole);
  CHECK(answer.body == "");
}

TEST_CASE("nobody takes an aborted answer for a whole one") {
  const auto start_and = [](bool forget) {
    return [forget](http::Exchange& exchange) -> net::Task<void> {
      http::AnswerHead head;
      co_await exchange.start(head, true);
      const std::string_view piece = "half";
      co_await exchange.write(piece);
      if (!forget) exchange.abort();
    };
  };
  for (const bool forget : {false, true}) {
    ScriptedHandler handler(start_and(forget));
    HttpServer server(handler);
    RawSocket caller(server.port());
    caller.send(request + request);
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.body == "half");
    CHECK_FALSE(answer.whole);
    CHECK(handler.called().size() == 1);
    RawSocket old(server.port());
    old.send(old_request);
    CHECK_FALSE(old.read_answer().whole);
    CHECK(old.fate() == Fate::reset);
  }
}

TEST_CASE("a handler that answers nothing leaves a closed connection") {
  ScriptedHandler handler([](http::Exchange&) -> net::Task<void> { co_return; });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(request + request);
  CHECK(caller.read_all() == "");
  CHECK(handler.called().size() == 1);
}

TEST_CASE("HTTP/1.0 gets a stream without chunks, ended by the connection's end") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    co_await exchange.start(head, false);
    const std::string_view piece = "12345";
    co_await exchange.write(piece);
    co_await exchange.finish(piece);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.field("transfer-encoding") == "");
  CHECK(answer.field("connection") == "close");
  CHECK(answer.body == "1234512345");
  CHECK(answer.whole);
}

TEST_CASE("a caller that leaves is noticed while the handler waits for something else") {
  std::atomic<int> gone{0};
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    const auto body = co_await exchange.read_body();
    if (!body) co_return;
    net::Event left(exchange.loop());
    net::StopSignal::Listener listener(exchange.gone(), [&left] { left.set(); });
    co_await left.wait();
    http::AnswerHead head;
    const std::string_view text = "to nobody";
    const bool there = co_await exchange.reply(head, text);
    if (!there) ++gone;
  });
  HttpServer server(handler);
  const std::string posted = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  int expected = 0;
  for (const std::string& wire : {request, posted}) {
    for (const bool by_reset : {false, true}) {
      RawSocket caller(server.port());
      caller.send(wire);
      const std::size_t calls = static_cast<std::size_t>(expected) + 1;
      await([&] { return handler.called().size() == calls; });
      by_reset ? caller.reset() : caller.close();
      ++expected;
      await([&] { return gone == expected; });
    }
  }
  RawSocket slowly(server.port());
  slowly.send(request);
  slowly.half_close();
  await([&] { return handler.called().size() == 5; });
  CHECK(gone == expected);
  slowly.close();
  await([&] { return gone == expected + 1; });
}

TEST_CASE("a slow reader holds the writer back") {
  constexpr std::size_t total = 64 << 20;
  std::atomic<std::size_t> written{0};
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    const std::string piece(16 << 10, 'x');
    const std::string_view bytes = piece;
    http::AnswerHead head;
    bool there = co_await exchange.start(head, true);
    while (there && written < total) {
      there = co_await exchange.write(bytes);
      if (there) written += piece.size();
    }
    co_await exchange.finish({});
  });
  HttpServer server(handler);
  RawSocket caller(server.port(), 16 << 10);
  caller.send(request);
  std::size_t before = 1;
  while (before != written) {  // until it moves no more
    before = written;
    std::this_thread::sleep_for(Millis(200));
  }
  CHECK(written > 0);
  CHECK(written < total / 4);
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.whole);
  CHECK(answer.body.size() == total);
}

TEST_CASE("a caller that reads nothing for too long is gone") {
  std::atomic<bool> gone{false};
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    const std::string piece(64 << 10, 'x');
    const std::string_view bytes = piece;
    http::AnswerHead head;
    bool there = co_await exchange.start(head, true);
    while (there) there = co_await exchange.write(bytes);
    gone = exchange.gone().requested();
  });
  http::SessionOptions options;
  options.write_stall = Millis(50);
  HttpServer server(handler, options);
  RawSocket caller(server.port(), 16 << 10);
  caller.send(request);
  await([&] { return gone.load(); });
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.status == 200);
  CHECK_FALSE(answer.whole);
}

TEST_CASE("a prepared head can be let go alone, before there is anything to say") {
  std::atomic<std::uint64_t> head_bytes{0};
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    exchange.prepare(head);
    exchange.try_write("");
    head_bytes = exchange.bytes_sent();
    exchange.try_write("");
    const std::string_view last = "data: end\n\n";
    co_await exchange.start(head, true);
    co_await exchange.finish(last);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(request);
  const WireAnswer answer = caller.read_answer();
  CHECK(head_bytes > 0);
  CHECK(answer.whole);
  CHECK(answer.body == "data: end\n\n");
}

TEST_CASE("what is tried goes out whole or not at all") {
  std::atomic<int> tried{0};
  std::atomic<std::size_t> filled{0};
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    exchange.prepare(head);
    exchange.try_write(":first\n\n");
    for (int i = 0; i < 20'000; ++i) {  // far beyond what the kernel takes for a caller asleep
      exchange.try_write(std::string(1000, 'k') + "\n\n");
      ++tried;
    }
    filled = exchange.bytes_sent();
    const std::string_view last = "data: end\n\n";
    co_await exchange.start(head, true);
    co_await exchange.finish(last);
  });
  HttpServer server(handler);
  RawSocket caller(server.port(), 16 << 10);
  caller.send(request);
  await([&] { return tried == 20'000; });
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.whole);
  CHECK(filled < 20'000'000);
  CHECK(answer.body.starts_with(":first\n\n"));
  CHECK(answer.body.ends_with("data: end\n\n"));
  const std::size_t comments =
      answer.body.size() - std::string_view(":first\n\ndata: end\n\n").size();
  CHECK(comments % 1002 == 0);
  CHECK(comments > 0);
}
