#include "cli/terminal/output.h"

#include <stdlib.h>

#include "cli/terminal/human.h"
#include "common/core/text.h"
#include "tests/cli/terminal/terminal.h"

namespace routerone::cli {
namespace {

/// The colour variables as a case wants them; gone with it.
class Colors {
 public:
  Colors(const char* no_color, const char* force, const char* term) {
    put("NO_COLOR", no_color);
    put("CLICOLOR_FORCE", force);
    put("TERM", term);
  }
  ~Colors() {
    for (const char* name : {"NO_COLOR", "CLICOLOR_FORCE", "TERM"}) ::unsetenv(name);
  }
  Colors(const Colors&) = delete;
  Colors& operator=(const Colors&) = delete;

 private:
  static void put(const char* name, const char* value) {
    if (value)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  }
};

TEST_CASE("colour follows the flag, then CLICOLOR_FORCE, then NO_COLOR, then the terminal") {
  {
    const Colors plain(nullptr, nullptr, "xterm");
    CHECK(decide_color(ColorMode::automatic, true));
    CHECK_FALSE(decide_color(ColorMode::automatic, false));
    CHECK(decide_color(ColorMode::always, false));
    CHECK_FALSE(decide_color(ColorMode::never, true));
  }
  {
    const Colors none("1", nullptr, "xterm");
    CHECK_FALSE(decide_color(ColorMode::automatic, true));
    CHECK(decide_color(ColorMode::always, true));
  }
  {
    const Colors forced("1", "1", "dumb");
    CHECK(decide_color(ColorMode::automatic, false));
    CHECK_FALSE(decide_color(ColorMode::never, true));
  }
  const Colors dumb("", "0", "dumb");
  CHECK_FALSE(decide_color(ColorMode::automatic, true));
  CHECK(parse_color("auto").has_value());
  CHECK(parse_color("blue").error().kind == ErrorKind::invalid);
}

TEST_CASE("a pipe whose reader has gone is noticed without writing to it") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::FILE* const file = ::fdopen(ends[1], "w");
  const Output out(file, stderr, {});
  CHECK_FALSE(out.reader_gone());
  ::close(ends[0]);
  CHECK(out.reader_gone());
  std::fclose(file);
}

TEST_CASE("a running line is written over by what follows, and is nowhere but on a terminal") {
  const Colors plain("1", nullptr, "xterm");
  const auto body = [] {
    Output out(stdout, stderr, {});
    out.status("12 rows");
    out.line("a row");
    out.status("13 rows");
    out.status("");
    out.note("done");
    return 0;
  };
  CHECK(test::on_terminal(80, body).text == "12 rows\r\x1b[Ka row\r\n13 rows\r\x1b[Kdone\r\n");
  CHECK(test::on_terminal(6, body).text.starts_with("12 r~\r"));
  std::FILE* const file = std::tmpfile();
  Output quiet(stdout, file, {});
  quiet.status("12 rows");
  CHECK(std::ftell(file) == 0);
  std::fclose(file);
}

TEST_CASE("times, counts and spans are told in a few characters") {
  const WallTime now = *parse_rfc3339("2026-11-20T12:00:00Z");
  CHECK(relative_time("2026-11-20T11:59:59.5Z", now) == "just now");
  CHECK(relative_time("2026-11-20T11:59:18Z", now) == "42s ago");
  CHECK(relative_time("2026-11-20T11:00:00Z", now) == "60m ago");
  CHECK(relative_time("2026-11-08T12:00:00Z", now) == "12d ago");
  CHECK(relative_time("2026-12-19T12:00:00Z", now) == "in 29d");
  CHECK(relative_time("soon", now) == "soon");
  CHECK(short_count(950) == "950");
  CHECK(short_count(12'345) == "12.3k");
  CHECK(short_count(4'500'000) == "4.5M");
  CHECK(short_duration(84.4) == "84ms");
  CHECK(short_duration(1180) == "1.18s");
  CHECK(short_duration(125'000) == "2m 05s");
}

}  // namespace
}  // namespace routerone::cli
