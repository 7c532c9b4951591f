#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "legal_messages.h"

using namespace routerone;
using namespace routerone::messages_test;

namespace {

using rc::gen::element;
using rc::gen::inRange;

/// One of everything that a request may hold.
constexpr std::string_view request = R"({"model":"m","max_tokens":99,"stream":true,
  "system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],
  "tools":[{"name":"f","description":"d","strict":true,"input_schema":{"type":"object",
      "anyOf":[{"properties":{"a":{"$ref":"#/$defs/x"}},"required":["a"]},{"required":["b"]}],
      "properties":{"b":{"type":["string","null"],"format":"uri","oneOf":[{"const":1}]}},
      "required":["b"],"$defs":{"x":{"type":"array","items":{"type":"string"},"maxItems":2}}}},
    {"type":"web_search_20250305","name":"web_search"}],
  "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
  "thinking":{"type":"enabled","budget_tokens":2000,"display":"omitted"},
  "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object",
      "properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"string","pattern":"^a"}}}}},
  "stop_sequences":["END"],"temperature":0.5,"top_p":0.5,"top_k":3,
  "metadata":{"user_id":"{\"session_id\":\"x\"}"},"service_tier":"auto",
  "messages":[
    {"role":"user","content":[{"type":"text","text":"a"},
      {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}},
      {"type":"document","title":"T","context":"c","source":{"type":"content","content":"x"}},
      {"type":"search_result","title":"t","source":"s","content":[{"type":"text","text":"x"}]}]},
    {"role":"assistant","content":[{"type":"thinking","thinking":"h","signature":"EqQB"},
      {"type":"redacted_thinking","data":"d"},
      {"type":"tool_use","id":"a","name":"f","input":{"z":1}}]},
    {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","is_error":true,
      "content":[{"type":"text","text":"r"},{"type":"tool_reference","tool_name":"g"}]}]},
    {"role":"system","content":"mind","output_config":{"effort":"low"}}]})";

constexpr std::string_view answer = R"({"id":"msg_1","model":"m","content":[
    {"type":"thinking","thinking":"h","signature":"s"},
    {"type":"text","text":"t","citations":[{"url":"u","title":"t","cited_text":"c"}]},
    {"type":"tool_use","id":"a","name":"f","input":{"a":1}}],
  "stop_reason":"refusal","stop_sequence":"x","stop_details":{"explanation":"e"},
  "usage":{"input_tokens":1,"cache_creation":{"ephemeral_1h_input_tokens":5},"output_tokens":2,
    "output_tokens_details":{"thinking_tokens":1},"server_tool_use":{"web_search_requests":1}}})";

std::vector<std::string> stream_events() {
  return {
      R"({"type":"message_start","message":{"id":"m","model":"x","usage":{"input_tokens":1}}})",
      R"({"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}})",
      R"({"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"h"}})",
      R"({"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}})",
      R"({"type":"content_block_stop","index":0})",
      R"({"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}})",
      R"({"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"t"}})",
      R"({"type":"content_block_stop","index":1})",
      R"({"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}})",
      R"({"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{}"}})",
      R"({"type":"content_block_stop","index":2})",
      R"({"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}})",
      R"({"type":"message_stop"})"};
}

/// Every place in a tree where something else could stand.
void collect_places(const Json& from, const Json::json_pointer& at,
                    std::vector<Json::json_pointer>& out) {
  out.push_back(at);
  if (from.is_object()) {
    for (const auto& [name, value] : from.items()) collect_places(value, at / name, out);
  } else if (from.is_array()) {
    for (std::size_t i = 0; i < from.size(); ++i) collect_places(from[i], at / i, out);
  }
}

/// The same with one or two places holding what does not belong there.
Json spoiled(Json whole) {
  for (int times = *inRange(1, 3); times > 0; --times) {
    std::vector<Json::json_pointer> places;
    collect_places(whole, Json::json_pointer(), places);
    const auto& place = places[*inRange<std::size_t>(0, places.size())];
    whole[place] = json_of(*element<std::string>(
        "null", "true", "-1", "1e300", R"("")", R"("#/$defs/x")", R"("r1.g.W3t9XQ")", "[]", "{}",
        R"([[{"type":"text"}]])", R"({"type":"text","text":"x"})", R"({"$ref":"#"})"));
  }
  return whole;
}

bool is_json(std::string_view text) { return parse_json(text).has_value(); }

}  // namespace

TEST_CASE("a request with anything anywhere is read or refused, and what is written is JSON") {
  CHECK(rc::check([] {
    const auto read = read_messages(spoiled(json_of(request)).dump());
    if (!read) return;
    for (const char* model : {"claude-opus-5", "claude-haiku-4-5", "kimi-k3"}) {
      const auto written = messages_translation().write_request(*read, target_of(model));
      if (written) RC_ASSERT(is_json(written->body));
    }
  }));
}

TEST_CASE("an answer with anything anywhere is read or fails, and what is written is JSON") {
  CHECK(rc::check([] {
    const auto read = messages_translation().read_answer(spoiled(json_of(answer)).dump());
    if (read) RC_ASSERT(is_json(messages_translation().write_answer(*read, {}, facts)));
  }));
}

TEST_CASE("a stream with anything anywhere comes to one end, and what is written is legal") {
  CHECK(rc::check([] {
    auto said = stream_events();
    const auto at = *inRange<std::size_t>(0, said.size());
    switch (*inRange(0, 3)) {
      case 0:
        said[at] = spoiled(json_of(said[at])).dump();
        break;
      case 1:
        said.erase(said.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      default:
        std::swap(said[at], said[*inRange<std::size_t>(0, said.size())]);
    }
    std::string stream;
    for (const std::string& each : said) stream += "data: " + each + "\n\n";
    const auto events = read_stream(stream);
    RC_ASSERT(!events.empty());
    const bool ended = std::holds_alternative<chat::Ended>(events.back());
    RC_ASSERT(ended || std::holds_alternative<chat::Failed>(events.back()));
    RC_ASSERT(illegal(write_stream(events), ended) == "");
  }));
}
