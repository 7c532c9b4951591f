#include <doctest/doctest.h>

#include "common/json/json.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/translation.h"
#include "tests/daemon/dialect/neutral_parts.h"

using namespace routerone;

// A provider's prompt cache lives as long as each turn begins with the bytes of the one before.

namespace {

const std::string question = R"({"role":"user","content":[{"type":"text","text":"Look."}]})";
const std::string more =
    R"(,{"role":"assistant","content":[{"type":"text","text":"I look."},
       {"type":"tool_use","id":"toolu_1","name":"Read","input":{"z":1,"a":2}}]},
       {"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"x"}]})";

/// A turn as Claude Code sends it: its first block tells the version and changes by itself.
std::string turn_of(const std::string& version, const std::string& messages) {
  return R"({"model":"m","max_tokens":32000,"stream":true,"metadata":{"user_id":"{\"session_id\":\"s1\"}"},
    "system":[{"type":"text","text":"x-anthropic-billing-header: cc_version=)" +
         version + R"(; cc_entrypoint=cli;"},{"type":"text","text":"Be brief.",
    "cache_control":{"type":"ephemeral"}}],"tools":[{"name":"Read","description":"d",
    "input_schema":{"type":"object","properties":{"z":{},"a":{}}}}],"messages":[)" +
         messages + "]}";
}

Json written_for(std::string_view dialect, const std::string& body) {
  const dialect::Dialect& messages = *dialect::find("anthropic");
  const auto asked = messages.translation()->read_request(messages.operations().front(), "", body);
  REQUIRE(asked);
  const auto written =
      dialect::find(dialect)->translation()->write_request(*asked, test::neutral::target_of("m"));
  REQUIRE(written);
  CHECK(written->body.find("billing") == std::string::npos);
  return Json::parse(written->body);
}

}  // namespace

TEST_CASE("a conversation of Claude Code begins alike each turn, whatever its note says") {
  struct Case {
    const char* dialect;
    const char* conversation;
  };
  for (const Case each : {Case{"openai-chat", "messages"}, Case{"openai-responses", "input"},
                          Case{"gemini", "contents"}}) {
    CAPTURE(each.dialect);
    Json first = written_for(each.dialect, turn_of("2.1.329.0a8", question));
    Json second = written_for(each.dialect, turn_of("2.1.330.fff", question + more));
    Json& talk = second[each.conversation];
    const std::size_t before = first[each.conversation].size();
    REQUIRE(talk.size() > before);
    talk.erase(talk.begin() + static_cast<std::ptrdiff_t>(before), talk.end());
    CHECK(first.dump() == second.dump());
  }
}
