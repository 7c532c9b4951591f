#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/http_server.h"
#include "tests/support/raw_socket.h"

using namespace routerone;
using namespace routerone::test;

namespace {

const std::string good = "GET /second HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(const std::string& lines, const std::string& body = "") {
  return "POST /first HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n" + body;
}

bool second_ran(const ScriptedHandler& handler) {
  for (const std::string& target : handler.called()) {
    if (target == "/second") return true;
  }
  return false;
}

/// Sends `bytes` with a sound request right behind them, and holds the server to: one answer of
/// that status, an orderly end of the connection, and nothing else done.
void refuses(const std::string& bytes, int status, http::SessionOptions options = {}) {
  ScriptedHandler handler;
  HttpServer server(handler, options);
  RawSocket caller(server.port());
  caller.send(bytes + good);
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.status == status);
  CHECK(answer.whole);
  CHECK(answer.field("connection") == "close");
  CHECK(answer.field("date").ends_with(" GMT"));
  CHECK(caller.read_all() == "");
  CHECK(caller.fate() == Fate::closed);
  CHECK_FALSE(second_ran(handler));
  CHECK(handler.refused().size() == 1);
}

http::SessionOptions short_of(Millis http::SessionOptions::*which) {
  http::SessionOptions options;
  options.*which = Millis(50);
  return options;
}

}  // namespace

