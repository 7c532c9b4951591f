#include "cli/commands/config_text.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace routerone {
namespace {

TEST_CASE("changes are told a line a record, by a sign and a colour") {
  const Json changes = Json::parse(R"([
    {"how": "added", "what": "key ci", "fields": []},
    {"how": "removed", "what": "alias fast", "fields": []},
    {"how": "changed", "what": "project web", "fields": ["spend.usd: 5 -> 10", "region: \"\" -> eu"]},
    {"how": "changed", "what": "credential mybox", "fields": []}])");
  const auto lines = cli::change_lines(changes);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].text == "+ key ci");
  CHECK(lines[0].color == cli::Color::green);
  CHECK(lines[1].text == "- alias fast");
  CHECK(lines[1].color == cli::Color::red);
  CHECK(lines[2].text == "~ project web: spend.usd: 5 -> 10,region: \"\" -> eu");
  CHECK(lines[3].text == "~ credential mybox");
}

TEST_CASE("a configuration is summed up: how many of each, then every setting by its name") {
  const Json control = Json::parse(R"({"keys": [{}, {}], "aliases": {"a": "b"},
    "settings": {"weights": {"latency": 0.5}, "max_body": 7, "websocket": true}})");
  const auto facts = cli::config_facts(control);
  const auto has = [&](const char* name, const char* value) {
    return std::find(facts.begin(), facts.end(),
                     std::pair<std::string, std::string>(name, value)) != facts.end();
  };
  CHECK(has("keys", "2"));
  CHECK(has("aliases", "1"));
  CHECK(has("providers", "0"));
  CHECK(has("weights.latency", "0.5"));
  CHECK(has("max_body", "7"));
  CHECK(has("websocket", "true"));
}

}  // namespace
}  // namespace routerone
