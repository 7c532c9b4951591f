#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/daemon/dialect/openai_chat/translation_support.h"

namespace routerone {
namespace {

using test::chat_target;
using test::chat_to_chat;
using test::with_messages;

/// What a request of this dialect means, with the freedoms of writing it taken out.
Json meaning(Json body) {
  for (Json& message : body["messages"]) {
    if (message["role"] == "developer") message["role"] = "system";
    Json& content = message["content"];
    const bool all_text =
        content.is_array() && std::all_of(content.begin(), content.end(),
                                          [](const Json& each) { return each["type"] == "text"; });
    if (all_text) {
      std::string joined;
      for (const Json& each : content) {
        if (each["text"] == "") continue;
        joined += (joined.empty() ? "" : "\n\n") + each["text"].get<std::string>();
      }
      content = joined;
    }
  }
  return body;
}

Json some_message(int index, bool& owes_result) {
  const std::string id = "call_" + std::to_string(index);
  const int kind = *rc::gen::inRange(0, 5);
  const auto text = *rc::gen::element<std::string>("a", "b \"c\"", "\xc3\xa9", "{}");
  if (kind == 0) return {{"role", "system"}, {"content", text}};
  if (kind == 1) {
    return {{"role", "user"},
            {"content",
             Json::array({{{"type", "text"}, {"text", text}},
                          {{"type", "image_url"},
                           {"image_url", {{"url", "data:image/png;base64,iVBORw0KGgoA"}}}}})}};
  }
  if (kind == 2) {
    owes_result = true;
    const Json call = {{"id", id},
                       {"type", "function"},
                       {"function", {{"name", "f"}, {"arguments", R"({"z":1,"a":[2.50]})"}}}};
    return {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", Json::array({call})}};
  }
  return {{"role", kind == 3 ? "assistant" : "user"}, {"content", text}};
}

/// A conversation in which no two assistant messages stand side by side: such are one.
Json some_conversation() {
  Json messages = Json::array();
  const int count = *rc::gen::inRange(1, 8);
  for (int i = 0; i < count; ++i) {
    bool owes_result = false;
    Json message = some_message(i, owes_result);
    if (!messages.empty() && messages.back()["role"] == "assistant" &&
        message["role"] == "assistant") {
      continue;
    }
    messages.push_back(std::move(message));
    if (!owes_result) continue;
    messages.push_back(
        {{"role", "tool"}, {"tool_call_id", "call_" + std::to_string(i)}, {"content", "done"}});
  }
  return messages;
}

void maybe(Json& body, const char* name, const Json& value) {
  if (*rc::gen::inRange(0, 2) == 1) body[name] = value;
}

TEST_CASE("a request that is read and written again means the same, member by member") {
  CHECK(rc::check([] {
    Json body = {{"model", "gpt-5.6"}, {"messages", some_conversation()}};
    const Json tool = {{"type", "function"},
                       {"function",
                        {{"name", "f"},
                         {"description", "d"},
                         {"parameters", {{"type", "object"}, {"z", 1}, {"a", 2}}}}}};
    maybe(body, "tools", Json::array({tool}));
    if (body.contains("tools")) {
      maybe(body, "tool_choice",
            *rc::gen::element(Json("required"), Json("none"),
                              Json({{"type", "function"}, {"function", {{"name", "f"}}}})));
      maybe(body, "parallel_tool_calls", false);
    }
    maybe(body, "stop", Json::array({"x", "y"}));
    maybe(body, "max_completion_tokens", 100);
    maybe(body, "presence_penalty", 0.5);
    maybe(body, "seed", 4);
    maybe(body, "reasoning_effort", "low");
    maybe(body, "verbosity", "low");
    maybe(body, "prompt_cache_key", "k");
    maybe(body, "safety_identifier", "who");
    maybe(body, "response_format",
          {{"type", "json_schema"}, {"json_schema", {{"name", "n"}, {"schema", {{"z", 1}}}}}});
    Json again = chat_to_chat(body.dump(), chat_target("gpt-5.6"));
    // Which of the two penalties a thinking model takes is its own affair.
    if (body.contains("presence_penalty") && !again.contains("presence_penalty")) {
      body.erase("presence_penalty");
    }
    RC_ASSERT(again.is_object());
    // Members may come in another order; inside schemas and arguments they may not.
    RC_ASSERT(nlohmann::json::parse(meaning(again).dump()) ==
              nlohmann::json::parse(meaning(body).dump()));
    if (body.contains("tools")) {
      RC_ASSERT(again["tools"][0]["function"]["parameters"].dump() ==
                tool["function"]["parameters"].dump());
    }
  }));
}

TEST_CASE("a request that was written once is written the same again, byte for byte") {
  CHECK(rc::check([] {
    const Json body = {{"model", "m"}, {"messages", some_conversation()}};
    const std::string once = chat_to_chat(body.dump()).dump();
    RC_ASSERT(chat_to_chat(once).dump() == once);
  }));
}

}  // namespace
}  // namespace routerone
