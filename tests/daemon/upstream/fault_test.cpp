#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/tcp_provider.h"
#include "tests/support/test_loop.h"

namespace routerone::test {
namespace {

using upstream::FaultKind;

/// What comes of one request that is answered with these bytes and then an orderly end.
Got answered(const std::string& bytes) {
  TcpProvider provider([&](ProviderConnection& connection) {
    connection.read_request();
    connection.send(bytes);
  });
  TestLoop world;
  Got got = world.post(endpoint_at(provider.port()));
  CHECK(provider.accepted() == 1);
  CHECK(world.client().pool().size() == 0);
  return got;
}

/// The same, but the end is a reset.
Got answered_then_reset(const std::string& bytes) {
  TcpProvider provider([&](ProviderConnection& connection) {
    connection.read_request();
    connection.send(bytes);
    connection.reset();
  });
  TestLoop world;
  return world.post(endpoint_at(provider.port()));
}

void check_fault(const Got& got, FaultKind kind) {
  REQUIRE(got.fault);
  CHECK(got.fault->kind == kind);
}

std::string times(int count, std::string_view text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("nobody listening is a refused connection") {
  std::uint16_t port = 0;
  {
    TcpProvider gone(always(sized_answer("x")));
    port = gone.port();
  }
  TestLoop world;
  check_fault(world.post(endpoint_at(port)), FaultKind::connect_refused);
}

TEST_CASE("an end or a reset before the answer is told from one in it") {
  check_fault(answered(""), FaultKind::closed_before_head);
  check_fault(answered_then_reset(""), FaultKind::closed_before_head);
  check_fault(answered("HTTP/1.1 200 OK\r\ncontent-le"), FaultKind::closed_before_head);
  check_fault(answered_then_reset("HTTP/1.1 200 OK\r\ncontent-le"), FaultKind::closed_before_head);
  check_fault(answered("HTTP/1.1 100 Continue\r\n\r\n"), FaultKind::closed_before_head);
}

TEST_CASE("a status line that is none is refused") {
  for (const std::string line :
       {"HTTP/2 200 OK", "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 abc OK",
        "HTTP/1.1  200 OK", "http/1.1 200 OK", "HTTP/1.1 099 OK", "ICY 200 OK",
        "SSH-2.0-OpenSSH_9.2", "<html>", "HTTP/1.1 200\tOK", "HTTP/1.1 -20 OK", " HTTP/1.1 200 OK",
        "HTTP/9.9 200 OK"}) {
    CAPTURE(line);
    const Got got = answered(line + "\r\ncontent-length: 0\r\n\r\n");
    check_fault(got, FaultKind::bad_head);
    CHECK_FALSE(got.fault->detail.empty());
  }
}

TEST_CASE("a head that two readers could read differently is refused, and its connection dropped") {
  for (const std::string fields : {"content-length: 2\r\ncontent-length: 2\r\n",
                                   "content-length: 2\r\ncontent-length: 3\r\n",
                                   "content-length: 2, 2\r\n",
                                   "content-length: +2\r\n",
                                   "content-length: -2\r\n",
                                   "content-length: 0x2\r\n",
                                   "content-length: 2 2\r\n",
                                   "content-length:\r\n",
                                   "content-length: 99999999999999999999\r\n",
                                   "content-length: 2\r\ntransfer-encoding: chunked\r\n",
                                   "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
                                   "transfer-encoding: gzip, chunked\r\n",
                                   "transfer-encoding: xchunked\r\n",
                                   "transfer-encoding: identity\r\n",
                                   "x-a: 1\r\n folded\r\n",
                                   "x-a : 1\r\n",
                                   ": 1\r\n",
                                   "x-a: a\rset-cookie: b\r\n",
                                   "x-a: a\nset-cookie: b\r\n",
                                   "x-a: a\x01\r\n",
                                   "no colon\r\n",
                                   "x-a: 1\n"}) {
    CAPTURE(fields);
    check_fault(answered("HTTP/1.1 200 OK\r\n" + fields + "\r\n{}"), FaultKind::bad_head);
  }
  check_fault(answered(std::string("HTTP/1.1 200 OK\r\nx-a: \0\r\n\r\n{}", 30)),
              FaultKind::bad_head);
}

TEST_CASE("a switch of protocols that nobody asked for is refused") {
  check_fault(answered("HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"),
              FaultKind::bad_head);
}

TEST_CASE("the size of a head is bounded, whatever it is made of") {
  const std::string start = "HTTP/1.1 200 OK\r\n";
  check_fault(answered(start + "x-large: " + std::string(4 << 20, 'a') + "\r\n\r\n"),
              FaultKind::bad_head);
  check_fault(answered(start + times(20'000, "x-many: 1\r\n") + "\r\n"), FaultKind::bad_head);
  check_fault(answered(start + times(300, "x: 1\r\n") + "\r\n"), FaultKind::bad_head);
  check_fault(answered("HTTP/1.1 200 " + std::string(4 << 20, 'a')), FaultKind::bad_head);
  const Got fits = answered(start + "x-large: " + std::string(60 << 10, 'a') +
                            "\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
  CHECK(fits.whole());
  CHECK(fits.fields[0].second.size() == 60 << 10);
}

TEST_CASE("interim answers are bounded") {
  const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
  const std::string last = sized_answer("end", "connection: close\r\n");
  CHECK(answered(times(16, interim) + last).body == "end");
  check_fault(answered(times(17, interim) + last), FaultKind::bad_head);
  check_fault(answered(times(20'000, interim) + last), FaultKind::bad_head);
}

TEST_CASE("a redirect is never followed") {
  TcpProvider thief(always(sized_answer("stolen")));
  const std::string there = "http://127.0.0.1:" + std::to_string(thief.port()) + "/_stolen";
  for (const std::string status : {"300", "301", "302", "303", "304", "305", "307", "308", "399"}) {
    CAPTURE(status);
    const Got got = answered("HTTP/1.1 " + status + " Elsewhere\r\nlocation: " + there +
                             "\r\ncontent-length: 0\r\n\r\n");
    check_fault(got, FaultKind::redirect);
    CHECK(got.fault->detail.find("_stolen") == std::string::npos);
  }
  CHECK(thief.accepted() == 0);
  CHECK(thief.received().empty());
}

TEST_CASE("an encoded answer is a failure and is not read") {
  for (const std::string encoding : {"gzip", "br", "zstd", "deflate", "identity, gzip", "x",
                                     "identity\r\ncontent-encoding: gzip", "GZIP"}) {
    CAPTURE(encoding);
    const Got got = answered("HTTP/1.1 200 OK\r\ncontent-encoding: " + encoding +
                             "\r\ncontent-length: 524288\r\n\r\n" + std::string(64 << 10, '\x1f'));
    check_fault(got, FaultKind::encoded);
    CHECK(got.body.empty());
  }
  const Got plain = answered(
      "HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\ncontent-length: 2\r\nconnection: close\r\n"
      "\r\n{}");
  CHECK(plain.body == "{}");
}

TEST_CASE("broken chunks are a failure, and what came before them is the body so far") {
  const std::string head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  for (const std::string broken :
       {"zz\r\n", "-1\r\n", "+3\r\n", "0x3\r\n", " 3\r\n", "3 \r\n", "ffffffffffffffffffffff\r\n",
        "3\nabc\r\n", "3\r\nabcd\r\n", "3;\r\n", "3;a=\"\r\n", "\r\n", "0\r\nno colon\r\n\r\n",
        "3\r\nabc\n3\r\n"}) {
    CAPTURE(broken);
    const Got got = answered(head + "5\r\nwhole\r\n" + broken);
    check_fault(got, FaultKind::bad_framing);
    CHECK(got.body.starts_with("whole"));
  }
  check_fault(answered(head + std::string(64 << 10, '0')), FaultKind::bad_framing);
  check_fault(answered(head + "0\r\n" + times(20'000, "x-trailer: 1\r\n")), FaultKind::bad_framing);
}

TEST_CASE("a body that ends before its framing says so was cut") {
  const std::string chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  for (const std::string& cut :
       {std::string("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), chunked + "9\r\nhalf",
        chunked + "4\r\nhalf", chunked + "4\r\nhalf\r\n", chunked + "4\r\nhalf\r\n0",
        chunked + "4\r\nhalf\r\n0\r\n"}) {
    CAPTURE(cut);
    for (const Got& got : {answered(cut), answered_then_reset(cut)}) {
      check_fault(got, FaultKind::closed_in_body);
      CHECK(got.status == 200);
      CHECK(got.body == "half");
    }
  }
}

TEST_CASE("a body to the end of its connection is whole at an orderly end only") {
  const std::string answer = "HTTP/1.1 200 OK\r\n\r\nall of it";
  CHECK(answered(answer).whole());
  CHECK(answered(answer).body == "all of it");
  check_fault(answered_then_reset(answer), FaultKind::closed_in_body);
}

TEST_CASE("an empty answer is an answer") {
  const Got got = answered(sized_answer("", "connection: close\r\n"));
  CHECK(got.whole());
  CHECK(got.body.empty());
}

TEST_CASE("a 204 has no body whatever its head says") {
  const Got got = answered("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n");
  CHECK(got.whole());
  CHECK(got.body.empty());
}

TEST_CASE("chunks in HTTP/1.0 are read, but such a connection is not used again") {
  TcpProvider provider(
      always("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n"
             "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
  TestLoop world;
  const Got got = world.post(endpoint_at(provider.port()));
  CHECK(got.body == "abc");
  CHECK(world.client().pool().size() == 0);
}

TEST_CASE("every kind of fault has its own word") {
  std::vector<std::string_view> words;
  for (int kind = 0; kind <= static_cast<int>(FaultKind::cancelled); ++kind) {
    words.push_back(upstream::to_string(static_cast<FaultKind>(kind)));
    CHECK(words.back() != "unknown");
  }
  std::ranges::sort(words);
  CHECK(std::ranges::adjacent_find(words) == words.end());
}

}  // namespace routerone::test
