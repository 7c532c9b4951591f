#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "tests/daemon/dialect/json_properties.h"
#include "translation_support.h"

using namespace routerone;
using namespace routerone::test::responses;

namespace {

using rc::gen::element;
using rc::gen::inRange;

bool one_in(int most) { return *inRange(0, most) == 0; }

Json any_text(const char* type) {
  return {{"type", type}, {"text", *element<std::string>("hi", "a \"b\"\nc", "Grüße", "{}")}};
}

Json any_content() {
  Json out = Json::array({any_text("input_text")});
  if (one_in(3)) {
    out.push_back({{"type", "input_image"},
                   {"detail", *element<std::string>("auto", "high")},
                   {"image_url", "data:image/png;base64,iVBORw0KGgo="}});
  }
  if (one_in(4)) {
    out.push_back({{"type", "input_file"},
                   {"filename", "a.pdf"},
                   {"file_data", "data:application/pdf;base64,JVBERi0x"}});
  }
  if (one_in(4)) out.push_back({{"type", "input_file"}, {"file_url", "https://x.example/a.pdf"}});
  return out;
}

/// What the model did in one turn, and what its calls gave.
void add_exchange(Json& items, int& ids) {
  const bool says = one_in(2);
  const int calls = *inRange(says ? 0 : 1, 4);
  if (one_in(2)) {
    items.push_back(
        {{"type", "reasoning"}, {"summary", Json::array()}, {"encrypted_content", "gAAA"}});
  }
  if (says) {
    Json item = {{"type", "message"},
                 {"role", "assistant"},
                 {"content", Json::array({any_text("output_text")})}};
    if (one_in(2)) item["phase"] = "commentary";
    items.push_back(item);
  }
  Json outputs = Json::array();
  for (int i = 0; i < calls; ++i) {
    const std::string id = "call_" + std::to_string(ids++);
    const bool custom = one_in(3);
    Json call = {{"type", custom ? "custom_tool_call" : "function_call"}, {"call_id", id}};
    if (!custom && one_in(3)) call["namespace"] = "clock";
    call["name"] = custom ? "exec" : "f";
    call[custom ? "input" : "arguments"] =
        *element<std::string>(R"({"z":1,"a":[null]})", "{}", R"({"t":"\u00fc"})");
    items.push_back(call);
    Json output = {{"type", custom ? "custom_tool_call_output" : "function_call_output"},
                   {"call_id", id}};
    if (one_in(2)) {
      output["output"] = *element<std::string>("done", "{\"a\":1}");
    } else {
      output["output"] = any_content();
      // Of texts alone one text is made.
      if (output["output"].size() == 1) output["output"] = output["output"][0]["text"];
    }
    outputs.push_back(output);
  }
  for (const Json& each : outputs) items.push_back(each);
  if (calls == 0 || one_in(2)) {
    items.push_back({{"type", "message"}, {"role", "user"}, {"content", any_content()}});
  }
  if (one_in(4)) {
    items.push_back({{"type", "message"},
                     {"role", *element<std::string>("developer", "system")},
                     {"content", Json::array({any_text("input_text")})}});
    items.push_back({{"type", "message"}, {"role", "user"}, {"content", any_content()}});
  }
}

void add_tools(Json& out) {
  const Json function = json_of(
      R"({"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{"z":{},"a":{}}},"strict":false})");
  out["tools"] = Json::array({function});
  if (one_in(2)) {
    out["tools"].push_back(json_of(
        R"({"type":"custom","name":"exec","format":{"type":"grammar","syntax":"lark","definition":"start: x"}})"));
  }
  if (one_in(2)) {
    out["tools"].push_back({{"type", "namespace"},
                            {"name", "clock"},
                            {"description", "clock"},
                            {"tools", Json::array({function})}});
  }
  if (one_in(2)) out["tools"].push_back({{"type", "web_search"}});
  out["tool_choice"] = json_of(*element<std::string>(
      R"("auto")", R"("required")", R"("none")", R"({"type":"function","name":"f"})",
      R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"f"}]})"));
  if (one_in(2)) out["parallel_tool_calls"] = false;
}

Json any_request() {
  Json out = {{"model", "gpt-6"}};
  Json items = Json::array({{{"type", "message"}, {"role", "user"}, {"content", any_content()}}});
  if (one_in(3)) out["instructions"] = "be brief";
  int ids = 0;
  for (int i = *inRange(0, 4); i > 0; --i) add_exchange(items, ids);
  out["input"] = items;
  if (one_in(2)) add_tools(out);
  if (one_in(2)) {
    out["reasoning"] = {{"effort", *element<std::string>("low", "high", "max")},
                        {"summary", "auto"}};
  }
  if (one_in(3)) {
    out["text"] = json_of(
        R"({"format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object","properties":{"b":{},"a":{}}},"strict":false},"verbosity":"low"})");
  }
  if (one_in(2)) out["max_output_tokens"] = *inRange(16, 5000);
  if (one_in(3)) out["metadata"] = {{"k", "v"}};
  if (one_in(3)) out["safety_identifier"] = "u";
  if (one_in(3)) out["prompt_cache_key"] = "k";
  if (one_in(3)) out["service_tier"] = "flex";
  if (one_in(2)) out["stream"] = true;
  out["store"] = false;
  out["include"] = {"reasoning.encrypted_content"};
  return out;
}

bool has_namespace(const Json& body) {
  const Json tools = body.value("tools", Json::array());
  return std::any_of(tools.begin(), tools.end(),
                     [](const Json& tool) { return tool.at("type") == "namespace"; });
}

}  // namespace

TEST_CASE("a Responses request read and written again means the same") {
  CHECK(rc::check("nothing lost, nothing added, nothing moved", [] {
    const Json body = any_request();
    const auto request = try_read(body.dump());
    RC_ASSERT(request.has_value());
    const Written written = write(*request, "gpt-6");
    RC_LOG() << body.dump() << "\n" << written.text << "\n" << written.refused_message;
    RC_ASSERT(written.refused_message == "");
    // Tools have no room for what is said of their namespace.
    RC_ASSERT(written.dropped == (has_namespace(body)
                                      ? std::vector<std::string>{"namespace.description"}
                                      : std::vector<std::string>{}));
    // Members of the outermost object may stand in another order; nowhere else.
    test::same_members(body, written.body);
  }));
}

TEST_CASE("schemas and arguments keep the order of their members on the way") {
  const auto request = read(
      R"("tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"z":{},"a":{}},"required":["z"]}}],
      "input":[{"type":"function_call","call_id":"1","name":"f","arguments":"{\"z\": 1, \"a\":2}"},{"type":"function_call_output","call_id":"1","output":""}])");
  const Written written = write(request);
  CHECK(written.text.find(R"({"type":"object","properties":{"z":{},"a":{}},"required":["z"]})") !=
        std::string::npos);
  CHECK(written.text.find(R"({\"z\": 1, \"a\":2})") != std::string::npos);
}
