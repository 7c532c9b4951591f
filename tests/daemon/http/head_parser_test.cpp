#include "daemon/http/head_parser.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

using namespace routerone;
using namespace routerone::http;

namespace {

constexpr std::size_t most_fields = 100;

struct Refused {
  std::string what;
  std::string head;
};

std::string with(const std::string& lines) {
  return "POST /v1/x HTTP/1.1\r\nHost: localhost:7411\r\n" + lines + "\r\n";
}

std::string answer_with(const std::string& lines) { return "HTTP/1.1 200 OK\r\n" + lines + "\r\n"; }

std::string fields(std::size_t count) {
  std::string lines;
  for (std::size_t i = 0; i < count; ++i) lines += "X-" + std::to_string(i) + ": 1\r\n";
  return lines;
}

int status_of(const std::string& head) {
  const auto parsed = parse_request_head(head, most_fields);
  return parsed ? 0 : parsed.error().status;
}

}  // namespace

TEST_CASE("a plain request head is read as it was sent") {
  const std::string text =
      "POST /v1/chat?a=b?c HTTP/1.1\r\nHost: localhost:7411\r\nX-Empty:\r\n"
      "X-Spaces: \t two words \t\r\nContent-Length: 12\r\n\r\n";
  const auto parsed = parse_request_head(text, most_fields);
  REQUIRE(parsed);
  CHECK(parsed->head.method == "POST");
  CHECK(parsed->head.target == "/v1/chat?a=b?c");
  CHECK(parsed->head.path == "/v1/chat");
  CHECK(parsed->head.query == "a=b?c");
  CHECK(parsed->head.minor_version == 1);
  CHECK(find(parsed->head.fields, "x-empty") == "");
  CHECK(find(parsed->head.fields, "X-SPACES") == "two words");
  CHECK_FALSE(find(parsed->head.fields, "x-none"));
  CHECK(parsed->framing.content_length == 12);
  CHECK_FALSE(parsed->framing.chunked);
  CHECK(parsed->keep_alive);
}

