#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/http_server.h"
#include "tests/support/raw_socket.h"

using namespace routerone;
using namespace routerone::test;

namespace {

std::string get(const std::string& target, const std::string& lines = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n";
}

std::string sized(const std::string& target, const std::string& body) {
  return "POST " + target +
         " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string chunked(const std::string& target, const std::string& body) {
  std::string text =
      "POST " + target + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 7) {
    const std::string piece = body.substr(at, 7);
    text += std::to_string(piece.size()) + ";x=y\r\n" + piece + "\r\n";
  }
  return text + "0\r\nX-Trailer: z\r\n\r\n";
}

net::Task<void> answer_without_reading(http::Exchange& exchange) {
  http::AnswerHead head;
  const std::string_view body = "no need";
  head.body_length = body.size();
  co_await exchange.reply(head, body);
}

}  // namespace

TEST_CASE("a connection serves one request after the other") {
  ScriptedHandler handler;
  HttpServer server(handler);
  RawSocket caller(server.port());
  for (const std::string target : {"/a", "/b", "/c"}) {
    caller.send(sized(target, "body of " + target));
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.body == "body of " + target);
    CHECK(answer.field("connection") == "");
  }
  caller.send(get("/d", "Connection: close\r\n"));
  CHECK(caller.read_answer().field("connection") == "close");
  CHECK(caller.read_all() == "");
  CHECK(caller.fate() == Fate::closed);
}

TEST_CASE("pipelined requests are answered in their order") {
  ScriptedHandler handler;
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(get("/1") + sized("/2", "two") + "\r\n" + chunked("/3", "three and a half") +
              "\r\n\r\n" + get("/4", "Connection: close\r\n") + get("/5"));
  CHECK(caller.read_answer().field("x-target") == "/1");
  CHECK(caller.read_answer().body == "two");
  CHECK(caller.read_answer().body == "three and a half");
  CHECK(caller.read_answer().field("x-target") == "/4");
  CHECK(caller.read_all() == "");
  CHECK(handler.called() == std::vector<std::string>{"/1", "/2", "/3", "/4"});
}

TEST_CASE("many more pipelined requests than are read ahead are all answered") {
  ScriptedHandler handler;
  HttpServer server(handler);
  RawSocket caller(server.port());
  std::string all;
  for (int i = 0; i < 500; ++i) all += sized("/" + std::to_string(i), std::string(300, 'x'));
  std::thread sending([&] { caller.send(all); });
  for (int i = 0; i < 500; ++i) {
    CHECK(caller.read_answer().field("x-target") == "/" + std::to_string(i));
  }
  sending.join();
}

TEST_CASE("requests are read the same however their bytes arrive") {
  ScriptedHandler handler;
  HttpServer server(handler);
  CHECK(rc::check("any bodies in any framing at any splits", [&server] {
    const auto bodies = *rc::gen::container<std::vector<std::string>>(
        rc::gen::resize(60, rc::gen::container<std::string>(rc::gen::arbitrary<char>())));
    std::string wire;
    for (const std::string& body : bodies) {
      wire += *rc::gen::arbitrary<bool>() ? sized("/x", body) : chunked("/x", body);
    }
    RawSocket caller(server.port());
    for (std::size_t at = 0; at < wire.size();) {
      const auto size = *rc::gen::inRange<std::size_t>(1, 120);
      caller.send(std::string_view(wire).substr(at, size));
      at += size;
      if (size % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    for (const std::string& body : bodies) RC_ASSERT(caller.read_answer().body == body);
  }));
}

TEST_CASE("a large body arrives whole in either framing") {
  ScriptedHandler handler;
  HttpServer server(handler);
  std::string body;
  while (body.size() < 5'000'000) body += std::to_string(body.size());
  for (const std::string& wire : {sized("/x", body), chunked("/x", body)}) {
    RawSocket caller(server.port());
    std::thread sending([&] { caller.send(wire); });
    const WireAnswer answer = caller.read_answer();
    sending.join();
    CHECK(answer.status == 200);
    CHECK((answer.body == body));
  }
}

TEST_CASE("100 Continue is sent when the body is wanted, and only then") {
  const std::string head =
      "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  SUBCASE("wanted") {
    ScriptedHandler handler;
    HttpServer server(handler);
    RawSocket caller(server.port());
    caller.send(head);
    CHECK(caller.read_answer().status == 100);
    caller.send("abc");
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.status == 200);
    CHECK(answer.body == "abc");
    caller.send(get("/again"));
    CHECK(caller.read_answer().status == 200);
  }
  SUBCASE("not wanted: the answer comes alone, and what may follow is no request") {
    ScriptedHandler handler(answer_without_reading);
    HttpServer server(handler);
    RawSocket caller(server.port());
    caller.send(head);
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.status == 200);
    caller.send(get("/smuggled"));
    CHECK(caller.read_all() == "");
    CHECK(handler.called().size() == 1);
  }
  SUBCASE("already there: no need to ask") {
    ScriptedHandler handler;
    HttpServer server(handler);
    RawSocket caller(server.port());
    caller.send(head + "abc");
    CHECK(caller.read_answer().body == "abc");
  }
}

