#include "cli/commands/tail_feed.h"
#include "cli/commands/views.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using control::Client;
namespace path = control::path;
using test::FakeDaemon;
using test::Home;
using test::run_cli;

std::string news(int sequence, const std::vector<std::string>& ids) {
  Json out = {{"schema", 1}, {"sequence", sequence}, {"waited", true}, {"traces", Json::array()}};
  for (const std::string& id : ids)
    out["traces"].push_back(
        {{"id", id}, {"time", "2026-11-20T12:00:00Z"}, {"status", 200}, {"cost_picousd", 1}});
  return out.dump();
}

TEST_CASE("a feed begins now, or where `since` says, and goes on at the cursor") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::trace_tail, news(7, {"a", "b"}));
  TailFeed feed(Client(home.socket()), {"key=ci"});
  REQUIRE(feed.next(0));
  CHECK(part_of(daemon.asked(path::trace_tail), "after").is_null());
  const auto more = feed.next(0);
  REQUIRE(more);
  CHECK(more->traces.size() == 2);
  CHECK(whole_of(daemon.asked(path::trace_tail), "after") == 7);
  feed.filter({"status>=500"});
  REQUIRE(feed.next(0));
  CHECK(strings_of(daemon.asked(path::trace_tail), "terms") ==
        std::vector<std::string>{"status>=500"});
  CHECK(whole_of(daemon.asked(path::trace_tail), "after") == 7);

  TailFeed since(Client(home.socket()), {"since=1h", "key=ci"});
  REQUIRE(since.next(0));
  CHECK(strings_of(daemon.asked(path::trace_tail), "terms") ==
        std::vector<std::string>{"since=1h", "key=ci"});
  REQUIRE(since.next(0));
  CHECK(strings_of(daemon.asked(path::trace_tail), "terms") == std::vector<std::string>{"key=ci"});
}

TEST_CASE("a daemon that was never there is an error; one that went away is waited for") {
  const Home home;
  TailFeed feed(Client(home.socket()), {});
  const auto none = feed.next(0);
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::not_running);
  {
    FakeDaemon daemon(home);
    daemon.answer(path::trace_tail, news(3, {}));
    REQUIRE(feed.next(0));
  }
  for (int i = 0; i < 3; ++i) {
    const auto away = feed.next(1);
    REQUIRE(away);
    CHECK_FALSE(away->connected);
  }
  std::filesystem::remove(home.socket());
  FakeDaemon daemon(home);
  daemon.answer(path::trace_tail, news(4, {"c"}));
  const auto back = feed.next(0);
  REQUIRE(back);
  CHECK(back->connected);
  CHECK(back->traces.size() == 1);
  CHECK(whole_of(daemon.asked(path::trace_tail), "after") == 3);
  daemon.refuse(path::trace_tail, {ErrorKind::invalid, "no such field", ""});
  CHECK_FALSE(feed.next(0));
}

TEST_CASE("traces tail ends after --limit and says what they came to, on stderr") {
  const Home home;
  FakeDaemon daemon(home);
  daemon.answer(path::trace_tail, news(9, {"a", "b", "c"}));
  const auto ran = run_cli({"traces", "tail", "key=ci", "--since", "1h", "--limit", "2", "--json"});
  CHECK(ran.code == 0);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 2);
  CHECK(Json::parse(ran.out.substr(0, ran.out.find('\n')))["id"] == "a");
  CHECK(ran.err.starts_with("2 requests, "));
  CHECK(strings_of(daemon.asked(path::trace_tail), "terms") ==
        std::vector<std::string>{"key=ci", "since=1h"});
  CHECK(run_cli({"traces", "tail", "--limit", "1", "--quiet"}).err.empty());
  CHECK(run_cli({"traces", "tail", "--limit", "0"}).code == 2);
}

}  // namespace
}  // namespace routerone::cli
