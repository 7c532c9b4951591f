#include "daemon/dialect/repair.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "common/json/json.h"

namespace routerone::dialect {
namespace {

using Names = std::vector<std::string>;

Names refused(const std::string& body) {
  Names out;
  for (const Hint* hint : refused_hints(body)) out.emplace_back(hint->name);
  return out;
}

std::string error_of(const std::string& message) {
  return Json{{"error", {{"message", message}, {"type", "invalid_request_error"}}}}.dump();
}

Names refused_in(const std::string& message) { return refused(error_of(message)); }

TEST_CASE("a hint that is refused by name is found in the words of each kind of server") {
  CHECK(refused_in("Unsupported parameter: 'temperature' is not supported with this model.") ==
        Names{"temperature"});
  CHECK(refused_in("Unsupported value: 'top_p' does not support 0.2 with this model. Only the "
                   "default (1) value is supported.") == Names{"top_p"});
  CHECK(refused_in("Unrecognized request argument supplied: seed") == Names{"seed"});
  CHECK(refused_in("Argument not supported on this model: presencePenalty") ==
        Names{"presence_penalty"});
  CHECK(refused_in("property 'service_tier' is unsupported") == Names{"service_tier"});
  CHECK(refused_in("top_k: Extra inputs are not permitted") == Names{"top_k"});
  CHECK(refused_in("`temperature` is deprecated for this model.") == Names{"temperature"});
  CHECK(refused_in("Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': "
                   "Cannot find field.") == Names{"top_k"});
  CHECK(refused_in("This model does not support effort level 'xhigh'. Supported levels: high, low, "
                   "max, medium.") == Names{"reasoning_effort"});
  CHECK(refused_in("adaptive thinking is not supported on this model") ==
        Names{"reasoning_effort"});
  CHECK(refused_in("Function tools with reasoning_effort are not supported for m in "
                   "/v1/chat/completions.") == Names{"reasoning_effort"});
  CHECK(refused_in("tools.0.custom.strict: Extra inputs are not permitted") == Names{"strict"});
  CHECK(refused_in("tool_choice.disable_parallel_tool_use: Extra inputs are not permitted") ==
        Names{"parallel_tool_calls"});
  CHECK(refused_in("Unknown fields: seed, verbosity") == Names{"seed", "verbosity"});
}

TEST_CASE("a refusal of the state of thinking is told from one of thinking at all") {
  CHECK(
      refused(
          R"({"error":{"message":"The encrypted content for item rs_1 could not be verified.",)"
          R"("type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}})") ==
      Names{"thinking"});
  CHECK(refused_in("messages.1.content.0: Invalid `signature` in `thinking` block") ==
        Names{"thinking"});
  CHECK(refused_in("messages.3.content.0: `thinking` or `redacted_thinking` blocks in the latest "
                   "assistant message cannot be modified.") == Names{"thinking"});
  CHECK(refused_in("Invalid thought signature.") == Names{"thinking"});
  CHECK(refused_in("Unknown parameter: 'input[2].encrypted_content'.") == Names{"thinking"});
  CHECK(refused(
            R"({"detail":[{"type":"extra_forbidden","loc":["body","input",2,"encrypted_content"],)"
            R"("msg":"Extra inputs are not permitted"}]})") == Names{"thinking"});
  CHECK(refused_in("`thinking` is not supported with this model") == Names{"reasoning_effort"});
}

TEST_CASE("without the state of thinking nothing of what was said is missing") {
  chat::ToolCall call;
  call.name = "f";
  call.signature = "c2ln";
  chat::Thinking thinking;
  thinking.origin = "gemini";
  thinking.state = "{}";
  chat::Request asked;
  asked.turns.push_back(
      {chat::Role::assistant, false, {thinking, chat::Text{"a", false, {}, {}}}, ""});
  const auto hints = refused_hints(error_of("Invalid thought signature."));
  REQUIRE(hints.size() == 1);
  CHECK(hints[0]->said(asked));
  hints[0]->drop(asked);
  CHECK_FALSE(hints[0]->said(asked));
  CHECK(asked.turns[0].parts.size() == 1);
  asked.turns[0].parts.emplace_back(call);
  CHECK(hints[0]->said(asked));
  hints[0]->drop(asked);
  CHECK(std::get<chat::ToolCall>(asked.turns[0].parts[1]).signature.empty());
}

