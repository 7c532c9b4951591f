#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/daemon/dialect/json_properties.h"
#include "translation_support.h"

using namespace routerone;
using namespace routerone::messages_test;

namespace {

using rc::gen::element;
using rc::gen::inRange;

Json any_mark(Json block) {
  const int kind = *inRange(0, 8);
  if (kind == 0) block["cache_control"] = {{"type", "ephemeral"}};
  if (kind == 1) block["cache_control"] = {{"type", "ephemeral"}, {"ttl", "1h"}};
  return block;
}

Json any_text() {
  return any_mark({{"type", "text"},
                   {"text", *element<std::string>("hello", "a \"quoted\"\nline", "Grüße", "{}")}});
}

Json any_media() {
  if (*inRange(0, 2) == 0) {
    return {
        {"type", "image"},
        {"source", {{"type", "base64"}, {"media_type", "image/png"}, {"data", "iVBORw0KGgo="}}}};
  }
  return {{"type", "document"},
          {"source", {{"type", "text"}, {"media_type", "text/plain"}, {"data", "words"}}},
          {"title", "T"}};
}

Json any_input() {
  return json_of(
      *element<std::string>("{}", R"({"z":1,"a":[true,null,"x"]})", R"({"deep":{"b":{"a":1.5}}})"));
}

/// A turn of the model's and, where it called, the user's with the results at its head.
void add_exchange(Json& messages, int& ids) {
  Json said = Json::array(), heard = Json::array();
  if (*inRange(0, 3) == 0) {
    said.push_back({{"type", "thinking"}, {"thinking", "hm"}, {"signature", "EqQB"}});
  }
  if (*inRange(0, 2) == 0) said.push_back(any_text());
  const int calls = *inRange(0, 3);
  for (int i = 0; i < calls; ++i) {
    const std::string id = "toolu_" + std::to_string(ids++);
    said.push_back({{"type", "tool_use"}, {"id", id}, {"name", "f"}, {"input", any_input()}});
    Json result = {{"type", "tool_result"}, {"tool_use_id", id}};
    if (*inRange(0, 2) == 0) {
      result["content"] = "plain";
    } else {
      result["content"] = Json::array({any_text(), any_media()});
    }
    if (*inRange(0, 4) == 0) result["is_error"] = true;
    heard.push_back(any_mark(result));
  }
  if (said.empty()) said.push_back(any_text());
  if (heard.empty() || *inRange(0, 2) == 0) heard.push_back(any_text());
  if (*inRange(0, 4) == 0) heard.push_back(any_media());
  messages.push_back({{"role", "assistant"}, {"content", said}});
  messages.push_back({{"role", "user"}, {"content", heard}});
}

std::size_t marks_in(const std::string& text) {
  std::size_t out = 0;
  for (std::size_t at = text.find("cache_control"); at != std::string::npos;
       at = text.find("cache_control", at + 1)) {
    ++out;
  }
  return out;
}

Json any_request() {
  Json out = {{"model", "claude-opus-4-8"}, {"max_tokens", *inRange(1, 5000)}};
  if (*inRange(0, 2) == 0) {
    out["tools"] = Json::array({any_mark(
        {{"name", "f"},
         {"description", "d"},
         {"input_schema", json_of(R"({"type":"object","properties":{"z":{},"a":{}}})")}})});
  } else {
    out["tools"] = Json::array(
        {{{"name", "f"}, {"input_schema", json_of(R"({"type":"object","properties":{}})")}}});
  }
  if (*inRange(0, 3) == 0) {
    out["tool_choice"] = json_of(*element<std::string>(
        R"({"type":"any"})", R"({"type":"tool","name":"f"})", R"({"type":"none"})",
        R"({"type":"auto","disable_parallel_tool_use":true})"));
  }
  if (*inRange(0, 2) == 0) out["system"] = Json::array({any_text(), any_text()});
  Json messages = Json::array({{{"role", "user"}, {"content", Json::array({any_text()})}}});
  int ids = 0;
  for (int i = *inRange(0, 4); i > 0; --i) add_exchange(messages, ids);
  out["messages"] = messages;
  if (*inRange(0, 2) == 0) {
    out["thinking"] = {{"type", "adaptive"}};
    out["output_config"] = {{"effort", *element<std::string>("low", "high", "max")}};
  }
  if (*inRange(0, 2) == 0) out["stop_sequences"] = {"END"};
  if (*inRange(0, 2) == 0) out["metadata"] = {{"user_id", "u"}};
  if (*inRange(0, 2) == 0) out["stream"] = true;
  return out;
}

}  // namespace

TEST_CASE("a request read and written again means the same") {
  CHECK(rc::check("nothing lost, nothing added, nothing moved", [] {
    const Json body = any_request();
    RC_PRE(marks_in(body.dump()) <= 4);
    const auto read = read_messages(body.dump());
    RC_ASSERT(read.has_value());
    const Written written = write_messages(*read, "claude-opus-4-8");
    RC_LOG() << body.dump() << "\n" << written.body.dump() << "\n";
    RC_ASSERT(written.refused_message == "");
    // Members of the outermost object may stand in another order; nowhere else.
    test::same_members(body, written.body);
  }));
}

TEST_CASE("a call's arguments keep the order of their members on the way") {
  const auto read = read_messages(
      R"({"model":"m","max_tokens":9,"tools":[{"name":"f","input_schema":{"type":"object"}}],"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"z":1,"m":{"y":2,"b":3},"a":4}}]}]})");
  const auto written = messages_translation().write_request(*read, target_of("claude-opus-5"));
  CHECK(written->body.find(R"({"z":1,"m":{"y":2,"b":3},"a":4})") != std::string::npos);
}