TEST_CASE("a malformed request is refused, the connection closed, and nothing behind it runs") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"the same length twice", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")},
      {"two lengths", post("Content-Length: 3\r\nContent-Length: 30\r\n", "abc")},
      {"a list of lengths", post("Content-Length: 3, 3\r\n", "abc")},
      {"a signed length", post("Content-Length: +3\r\n", "abc")},
      {"length and coding",
       post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"coding and length",
       post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")},
      {"two codings",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")},
      {"an unknown coding", post("Transfer-Encoding: gzip\r\n")},
      {"a coding behind chunked", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n")},
      {"a folded header", post("X-A: 1\r\n 2\r\n")},
      {"a bare CR", post("X-A: 1\r2\r\n")},
      {"a bare LF", post("X-A: 1\n")},
      {"bare LFs only", "GET /first HTTP/1.1\nHost: h\n\n"},
      {"a NUL", post(std::string("X-A: 1") + '\0' + "\r\n")},
      {"a space before the colon", post("X-A : 1\r\n")},
      {"an empty name", post(": 1\r\n")},
      {"an odd name", post("X(A): 1\r\n")},
      {"a control byte in a value", post("X-A: \x01\r\n")},
      {"no host", "GET /first HTTP/1.1\r\n\r\n"},
      {"two hosts", post("Host: h\r\n")},
      {"a target with a space", "GET /fi rst HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"an absolute target", "GET http://h/first HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"no version", "GET /first\r\nHost: h\r\n\r\n"},
      {"chunks in HTTP/1.0", "POST /first HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"a TLS hello", std::string("\x16\x03\x01\x02", 4) + "\r\n\r\n"},
  };
  for (const auto& [what, bytes] : table) {
    INFO(what);
    refuses(bytes, 400);
  }
}

TEST_CASE("a bad chunk is refused, the connection closed, and nothing behind it runs") {
  for (const std::string body : {
           "+3\r\nabc\r\n0\r\n\r\n",
           "3 \r\nabc\r\n0\r\n\r\n",
           "0x3\r\nabc\r\n0\r\n\r\n",
           "g\r\nabc\r\n0\r\n\r\n",
           "\r\nabc\r\n0\r\n\r\n",
           "10000000000000003\r\nabc\r\n0\r\n\r\n",
           "3\nabc\r\n0\r\n\r\n",
           "3\r\nabcd\r\n0\r\n\r\n",
           "3;\r\nabc\r\n0\r\n\r\n",
           "3;a=\"\r\nabc\r\n0\r\n\r\n",
           "3;a=b\nabc\r\n0\r\n\r\n",
           "3\r\nabc\r\n0\r\nX : y\r\n\r\n",
           "3\r\nabc\r\n0\r\n\n",
       }) {
    INFO(body);
    refuses(post("Transfer-Encoding: chunked\r\n", body), 400);
  }
}

TEST_CASE("a version that is not spoken here is refused by its own status") {
  refuses("GET /first HTTP/2.0\r\nHost: h\r\n\r\n", 505);
  refuses("GET /first HTTP/0.9\r\nHost: h\r\n\r\n", 505);
}

TEST_CASE("an expectation that cannot be met is refused") {
  refuses(post("Expect: a-miracle\r\nContent-Length: 0\r\n"), 417);
}

TEST_CASE("a head of more than 64 KiB is refused, whether it ends or not") {
  const std::string filler = "X-Filler: " + std::string(65'536, 'a');
  refuses("GET /first HTTP/1.1\r\nHost: h\r\n" + filler + "\r\n\r\n", 431);
  refuses("GET /first HTTP/1.1\r\nHost: h\r\n" + filler, 431);
}

TEST_CASE("a head of just under 64 KiB is served") {
  ScriptedHandler handler;
  HttpServer server(handler);
  RawSocket caller(server.port());
  std::string head = "GET /first HTTP/1.1\r\nHost: h\r\nX-Filler: ";
  head += std::string(65'536 - head.size() - 4, 'a') + "\r\n\r\n";
  REQUIRE(head.size() == 65'536);
  caller.send(head);
  CHECK(caller.read_answer().status == 200);
}

TEST_CASE("more than a hundred headers are refused") {
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "X-" + std::to_string(i) + ": 1\r\n";
  refuses(post(lines), 431);
}

TEST_CASE("a body above the limit is refused by its length, and as soon as its chunks pass it") {
  http::SessionOptions options;
  options.max_body = 10;
  refuses(post("Content-Length: 11\r\n", "12345678901"), 413, options);
  refuses(post("Transfer-Encoding: chunked\r\n", "6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n"), 413,
          options);
  refuses(post("Content-Length: 999999999999999999\r\n"), 413, options);
}

TEST_CASE("a caller that sends all of a body too large before it reads is told why") {
  ScriptedHandler handler;
  HttpServer server(handler);
  const std::string body(40 << 20, 'x');
  for (const std::string& lines :
       {"Content-Length: " + std::to_string(body.size()) + "\r\n",
        "Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"}) {
    RawSocket caller(server.port());
    caller.send(post(lines, body));
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.status == 413);
    CHECK(answer.whole);
  }
}

TEST_CASE("a body of just the limit is served") {
  http::SessionOptions options;
  options.max_body = 10;
  ScriptedHandler handler;
  HttpServer server(handler, options);
  RawSocket caller(server.port());
  caller.send(post("Content-Length: 10\r\n", "1234567890"));
  CHECK(caller.read_answer().body == "1234567890");
  caller.send(post("Transfer-Encoding: chunked\r\n", "a\r\n1234567890\r\n0\r\n\r\n"));
  CHECK(caller.read_answer().body == "1234567890");
}

TEST_CASE("bodies beyond what all may hold together are refused, and served again later") {
  http::BodyBudget budget;
  budget.limit = 100;
  http::SessionOptions options;
  options.body_budget = &budget;
  refuses(post("Content-Length: 101\r\n", std::string(101, 'a')), 503, options);
  refuses(post("Transfer-Encoding: chunked\r\n", "65\r\n" + std::string(101, 'a') + "\r\n"), 503,
          options);
  CHECK(budget.used == 0);
  ScriptedHandler handler;
  HttpServer server(handler, options);
  RawSocket caller(server.port());
  for (int i = 0; i < 3; ++i) {
    caller.send(post("Content-Length: 100\r\n", std::string(100, 'a')));
    CHECK(caller.read_answer().status == 200);
  }
}

TEST_CASE("the bodies of all connections count against one budget") {
  http::BodyBudget budget;
  budget.limit = 150;
  http::SessionOptions options;
  options.body_budget = &budget;
  ScriptedHandler handler;
  HttpServer server(handler, options);
  RawSocket holder(server.port());
  holder.send(post("Content-Length: 100\r\n", std::string(60, 'a')));
  while (budget.used == 0) std::this_thread::sleep_for(Millis(1));
  RawSocket other(server.port());
  other.send(post("Content-Length: 100\r\n", std::string(100, 'b')));
  CHECK(other.read_answer().status == 503);
  holder.send(std::string(40, 'a'));
  CHECK(holder.read_answer().status == 200);
}

TEST_CASE("a head that does not come in time is refused") {
  ScriptedHandler handler;
  HttpServer server(handler, short_of(&http::SessionOptions::head_deadline));
  RawSocket caller(server.port());
  caller.send("GET /first HTTP/1.1\r\nHost: h\r\n");
  CHECK(caller.read_answer().status == 408);
  caller.send("\r\n" + good);
  CHECK(caller.read_all() == "");
  CHECK(caller.fate() == Fate::closed);
  CHECK(handler.called().empty());
}

TEST_CASE("the head's deadline runs from its first byte, however often another comes") {
  ScriptedHandler handler;
  HttpServer server(handler, short_of(&http::SessionOptions::head_deadline));
  RawSocket caller(server.port());
  caller.send("GET /first HTTP/1.1\r\n");
  for (int i = 0; i < 100 && caller.send("X: 1\r\n"); ++i) {
    std::this_thread::sleep_for(Millis(5));
  }
  CHECK(caller.read_answer().status == 408);
  CHECK(handler.called().empty());
}

TEST_CASE("a pipelined head has its deadline too") {
  ScriptedHandler handler;
  HttpServer server(handler, short_of(&http::SessionOptions::head_deadline));
  RawSocket caller(server.port());
  caller.send(good + "GET /first HTTP/1.1\r\n");
  CHECK(caller.read_answer().status == 200);
  CHECK(caller.read_answer().status == 408);
}

TEST_CASE("a body that stops coming is refused") {
  for (const std::string& begun :
       {post("Content-Length: 10\r\n"), post("Content-Length: 10\r\n", "12345"),
        post("Content-Length: 70000\r\n", "12345"), post("Transfer-Encoding: chunked\r\n"),
        post("Transfer-Encoding: chunked\r\n", "a\r\n12345")}) {
    INFO(begun);
    ScriptedHandler handler;
    HttpServer server(handler, short_of(&http::SessionOptions::body_stall));
    RawSocket caller(server.port());
    caller.send(begun);
    CHECK(caller.read_answer().status == 408);
    caller.send("67890" + good);
    CHECK(caller.read_all() == "");
    CHECK(caller.fate() == Fate::closed);
    CHECK_FALSE(second_ran(handler));
  }
}

TEST_CASE("a body cut short by its sender is refused, not taken for whole") {
  for (const std::string& begun : {post("Content-Length: 10\r\n", "12345"),
                                   post("Transfer-Encoding: chunked\r\n", "5\r\n12345\r\n")}) {
    ScriptedHandler handler;
    HttpServer server(handler);
    RawSocket caller(server.port());
    caller.send(begun);
    caller.half_close();
    CHECK(caller.read_answer().status == 400);
    CHECK(caller.read_all() == "");
  }
}

TEST_CASE("a connection without a request is closed without a word") {
  ScriptedHandler handler;
  HttpServer server(handler, short_of(&http::SessionOptions::idle));
  RawSocket fresh(server.port());
  CHECK(fresh.read_all() == "");
  CHECK(fresh.fate() == Fate::closed);
  RawSocket used(server.port());
  used.send(good);
  CHECK(used.read_answer().status == 200);
  CHECK(used.read_all() == "");
  CHECK(used.fate() == Fate::closed);
}