TEST_CASE("wherever an error is kept, its words are found") {
  const std::string said = "Unknown parameter: 'seed'.";
  const Json words = {{"message", said}};
  for (const Json& body : {Json{{"error", words}}, Json::array({Json{{"error", words}}}),
                           Json{{"type", "error"}, {"error", words}}, Json{{"error", said}},
                           Json{{"object", "error"}, {"message", said}},
                           Json{{"error",
                                 {{"message", "Provider returned error"},
                                  {"metadata", {{"raw", error_of(said)}}}}}}}) {
    CAPTURE(body.dump());
    CHECK(refused(body.dump()) == Names{"seed"});
  }
  CHECK(refused(R"({"detail":[{"type":"extra_forbidden","loc":["body","seed"],)"
                R"("msg":"Extra inputs are not permitted","input":3}]})") == Names{"seed"});
  CHECK(refused(R"({"object":"error","message":{"detail":[{"type":"extra_forbidden",)"
                R"("loc":["body","service_tier"],"msg":"Extra inputs are not permitted"}]}})") ==
        Names{"service_tier"});
}

TEST_CASE("the field that an error names apart from its words is the one") {
  CHECK(refused(R"({"error":{"message":"'temperature' is not supported with 'reasoning.effort'",)"
                R"("param":"reasoning.effort","code":"unsupported_parameter"}})") ==
        Names{"reasoning_effort"});
  CHECK(refused(R"({"error":{"message":"'seed' and 'max_tokens' are not supported",)"
                R"("param":"max_tokens"}})")
            .empty());
}

TEST_CASE("metadata may be the caller's own or who the user is") {
  CHECK(refused_in("metadata: Extra inputs are not permitted") == Names{"metadata", "user"});
  CHECK(refused_in("metadata.user_id: Extra inputs are not permitted") ==
        Names{"metadata", "user"});
}

TEST_CASE("what is about anything else names nothing that may go") {
  for (const char* message :
       {"Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead.",
        "Unsupported value: 'messages[0].role' does not support 'developer' with this model.",
        "Invalid 'temperature': must be between 0 and 2.",  // the caller's own mistake
        "messages.1.content.0.thinking: Extra inputs are not permitted",
        "text.format.strict: Extra inputs are not permitted",
        "stop: Extra inputs are not permitted", "Image inputs are not supported for this user",
        "the schema is too strict and not supported; metadata is unknown", "", ".", "seed: ok"}) {
    CAPTURE(message);
    CHECK(refused_in(message).empty());
  }
  for (const char* body :
       {"", "not JSON", "[]", "{}", "7", R"({"error":7})", R"({"detail":[7]})"}) {
    CAPTURE(body);
    CHECK(refused(body).empty());
  }
}

TEST_CASE("a hint that was taken out is not said any more, and nothing else is gone") {
  chat::Request asked;
  asked.temperature = asked.top_p = asked.presence_penalty = asked.frequency_penalty = 0.5;
  asked.top_k = asked.seed = 7;
  asked.reasoning.effort = chat::Effort::high;
  asked.verbosity = asked.service_tier = asked.cache_key = asked.user = "x";
  asked.metadata = "{}";
  asked.choice.parallel = false;
  asked.tools.emplace_back().strict = true;
  std::set<const Hint*> all;
  for (const char* name :
       {"temperature", "top_p", "top_k", "seed", "presence_penalty", "frequency_penalty",
        "reasoning_effort", "verbosity", "service_tier", "prompt_cache_key", "metadata", "user",
        "parallel_tool_calls", "strict"}) {
    for (const Hint* hint : refused_hints(error_of("Unknown: '" + std::string(name) + "'"))) {
      all.insert(hint);
    }
  }
  REQUIRE(all.size() == 14);
  for (const Hint* gone : all) {
    CAPTURE(gone->name);
    REQUIRE(gone->said(asked));
    chat::Request less = asked;
    gone->drop(less);
    for (const Hint* other : all) CHECK(other->said(less) == (other != gone));
  }
}

}  // namespace
}  // namespace routerone::dialect
