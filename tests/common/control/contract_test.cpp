#include "common/control/contract.h"

#include <doctest/doctest.h>

#include "common/json/json.h"

namespace routerone::control {
namespace {

constexpr ErrorKind kinds[] = {
    ErrorKind::invalid,         ErrorKind::unauthorized,  ErrorKind::not_found,
    ErrorKind::conflict,        ErrorKind::limit_reached, ErrorKind::not_running,
    ErrorKind::upstream_failed, ErrorKind::unavailable,   ErrorKind::internal};

TEST_CASE("an error crosses the socket whole, whatever its kind") {
  for (const ErrorKind kind : kinds) {
    const Error sent{kind, "there is no key \"ci\"\n\x1b[31m", "routerone keys list"};
    const Error got = read_error(status_of(kind), write_error(sent));
    CHECK(got.kind == kind);
    CHECK(got.message == sent.message);
    CHECK(got.hint == sent.hint);
  }
}

TEST_CASE("no two kinds share a status or a word") {
  for (const ErrorKind a : kinds) {
    for (const ErrorKind b : kinds) {
      if (a == b) continue;
      CHECK(status_of(a) != status_of(b));
      CHECK(word_of(a) != word_of(b));
    }
  }
}

TEST_CASE("an answer that is not ours is an internal error, never quoted") {
  for (const char* body :
       {"", "<html>secret</html>", "[]", "{\"error\":\"x\"}", "{\"error\":{}}"}) {
    const Error got = read_error(500, body);
    CHECK(got.kind == ErrorKind::internal);
    CHECK(got.message.find("secret") == std::string::npos);
  }
}

TEST_CASE("bytes that are no text do not stop an error") {
  const Error got = read_error(400, write_error({ErrorKind::invalid, "bad \xff byte", ""}));
  CHECK(got.kind == ErrorKind::invalid);
  CHECK(got.message.find("bad ") == 0);
}

}  // namespace
}  // namespace routerone::control
