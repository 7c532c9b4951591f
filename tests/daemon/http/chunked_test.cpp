#include "daemon/http/chunked.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cstdio>
#include <string>
#include <vector>

using namespace routerone::http;
using State = ChunkedDecoder::State;

namespace {

struct Decoded {
  State state = State::more;
  std::string body;
  std::size_t consumed = 0;
};

/// Feeds `text` as if it came in pieces that end at `cuts` (rising), and at its end.
Decoded decode(std::string_view text, const std::vector<std::size_t>& cuts = {}) {
  ChunkedDecoder decoder;
  Decoded result;
  const auto take = [&](std::size_t upto) {
    for (;;) {
      const auto step = decoder.next(text.substr(result.consumed, upto - result.consumed));
      result.consumed += step.consumed;
      result.body.append(step.data);
      result.state = step.state;
      if (step.state != State::data) return;
    }
  };
  for (const std::size_t cut : cuts) {
    if (result.state != State::more) break;
    take(cut);
  }
  if (result.state == State::more) take(text.size());
  return result;
}

std::string chunk(std::string_view data) {
  char line[20];
  std::snprintf(line, sizeof line, "%zX\r\n", data.size());
  return line + std::string(data) + "\r\n";
}

std::vector<std::size_t> any_cuts(std::size_t size) {
  auto cuts =
      *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, size + 1));
  std::sort(cuts.begin(), cuts.end());
  return cuts;
}

}  // namespace

TEST_CASE("chunks are joined and what follows the body is left alone") {
  const Decoded got = decode("3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\nGET /");
  CHECK(got.state == State::done);
  CHECK(got.body == "abc0123456789");
  CHECK(got.consumed == std::string_view("3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n").size());
}

TEST_CASE("sound extensions and trailers are read past") {
  for (const std::string text : {
           "3;a\r\nabc\r\n0\r\n\r\n",
           "3;a=b;c=\"d;\\\" e\"\r\nabc\r\n0;last\r\n\r\n",
           "3\r\nabc\r\n0\r\nX-Sum: 12\r\nX-Other:\r\n\r\n",
       }) {
    INFO(text);
    const Decoded got = decode(text);
    CHECK(got.state == State::done);
    CHECK(got.body == "abc");
  }
}

TEST_CASE("framing that two readers could take differently is bad") {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"no size", "\r\nabc\r\n0\r\n\r\n"},
      {"a plus", "+3\r\nabc\r\n0\r\n\r\n"},
      {"a minus", "-3\r\nabc\r\n0\r\n\r\n"},
      {"a prefix", "0x3\r\nabc\r\n0\r\n\r\n"},
      {"no digit", "g\r\nabc\r\n0\r\n\r\n"},
      {"a space before", " 3\r\nabc\r\n0\r\n\r\n"},
      {"a space behind", "3 \r\nabc\r\n0\r\n\r\n"},
      {"a tab behind", "3\t\r\nabc\r\n0\r\n\r\n"},
      {"an underscore", "1_0\r\nabc\r\n0\r\n\r\n"},
      {"more than 60 bits", "1000000000000000\r\nabc\r\n0\r\n\r\n"},
      {"a size that wraps to 3", "10000000000000003\r\nabc\r\n0\r\n\r\n"},
      {"a bare LF behind the size", "3\nabc\r\n0\r\n\r\n"},
      {"a bare CR behind the size", "3\rabc\r\n0\r\n\r\n"},
      {"a CR before the size's CRLF", "3\r\r\nabc\r\n0\r\n\r\n"},
      {"no CRLF behind the data", "3\r\nabc0\r\n\r\n"},
      {"a bare LF behind the data", "3\r\nabc\n0\r\n\r\n"},
      {"more data than was said", "3\r\nabcd\r\n0\r\n\r\n"},
      {"an extension without a name", "3;\r\nabc\r\n0\r\n\r\n"},
      {"an extension after a space", "3 ;a=b\r\nabc\r\n0\r\n\r\n"},
      {"an extension without a value", "3;a=\r\nabc\r\n0\r\n\r\n"},
      {"an open quote", "3;a=\"b\r\nabc\r\n0\r\n\r\n"},
      {"a quote that ends in an escape", "3;a=\"b\\\"\r\nabc\r\n0\r\n\r\n"},
      {"text behind a quote", "3;a=\"b\"c\r\nabc\r\n0\r\n\r\n"},
      {"a control byte in an extension", "3;a=\"\x01\"\r\nabc\r\n0\r\n\r\n"},
      {"a bare LF in an extension", "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"},
      {"a trailer without a colon", "3\r\nabc\r\n0\r\nX\r\n\r\n"},
      {"a trailer without a name", "3\r\nabc\r\n0\r\n: x\r\n\r\n"},
      {"a space before a trailer's colon", "3\r\nabc\r\n0\r\nX : y\r\n\r\n"},
      {"a folded trailer", "3\r\nabc\r\n0\r\nX: y\r\n z\r\n\r\n"},
      {"a bare LF behind a trailer", "3\r\nabc\r\n0\r\nX: y\n\r\n"},
      {"a bare LF at the end", "3\r\nabc\r\n0\r\n\n"},
      {"a control byte in a trailer", "3\r\nabc\r\n0\r\nX: \x02\r\n\r\n"},
      {"trailers without end", "0\r\n" +
                                   [] {
                                     std::string lines;
                                     for (int i = 0; i < 1000; ++i) lines += "X-Trailer: y\r\n";
                                     return lines;
                                   }()},
      {"a size line without end", "3;" + std::string(5000, 'a')},
  };
  for (const auto& [what, text] : table) {
    INFO(what);
    CHECK(decode(text).state == State::bad);
  }
}

TEST_CASE("bad framing stays bad") {
  ChunkedDecoder decoder;
  CHECK(decoder.next("x\r\n").state == State::bad);
  CHECK(decoder.next("0\r\n\r\n").state == State::bad);
  CHECK_FALSE(decoder.done());
}

TEST_CASE("a body cut short is not done") {
  const std::string whole = chunk("hello") + "0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    CHECK(decode(std::string_view(whole).substr(0, size)).state == State::more);
  }
  CHECK(decode(whole).state == State::done);
}

TEST_CASE("the bytes of a body do not depend on how they arrive") {
  CHECK(rc::check("any body, any chunks, any splits", [] {
    const auto parts = *rc::gen::container<std::vector<std::string>>(
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::arbitrary<char>())));
    std::string sent, body;
    for (const std::string& part : parts) {
      sent += chunk(part);
      body += part;
    }
    sent += "0\r\n\r\n";
    const std::size_t end = sent.size();
    sent += "GET / HTTP/1.1\r\n";
    const Decoded got = decode(sent, any_cuts(sent.size()));
    RC_ASSERT(got.state == State::done);
    RC_ASSERT(got.body == body);
    RC_ASSERT(got.consumed == end);
  }));
}

TEST_CASE("what is bad is bad however it arrives") {
  CHECK(rc::check("any bytes of the framing's alphabet, any splits", [] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("\r\n\r\n\r\n01230;=\"a: ")));
    const Decoded whole = decode(text);
    const Decoded split = decode(text, any_cuts(text.size()));
    RC_ASSERT(split.state == whole.state);
    RC_ASSERT(split.body == whole.body);
  }));
}