TEST_CASE("a request whose framing can be read in two ways is malformed") {
  const std::vector<Refused> table = {
      {"the same length twice", "Content-Length: 3\r\nContent-Length: 3\r\n"},
      {"two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n"},
      {"two lengths in two cases", "content-length: 3\r\nCONTENT-LENGTH: 4\r\n"},
      {"a list of equal lengths", "Content-Length: 3, 3\r\n"},
      {"a list of lengths", "Content-Length: 3,4\r\n"},
      {"a plus", "Content-Length: +3\r\n"},
      {"a minus", "Content-Length: -3\r\n"},
      {"hexadecimal", "Content-Length: 0x3\r\n"},
      {"a fraction", "Content-Length: 3.0\r\n"},
      {"no length", "Content-Length:\r\n"},
      {"words", "Content-Length: three\r\n"},
      {"a space inside", "Content-Length: 1 2\r\n"},
      {"more than 64 bits", "Content-Length: 18446744073709551617\r\n"},
      {"19 digits", "Content-Length: 1000000000000000000\r\n"},
      {"length and coding", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"},
      {"coding and length", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"},
      {"an unknown coding", "Transfer-Encoding: gzip\r\n"},
      {"a coding before chunked", "Transfer-Encoding: gzip, chunked\r\n"},
      {"a coding after chunked", "Transfer-Encoding: chunked, gzip\r\n"},
      {"identity", "Transfer-Encoding: identity\r\n"},
      {"chunked twice in a list", "Transfer-Encoding: chunked, chunked\r\n"},
      {"chunked in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
      {"an empty coding", "Transfer-Encoding:\r\n"},
      {"chunked with a parameter", "Transfer-Encoding: chunked;q=1\r\n"},
      {"chunked with a comma", "Transfer-Encoding: chunked,\r\n"},
      {"quoted chunked", "Transfer-Encoding: \"chunked\"\r\n"},
      {"a vertical tab before chunked", "Transfer-Encoding: \vchunked\r\n"},
  };
  for (const Refused& row : table) {
    INFO(row.what);
    CHECK(status_of(with(row.head)) == 400);
  }
}

TEST_CASE("a header line outside the grammar is malformed") {
  const std::vector<Refused> table = {
      {"folded by a space", "X-A: 1\r\n 2\r\n"},
      {"folded by a tab", "X-A: 1\r\n\t2\r\n"},
      {"a folded empty line", "X-A: 1\r\n \r\n"},
      {"a bare CR in a value", "X-A: 1\r2\r\n"},
      {"a bare CR at the end", "X-A: 1\r\r\n"},
      {"a bare LF", "X-A: 1\nX-B: 2\r\n"},
      {"a bare LF before the end", "X-A: 1\n\r\n"},
      {"a NUL in a value", std::string("X-A: 1") + '\0' + "2\r\n"},
      {"a NUL in a name", std::string("X") + '\0' + "A: 1\r\n"},
      {"DEL in a value", "X-A: \x7f\r\n"},
      {"a bell in a value", "X-A: \a\r\n"},
      {"ESC in a value", "X-A: \x1b[2J\r\n"},
      {"a space before the colon", "X-A : 1\r\n"},
      {"a tab before the colon", "X-A\t: 1\r\n"},
      {"a space before the length's colon", "Content-Length : 3\r\n"},
      {"no name", ": 1\r\n"},
      {"no colon", "X-A\r\n"},
      {"a space in a name", "X A: 1\r\n"},
      {"a slash in a name", "X/A: 1\r\n"},
      {"a quote in a name", "X\"A: 1\r\n"},
      {"a name that is not ASCII", "X-\xc3\xa9: 1\r\n"},
      {"a second host", "Host: localhost:7411\r\n"},
      {"a second host in another case", "HOST: other\r\n"},
  };
  for (const Refused& row : table) {
    INFO(row.what);
    CHECK(status_of(with(row.head)) == 400);
  }
  CHECK(status_of(with("X-Obs: \xff\xfe\r\n")) == 0);
  CHECK(status_of(with("X!#$%&'*+-.^_`|~9: 1\r\n")) == 0);
}

TEST_CASE("a start line outside the grammar is refused") {
  const auto line = [](const std::string& text) { return text + "\r\nHost: h\r\n\r\n"; };
  const std::vector<Refused> malformed = {
      {"absolute form", "GET http://localhost/ HTTP/1.1"},
      {"authority form", "CONNECT localhost:443 HTTP/1.1"},
      {"asterisk form", "OPTIONS * HTTP/1.1"},
      {"a space in the target", "GET /a b HTTP/1.1"},
      {"two spaces before the target", "GET  /a HTTP/1.1"},
      {"two spaces before the version", "GET /a  HTTP/1.1"},
      {"a tab for a space", "GET\t/a\tHTTP/1.1"},
      {"a space at the end", "GET /a HTTP/1.1 "},
      {"a space at the start", " GET /a HTTP/1.1"},
      {"a fragment", "GET /a#b HTTP/1.1"},
      {"a target that is not ASCII", "GET /\xc3\xa9 HTTP/1.1"},
      {"DEL in the target", "GET /\x7f HTTP/1.1"},
      {"no target", "GET HTTP/1.1"},
      {"no version", "GET /a"},
      {"a method that is no token", "G(T /a HTTP/1.1"},
      {"a bare CR", "GET /a\r HTTP/1.1"},
      {"a small version", "GET /a http/1.1"},
      {"half a version", "GET /a HTTP/1"},
      {"a long version", "GET /a HTTP/1.10"},
      {"another protocol", "GET /a ICAP/1.1"},
      {"the HTTP/2 preface", "PRI * HTTP/2.0"},
      {"nothing", ""},
  };
  for (const Refused& row : malformed) {
    INFO(row.what);
    CHECK(status_of(line(row.head)) == 400);
  }
  for (const std::string version : {"HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.0"}) {
    INFO(version);
    CHECK(status_of(line("GET / " + version)) == 505);
  }
}

TEST_CASE("HTTP/1.1 needs a host, HTTP/1.0 does not and has no chunks") {
  CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 0);
  CHECK(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
  CHECK(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

TEST_CASE("a connection is kept as its version and the connection header say") {
  const auto kept = [](const std::string& head) {
    return parse_request_head(head, most_fields)->keep_alive;
  };
  CHECK(kept(with("")));
  CHECK_FALSE(kept(with("Connection: close\r\n")));
  CHECK_FALSE(kept(with("Connection: te, Close\r\n")));
  CHECK_FALSE(kept(with("Connection: keep-alive\r\nConnection: close\r\n")));
  CHECK_FALSE(kept("GET / HTTP/1.0\r\n\r\n"));
  CHECK(kept("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST_CASE("only 100-continue can be expected") {
  CHECK(parse_request_head(with("Expect: 100-Continue\r\n"), most_fields)->expects_continue);
  CHECK_FALSE(parse_request_head(with(""), most_fields)->expects_continue);
  CHECK_FALSE(parse_request_head("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", most_fields)
                  ->expects_continue);
  CHECK(status_of(with("Expect: a-miracle\r\n")) == 417);
  CHECK(status_of(with("Expect:\r\n")) == 417);
}

TEST_CASE("a hundred headers are taken, one more is not") {
  CHECK(status_of(with(fields(99))) == 0);
  const auto parsed = parse_request_head(with(fields(100)), most_fields);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().error == ProtocolError::head_too_large);
  CHECK(parsed.error().status == 431);
}

TEST_CASE("a fault quotes nothing of the message") {
  const auto parsed = parse_request_head(with("X-Secret\x01hunter2: 1\r\n"), most_fields);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("a plain response head is read as it was sent") {
  const std::string text = answer_with("Transfer-Encoding: Chunked\r\nX-A: b\r\n");
  const auto parsed = parse_response_head(text, most_fields);
  REQUIRE(parsed);
  CHECK(parsed->status == 200);
  CHECK(parsed->framing.chunked);
  CHECK(parsed->keep_alive);
  CHECK(find(parsed->fields, "x-a") == "b");
  CHECK(parse_response_head("HTTP/1.1 204\r\n\r\n", most_fields)->status == 204);
  CHECK(parse_response_head("HTTP/1.1 204 \r\n\r\n", most_fields)->status == 204);
  CHECK_FALSE(parse_response_head("HTTP/1.0 200 OK\r\n\r\n", most_fields)->keep_alive);
}

TEST_CASE("a response head that is not sound is refused") {
  const std::vector<Refused> table = {
      {"no reason space", "HTTP/1.1 200OK\r\n\r\n"},
      {"two digits", "HTTP/1.1 20\r\n\r\n"},
      {"four digits", "HTTP/1.1 2000\r\n\r\n"},
      {"letters", "HTTP/1.1 2x0 OK\r\n\r\n"},
      {"below 100", "HTTP/1.1 099 OK\r\n\r\n"},
      {"a signed status", "HTTP/1.1 +20 OK\r\n\r\n"},
      {"two spaces", "HTTP/1.1  200 OK\r\n\r\n"},
      {"another protocol", "ICY 200 OK\r\n\r\n"},
      {"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"},
      {"an empty line", "\r\n\r\n"},
      {"a control byte in the reason", "HTTP/1.1 200 O\x01K\r\n\r\n"},
      {"a bare CR in the reason", "HTTP/1.1 200 OK\rSet-Cookie: a\r\n\r\n"},
      {"a bare LF", "HTTP/1.1 200 OK\nA: b\r\n\r\n"},
      {"a length twice", answer_with("Content-Length: 3\r\nContent-Length: 3\r\n")},
      {"two lengths", answer_with("Content-Length: 3\r\nContent-Length: 4\r\n")},
      {"length and coding", answer_with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
      {"an unknown coding", answer_with("Transfer-Encoding: gzip\r\n")},
      {"chunked twice", answer_with("Transfer-Encoding: chunked, chunked\r\n")},
      {"an injected CR", answer_with("X-A: 1\rSet-Cookie: a=b\r\n")},
      {"an injected LF", answer_with("X-A: 1\nSet-Cookie: a=b\r\n")},
      {"a folded value", answer_with("X-A: 1\r\n 2\r\n")},
      {"a space before the colon", answer_with("X-A : 1\r\n")},
      {"101 fields", answer_with(fields(101))},
  };
  for (const Refused& row : table) {
    INFO(row.what);
    CHECK_FALSE(parse_response_head(row.head, most_fields));
  }
}

TEST_CASE("a head is found at the same place however its bytes arrive") {
  CHECK(rc::check("head_size of a prefix, told where the last look ended", [] {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("\r\n\r\na")));
    const std::size_t at_once = head_size(text, 0);
    std::size_t looked = 0, found = 0;
    while (looked < text.size() && found == 0) {
      const auto step = *rc::gen::inRange<std::size_t>(1, 4);
      const std::size_t upto = std::min(text.size(), looked + step);
      found = head_size(std::string_view(text).substr(0, upto), looked);
      looked = upto;
    }
    RC_ASSERT(found == at_once);
  }));
}

TEST_CASE("a head that breaks its lines by LF alone does not wait for more") {
  const std::string_view text = "GET / HTTP/1.1\nHost: h\n\n";
  const std::size_t size = head_size(text, 0);
  CHECK(size > 0);
  CHECK_FALSE(parse_request_head(text.substr(0, size), most_fields));
}
