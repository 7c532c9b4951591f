#include "cli/commands/map.h"

#include <doctest/doctest.h>

#include "cli/commands/exit_codes.h"
#include "cli/commands/shapes.h"
#include "cli/commands/table.h"
#include "common/core/text.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::Home;
using test::run_cli;

TEST_CASE("the map holds every command with every option, as the table has them") {
  const Home home;
  const auto ran = run_cli({"--map", "--json"});
  REQUIRE(ran.code == 0);
  const Json map = Json::parse(ran.out);
  REQUIRE(map["commands"].size() == all_commands().size());
  for (std::size_t i = 0; i < all_commands().size(); ++i) {
    const Command& command = all_commands()[i];
    const Json& told = map["commands"][i];
    CAPTURE(command.name());
    CHECK(told["name"] == command.name());
    CHECK(told["options"].size() == command.options.size());
    CHECK(told["arguments"].size() == command.arguments.size());
    CHECK(told["examples"].size() == command.examples.size());
    CHECK(told["asks"] == (command.effect == Command::Effect::destroys));
    for (std::size_t k = 0; k < command.options.size(); ++k)
      CHECK(told["options"][k]["name"] == "--" + std::string(command.options[k].name));
  }
  CHECK(map["common_options"].size() == common_options().size());
}

TEST_CASE("the map says the choices and kinds of values") {
  const Home home;
  const Json create = Json::parse(run_cli({"help", "keys", "create", "--json"}).out);
  for (const Json& option : create["options"]) {
    if (option["name"] != "--every") continue;
    CHECK(option["value"]["kind"] == "choice");
    CHECK(option["value"]["choices"] == Json({"hour", "day", "week", "month", "total"}));
    CHECK(option["group"] == "limits");
  }
  CHECK(create["prints"]["shape"] == "new_key");
  CHECK(create["effect"] == "changes");
}

TEST_CASE("the outline is a line a command") {
  const std::string lines = outline();
  CHECK(static_cast<std::size_t>(std::count(lines.begin(), lines.end(), '\n')) ==
        all_commands().size());
  CHECK(lines.find("keys list [--all]\n") != lines.npos);
}

TEST_CASE("every way to fail has a code, and every code its words") {
  for (const ErrorKind kind :
       {ErrorKind::invalid, ErrorKind::unauthorized, ErrorKind::not_found, ErrorKind::conflict,
        ErrorKind::limit_reached, ErrorKind::not_running, ErrorKind::upstream_failed,
        ErrorKind::unavailable, ErrorKind::internal}) {
    const auto& codes = exit_codes();
    CHECK(std::count_if(codes.begin(), codes.end(),
                        [&](const ExitCode& each) { return each.code == exit_code(kind); }) == 1);
  }
}

TEST_CASE("every shape is there once, and what it is made of is there too") {
  std::set<std::string> names;
  for (const Shape& shape : all_shapes()) {
    CAPTURE(shape.name);
    CHECK(names.insert(shape.name).second);
    std::set<std::string> fields;
    for (const Field& field : shape.fields) {
      CAPTURE(field.name);
      CHECK(fields.insert(field.name).second);
      CHECK_FALSE(std::string(field.means).empty());
    }
  }
  const Json all = schema_of_all();
  const std::string text = all.dump();
  constexpr std::string_view before = "#/$defs/";
  for (std::size_t at = text.find(before); at != text.npos; at = text.find(before, at + 1)) {
    const std::size_t from = at + before.size();
    const std::string name = text.substr(from, text.find('"', from) - from);
    CAPTURE(name);
    CHECK(all["$defs"].contains(name));
  }
}

TEST_CASE("a schema says what must be there, what may be null and what may be missing") {
  const Json schema = schema_of({"budget", "one or array"});
  CHECK(schema["anyOf"][1]["type"] == "array");
  const Json& budget = schema["$defs"]["budget"];
  CHECK(budget["properties"]["spent_usd"]["type"] == "string");
  CHECK(budget["properties"]["left_usd"]["anyOf"][1]["type"] == "null");
  CHECK(budget["properties"]["limit"]["anyOf"][0]["$ref"] == "#/$defs/spend_limit");
  const Json& required = budget["required"];
  CHECK(std::find(required.begin(), required.end(), "spent_usd") != required.end());
  CHECK(std::find(required.begin(), required.end(), "topups") == required.end());
  CHECK(schema["$defs"].contains("spend_limit"));
  CHECK(schema_of({"key", "one"})["$defs"]["key"]["properties"].contains("rate_limit"));
  CHECK(schema_of({"nothing", "one"}).is_null());
}

TEST_CASE("a schema can be asked for by the words of a command") {
  const Home home;
  CHECK(Json::parse(run_cli({"schema", "keys", "list"}).out)["type"] == "array");
  CHECK(Json::parse(run_cli({"schema"}).out)["$defs"].contains("trace"));
  CHECK(run_cli({"schema", "keys"}).code == 2);
  CHECK(run_cli({"schema", "help"}).code == 5);
}

}  // namespace
}  // namespace routerone::cli
