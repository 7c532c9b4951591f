#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/registry.h"
#include "tests/fuzz/legal_stream.h"

namespace routerone::fuzz {

inline std::string illegal_chat_answer(const Json& answer) {
  const Json& choice = answer.at("choices").at(0);
  const Json& message = choice.at("message");
  if (message.value("role", "") != "assistant") return "no role";
  if (!choice.at("finish_reason").is_string()) return "no finish reason";
  if (!message.at("content").is_string() && !message.at("content").is_null()) return "no content";
  if (!message.contains("tool_calls")) return "";
  std::set<std::string> ids;
  for (const Json& call : message["tool_calls"]) {
    const std::string type = call.value("type", "");
    if (type != "function" && type != "custom") return "a call of no kind";
    if (!call.at(type).at("name").is_string()) return "a call without a name";
    if (!ids.insert(call.at("id").get<std::string>()).second) return "two calls of one id";
    if (!call.at(type).at(type == "custom" ? "input" : "arguments").is_string()) return "arguments";
  }
  return "";
}

inline std::string illegal_message(const Json& answer) {
  if (answer.value("type", "") != "message" || answer.value("role", "") != "assistant") {
    return "no message";
  }
  if (!answer.at("stop_reason").is_string()) return "no stop reason";
  if (!answer.at("usage").at("input_tokens").is_number()) return "no input tokens";
  if (!answer.at("usage").at("output_tokens").is_number()) return "no output tokens";
  std::set<std::string> ids;
  for (const Json& block : answer.at("content")) {
    const std::string type = block.value("type", "");
    if (type == "text" && block.at("text").get<std::string>().empty()) return "an empty text";
    if (type == "tool_use" && !block.at("input").is_object()) return "a call without an input";
    if (type == "tool_use" && block.value("id", "").empty()) return "a call without an id";
    if (type == "tool_use" && !ids.insert(block["id"]).second) return "two calls of one id";
    if (type != "text" && type != "tool_use" && type != "thinking" && type != "redacted_thinking") {
      return "a block of no kind: " + type;
    }
  }
  return "";
}

inline std::string illegal_response(const Json& answer) {
  const std::string status = answer.value("status", "");
  if (status != "completed" && status != "incomplete") return "no status";
  if (!answer.value("id", "").starts_with("resp_")) return "no id";
  std::set<std::string> ids, calls;
  for (const Json& item : answer.at("output")) {
    const std::string type = item.value("type", "");
    if (item.value("id", "").empty()) return "an item without an id";
    if (!ids.insert(item["id"]).second) return "two items of one id";
    if (item.contains("call_id") && !calls.insert(item["call_id"]).second) {
      return "two calls of one id";
    }
    if (type == "message" && !item.at("content").is_array()) return "no content";
    if (type == "function_call" && !item.at("arguments").is_string()) return "no arguments";
    if (type == "custom_tool_call" && !item.at("input").is_string()) return "no input";
  }
  return "";
}

/// What is wrong with a whole answer of a dialect; empty: nothing.
inline std::string illegal_answer(std::string_view dialect, std::string_view body) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) return "no JSON object";
  const auto again = dialect::find(dialect)->translation()->read_answer(body);
  if (!again) return "its own reader does not take it";
  if (dialect == "anthropic") return illegal_message(answer);
  if (dialect == "openai-responses") return illegal_response(answer);
  if (dialect == "openai-chat") return illegal_chat_answer(answer);
  bool over = false;
  const std::string wrong = illegal_content(answer, over);
  return wrong.empty() && !over ? "no finish reason" : wrong;
}

}  // namespace routerone::fuzz
