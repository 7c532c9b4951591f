#include "cli/commands/log_lines.h"

#include <doctest/doctest.h>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr const char* at = "2026-11-22T00:18:54.934509Z";

TEST_CASE("a line of text is parted into time, level and words") {
  const LogLine line = read_log_line(std::string(at) + " warning slow disk=\"/dev/sda\"");
  CHECK(line.time == at);
  CHECK(line.level == LogLevel::warning);
  CHECK(line.text == "slow disk=\"/dev/sda\"");
}

TEST_CASE("a line of JSON says the same") {
  const LogLine line = read_log_line(
      R"({"time":"2026-11-22T00:18:54.934509Z","level":"info","message":"listening","address":"::1"})");
  CHECK(line.time == at);
  CHECK(line.level == LogLevel::info);
  CHECK(line.text == "listening address=\"::1\"");
}

TEST_CASE("what the log did not write is an error without a time, and kept as it is") {
  for (const std::string text :
       {"routeroned: cannot start", "", "==12== ERROR: AddressSanitizer", "{broken", "a b c",
        "2026-11-22T00:18:54.934509Z loud words", "yesterday info words", R"({"level":"no"})"}) {
    CAPTURE(text);
    const LogLine line = read_log_line(text);
    CHECK(line.time.empty());
    CHECK(line.level == LogLevel::error);
    CHECK(line.text == text);
  }
}

TEST_CASE("levels have the names that users know") {
  CHECK(*parse_log_level("warn") == LogLevel::warning);
  CHECK(*parse_log_level("warning") == LogLevel::warning);
  CHECK(*parse_log_level("debug") == LogLevel::debug);
  CHECK(parse_log_level("loud").error().kind == ErrorKind::invalid);
}

TEST_CASE("a moment is how long ago, a day, or a time") {
  const WallTime now = *parse_rfc3339("2026-11-22T12:00:00Z");
  CHECK(format_rfc3339(*parse_moment("2h", now)) == "2026-11-22T10:00:00.000000Z");
  CHECK(format_rfc3339(*parse_moment("2026-11-20", now)) == "2026-11-20T00:00:00.000000Z");
  CHECK(format_rfc3339(*parse_moment("2026-11-20T01:02:03Z", now)) ==
        "2026-11-20T01:02:03.000000Z");
  CHECK(parse_moment("yesterday", now).error().kind == ErrorKind::invalid);
}

TEST_CASE(
    "a filter takes what is late and grave enough; a line without a time is as late as the "
    "one before") {
  LogFilter filter(*parse_rfc3339("2026-11-22T00:00:00Z"), LogLevel::warning);
  CHECK_FALSE(filter.takes({"", LogLevel::error, "before anything"}));
  CHECK_FALSE(filter.takes({"2026-11-21T00:00:00Z", LogLevel::error, "too early"}));
  CHECK_FALSE(filter.takes({"", LogLevel::error, "its last words"}));
  CHECK_FALSE(filter.takes({"2026-11-22T00:00:01Z", LogLevel::info, "not grave"}));
  CHECK(filter.takes({"2026-11-22T00:00:01Z", LogLevel::warning, "grave"}));
  CHECK(filter.takes({"", LogLevel::error, "its last words"}));
  LogFilter all(std::nullopt, LogLevel::trace);
  CHECK(all.takes_all());
  CHECK(all.takes({"", LogLevel::trace, ""}));
}

}  // namespace
}  // namespace routerone::cli
