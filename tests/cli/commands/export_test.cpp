#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fstream>

#include "cli/commands/export_rows.h"
#include "common/core/text.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;
using test::run_cli;
namespace path = control::path;

/// Reads a row as RFC 4180 says.
std::vector<std::string> fields_of(const std::string& row) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '"' && quoted && i + 1 < row.size() && row[i + 1] == '"')
      fields.back() += row[i++];
    else if (row[i] == '"')
      quoted = !quoted;
    else if (row[i] == ',' && !quoted)
      fields.emplace_back();
    else
      fields.back() += row[i];
  }
  return fields;
}

TEST_CASE("a CSV field is quoted where it must be, and is never a formula") {
  CHECK(csv_field("plain", true) == "plain");
  CHECK(csv_field("a,b", true) == "\"a,b\"");
  CHECK(csv_field("say \"it\"", true) == "\"say \"\"it\"\"\"");
  CHECK(csv_field("a\r\nb", true) == "a\\r\\nb");
  for (const char* harm : {"=1+1", "+1", "-1", "@sum"}) CHECK(csv_field(harm, true)[0] == '\'');
  CHECK(csv_field("=a,\"b\"", true) == "\"'=a,\"\"b\"\"\"");
  CHECK(csv_field("-0.000120", false) == "-0.000120");
  CHECK(csv_field("", true).empty());
  const bool held =
      rc::check("any texts come back as they were", [](const std::vector<std::string>& any) {
        RC_PRE(!any.empty());
        std::string row;
        for (const std::string& text : any)
          row += (&text == &any.front() ? "" : ",") + csv_field(text, true);
        const auto back = fields_of(row);
        RC_ASSERT(back.size() == any.size());
        for (std::size_t i = 0; i < any.size(); ++i) {
          const std::string shown = printable(any[i], 1'000);
          RC_ASSERT(back[i] == shown || back[i] == "'" + shown);
          RC_ASSERT(back[i].empty() || std::string("=+-@").find(back[i][0]) == std::string::npos);
        }
      });
  CHECK(held);
}

TEST_CASE("an export of nothing is still whole, and goes on at the cursor until there is none") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::trace_page, R"({"schema":1,"traces":[],"cursor":null})");
  CHECK(run_cli({"traces", "export"}).out.empty());
  CHECK(Json::parse(run_cli({"traces", "export", "--format", "json"}).out) == Json::array());
  const auto sheet = run_cli({"traces", "export", "--format", "csv"});
  CHECK(sheet.out.starts_with("id,time,key,"));
  CHECK(std::count(sheet.out.begin(), sheet.out.end(), '\n') == 1);
  CHECK(daemon.asked(path::trace_page)["oldest_first"] == true);
  CHECK(run_cli({"traces", "export", "--format", "xml"}).code == 2);
}

TEST_CASE("a file that could not be written whole is not there, and what was there stays") {
  const Home home;
  const auto file = home.path() / "out.jsonl";
  std::ofstream(file) << "before";
  {
    FakeDaemon daemon(home);
    daemon.refuse(path::trace_page, {ErrorKind::unavailable, "not now", ""});
    CHECK(run_cli({"traces", "export", "--output", file.string()}).code == 75);
  }
  std::string kept;
  std::ifstream(file) >> kept;
  CHECK(kept == "before");
  const auto nowhere = run_cli({"traces", "export", "--output", (home.path() / "no/x").string()});
  CHECK(nowhere.code == 1);
  CHECK(nowhere.err.find("No such file") != std::string::npos);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(home.path()))
    files += entry.is_regular_file() ? 1 : 0;
  CHECK(files == 1);
}

TEST_CASE("pruning says how many they are before it asks, and needs to know how old") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(
      path::trace_prune,
      R"({"schema":1,"traces":7,"before":"2026-08-22T12:00:00.000000Z","complete":true})");
  CHECK(run_cli({"traces", "prune"}).code == 2);
  CHECK(daemon.asked(path::trace_prune).is_null());
  const auto asked = run_cli({"traces", "prune", "--older-than", "90d"});
  CHECK(asked.code == 2);
  CHECK(asked.err.find("delete 7 traces from before 2026-08-22") != std::string::npos);
  CHECK(daemon.asked(path::trace_prune)["dry_run"] == true);
  CHECK(run_cli({"traces", "prune", "--older-than", "90d", "--dry-run"}).out ==
        "7 traces from before 2026-08-22T12:00:00.000000Z\n");
  CHECK(daemon.asked(path::trace_prune)["dry_run"] == true);
  CHECK(run_cli({"traces", "prune", "--older-than", "90d", "--yes"}).code == 0);
  CHECK(daemon.asked(path::trace_prune)["dry_run"] == false);
}

TEST_CASE("a look that took too long says how to go on") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::trace_page, R"({"schema":1,"traces":[],"cursor":4711,
                                      "looked_to":"2026-11-01T00:00:00Z"})");
  const auto ran = run_cli({"traces", "list", "status>=500", "key=ci"});
  CHECK(ran.err.find("routerone traces list 'status>=500' key=ci --cursor 4711\n") !=
        std::string::npos);
  CHECK(run_cli({"traces", "list", "--cursor", "4711"}).code == 0);
  CHECK(daemon.asked(path::trace_page)["cursor"] == 4711);
  CHECK(run_cli({"traces", "list", "--cursor", "x"}).code == 2);
}

}  // namespace
}  // namespace routerone::cli