TEST_CASE("a body that nobody read is never taken for a request") {
  ScriptedHandler handler(answer_without_reading);
  HttpServer server(handler);
  SUBCASE("a short one is read past") {
    RawSocket caller(server.port());
    caller.send(sized("/a", get("/smuggled")) + get("/b"));
    CHECK(caller.read_answer().status == 200);
    CHECK(caller.read_answer().status == 200);
    CHECK(handler.called() == std::vector<std::string>{"/a", "/b"});
  }
  SUBCASE("a chunked or long one ends the connection") {
    for (const std::string& wire : {chunked("/a", get("/smuggled")) + get("/b"),
                                    sized("/a", std::string(100'000, 'x')) + get("/b")}) {
      RawSocket caller(server.port());
      caller.send(wire);
      CHECK(caller.read_answer().status == 200);
      CHECK(caller.read_all() == "");
    }
    CHECK(handler.called() == std::vector<std::string>{"/a", "/a"});
  }
}

TEST_CASE("HEAD is answered with the head that GET would have, and no body") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    if (exchange.head().path == "/whole") {
      const std::string_view body = "12345";
      co_await exchange.reply(head, body);
    } else {
      co_await exchange.start(head, false);
      const std::string_view piece = "12345";
      co_await exchange.write(piece);
      co_await exchange.finish(piece);
    }
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send("HEAD /whole HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(caller.read_answer(true).field("content-length") == "5");
  caller.send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(caller.read_answer(true).field("transfer-encoding") == "chunked");
  caller.send(get("/stream"));
  CHECK(caller.read_answer().body == "1234512345");
  CHECK(caller.unread() == "");
}

TEST_CASE("HTTP/1.0 is closed after its answer, unless it asks otherwise") {
  ScriptedHandler handler;
  HttpServer server(handler);
  RawSocket plain(server.port());
  plain.send("GET /a HTTP/1.0\r\n\r\n");
  CHECK(plain.read_answer().field("connection") == "close");
  CHECK(plain.read_all() == "");
  CHECK(plain.fate() == Fate::closed);
  RawSocket kept(server.port());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(kept.read_answer().field("connection") == "keep-alive");
  }
}

TEST_CASE("a caller that shuts down its sending side gets its whole answer") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    const auto body = co_await exchange.read_body();
    if (!body) co_return;
    http::AnswerHead head;
    co_await exchange.start(head, true);
    for (int i = 0; i < 5; ++i) {
      co_await net::sleep_for(exchange.loop(), Millis(20));
      const std::string_view piece = "piece ";
      co_await exchange.write(piece);
    }
    const std::string_view last = exchange.gone().requested() ? "gone" : "end";
    co_await exchange.finish(last);
  });
  HttpServer server(handler);
  for (const std::string& wire : {get("/a"), sized("/a", "abc"), chunked("/a", "abc")}) {
    RawSocket caller(server.port());
    caller.send(wire);
    caller.half_close();
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.whole);
    CHECK(answer.body == "piece piece piece piece piece end");
    CHECK(caller.read_all() == "");
    CHECK(caller.fate() == Fate::closed);
  }
}

TEST_CASE("a half-closed caller gets all that it pipelined") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    co_await net::sleep_for(exchange.loop(), Millis(20));  // until the end of input is known
    co_await ScriptedHandler::echo(exchange);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(get("/1") + sized("/2", "two") + get("/3"));
  caller.half_close();
  CHECK(caller.read_answer().field("x-target") == "/1");
  CHECK(caller.read_answer().body == "two");
  CHECK(caller.read_answer().field("x-target") == "/3");
  CHECK(caller.read_all() == "");
  CHECK(caller.fate() == Fate::closed);
}

TEST_CASE("empty lines before a request are read past, however they arrive") {
  ScriptedHandler handler;
  HttpServer server(handler);
  const std::string wire = "\r\n\r\n\r\n" + get("/a");
  for (std::size_t cut = 1; cut < wire.size(); ++cut) {
    INFO(cut);
    RawSocket caller(server.port());
    caller.send(std::string_view(wire).substr(0, cut));
    std::this_thread::sleep_for(Millis(1));
    caller.send(std::string_view(wire).substr(cut));
    CHECK(caller.read_answer().status == 200);
  }
}

TEST_CASE("a request tells when its first byte was read, also behind another") {
  std::vector<SteadyTime> started;
  ScriptedHandler handler([&](http::Exchange& exchange) -> net::Task<void> {
    started.push_back(exchange.started());
    co_await net::sleep_for(exchange.loop(), Millis(20));
    co_await ScriptedHandler::echo(exchange);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(get("/1") + get("/2"));
  CHECK(caller.read_answer().status == 200);
  CHECK(caller.read_answer().status == 200);
  REQUIRE(started.size() == 2);
  CHECK(started[1] > started[0]);
}

TEST_CASE("draining closes what is idle, and the others after their answer") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    co_await net::sleep_for(exchange.loop(), Millis(100));
    co_await ScriptedHandler::echo(exchange);
  });
  HttpServer server(handler);
  RawSocket idle(server.port()), busy(server.port());
  busy.send(get("/busy"));
  while (handler.called().empty() || server.sessions() < 2) {
    std::this_thread::sleep_for(Millis(1));
  }
  server.drain();
  CHECK(idle.read_all() == "");
  CHECK(idle.fate() == Fate::closed);
  const WireAnswer answer = busy.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.field("connection") == "close");
  CHECK(busy.read_all() == "");
}

TEST_CASE("nothing that a handler puts into a header can start another line") {
  ScriptedHandler handler([](http::Exchange& exchange) -> net::Task<void> {
    http::AnswerHead head;
    head.fields.push_back({"x-a", "1\r\nSet-Cookie: a=b"});
    head.fields.push_back({"x-b\r\nx-c", "2"});
    head.fields.push_back({"content-length", "999"});
    head.fields.push_back({"transfer-encoding", "gzip"});
    const std::string_view body = "abc";
    co_await exchange.reply(head, body);
  });
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(get("/a"));
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.field("x-a") == "1");
  CHECK(answer.field("x-b") == "2");
  CHECK(answer.field("set-cookie") == "");
  CHECK(answer.field("content-length") == "3");
  CHECK(answer.field("transfer-encoding") == "");
  CHECK(answer.body == "abc");
}
