#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "common/json/json.h"

namespace routerone::fuzz {

/// Rules that providers hold requests to and that are broken easily in a translation. Each tells
/// what is wrong; empty: nothing.

inline bool is_name(std::string_view text, std::size_t most) {
  return !text.empty() && text.size() <= most &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789_-") == text.npos;
}
inline bool is_blank(const Json& text) {
  return text.get_ref<const std::string&>().find_first_not_of(" \t\r\n") == std::string::npos;
}

inline std::string illegal_chat_request(const Json& body) {
  std::set<std::string> due;
  for (const Json& message : body.at("messages")) {
    const std::string role = message.at("role");
    if (role == "tool") {
      if (due.erase(message.at("tool_call_id")) == 0) return "a result of no call";
      continue;
    }
    if (!due.empty()) return "a call without its result";
    if (!message.contains("tool_calls")) continue;
    for (const Json& call : message["tool_calls"]) {
      if (!is_name(call.at("id").get<std::string>(), 64)) return "a call's id";
      if (!due.insert(call["id"]).second) return "an id twice";
      const std::string kind = call.at("type");
      if (!is_name(call.at(kind).at("name").get<std::string>(), 64)) return "a called name";
    }
  }
  std::set<std::string> names;
  for (const Json& tool : body.value("tools", Json::array())) {
    const std::string kind = tool.at("type");
    if (kind != "function" && kind != "custom") continue;
    if (!is_name(tool.at(kind).at("name").get<std::string>(), 64)) return "a tool's name";
    if (!names.insert(tool[kind]["name"]).second) return "a tool twice";
  }
  if (body.contains("tools") && body["tools"].empty()) return "no tools, but said";
  if (!body.contains("tools") && body.contains("tool_choice")) return "a choice of no tools";
  return "";
}

inline std::string illegal_responses_request(const Json& body) {
  std::set<std::string> called, answered;
  const Json& input = body.at("input");
  if (!input.is_array()) return "no list of items";
  for (const Json& item : input) {
    const std::string type = item.value("type", "message");
    if (type == "function_call" || type == "custom_tool_call") {
      if (!is_name(item.at("call_id").get<std::string>(), 64)) return "a call's id";
      if (!is_name(item.at("name").get<std::string>(), 64)) return "a called name";
      if (!called.insert(item["call_id"]).second) return "an id twice";
    } else if (type == "function_call_output" || type == "custom_tool_call_output") {
      if (!called.contains(item.at("call_id"))) return "a result of no call";
      if (!answered.insert(item["call_id"]).second) return "two results of a call";
    } else if (type == "reasoning" && item.contains("id")) {
      return "reasoning with a foreign id";
    }
  }
  if (body.contains("max_output_tokens") && body["max_output_tokens"].get<std::int64_t>() < 16) {
    return "a cap that is too low";
  }
  if (body.contains("tools") && body["tools"].empty()) return "no tools, but said";
  if (!body.contains("tools") && body.contains("tool_choice")) return "a choice of no tools";
  return "";
}

inline std::size_t count_marks(const Json& json) {
  std::size_t out = json.is_object() && json.contains("cache_control") ? 1 : 0;
  if (!json.is_structured()) return out;
  for (const Json& child : json) out += count_marks(child);
  return out;
}

inline std::string illegal_block(const Json& block) {
  const std::string type = block.at("type");
  if (type == "text" && block.at("text").get<std::string>().empty()) return "a text without text";
  if (type == "tool_use") {
    if (!block.at("input").is_object()) return "an input that is no object";
    if (!is_name(block.at("id").get<std::string>(), 64)) return "a call's id";
    if (!is_name(block.at("name").get<std::string>(), 128)) return "a called name";
  }
  if (type == "tool_result" && block.contains("content") && block["content"].is_array()) {
    for (const Json& inside : block["content"]) {
      if (std::string wrong = illegal_block(inside); !wrong.empty()) return wrong + " in a result";
    }
  }
  return "";
}

/// Blank text is taken beside something else, but not alone.
inline bool says_nothing(const Json& content) {
  if (content.is_string()) return is_blank(content);
  return std::all_of(content.begin(), content.end(), [](const Json& block) {
    return block.at("type") == "text" && is_blank(block.at("text"));
  });
}

inline std::string illegal_messages_request(const Json& body, bool counts) {
  // A cap of nothing is a caller's own: it only fills the cache.
  if (!counts && body.at("max_tokens").get<std::int64_t>() < 0) return "no cap";
  std::size_t marks = 0;
  for (const char* name : {"tools", "system", "messages"}) {
    if (body.contains(name)) marks += count_marks(body[name]);
  }
  if (marks > 4) return "more than four marks";
  std::set<std::string> due;
  std::string last;
  for (const Json& message : body.at("messages")) {
    const std::string role = message.at("role");
    if (role == last && role != "system") return "two turns of one role";
    last = role;
    if (role == "system") continue;
    const Json& content = message.at("content");
    if (says_nothing(content)) return "an empty message";
    if (content.is_string() && !due.empty()) return "a call without its result";
    bool others = false;
    std::set<std::string> calls;
    for (const Json& block : content.is_array() ? content : Json::array()) {
      if (std::string wrong = illegal_block(block); !wrong.empty()) return wrong;
      const bool result = block["type"] == "tool_result";
      if (result && others) return "a result behind something else";
      if (result && due.erase(block.at("tool_use_id")) == 0) return "a result of no call";
      others = others || !result;
      if (block["type"] == "tool_use" && !calls.insert(block["id"]).second) return "an id twice";
    }
    if (!due.empty()) return "a call without its result";
    due = std::move(calls);
  }
  std::set<std::string> names;
  for (const Json& tool : body.value("tools", Json::array())) {
    if (!tool.contains("input_schema")) continue;
    if (!is_name(tool.at("name").get<std::string>(), 128)) return "a tool's name";
    if (!names.insert(tool["name"]).second) return "a tool twice";
    if (tool["input_schema"].value("type", "") != "object") return "a schema of no object";
  }
  const bool budget = body.contains("thinking") && body["thinking"].contains("budget_tokens");
  if (!counts && budget && body["thinking"]["budget_tokens"] >= body["max_tokens"]) {
    return "a budget that leaves nothing";
  }
  if (body.contains("tools") && body["tools"].empty()) return "no tools, but said";
  if (!body.contains("tools") && body.contains("tool_choice")) return "a choice of no tools";
  return "";
}

inline std::string illegal_gemini_request(const Json& body) {
  std::size_t due = 0;
  std::string last;
  bool answered = false;  // What a user says behind results is a content of its own.
  for (const Json& content : body.at("contents")) {
    const std::string role = content.at("role");
    if (role != "user" && role != "model") return "another role";
    if (role == last && !answered) return "two turns of one role";
    last = role;
    answered = false;
    if (content.at("parts").empty()) return "no parts";
    std::size_t calls = 0, results = 0;
    for (const Json& part : content["parts"]) {
      calls += part.contains("functionCall") ? 1 : 0;
      results += part.contains("functionResponse") ? 1 : 0;
      if (part.contains("functionCall") && !part["functionCall"].at("name").is_string()) {
        return "a call without a name";
      }
    }
    if (results != due) return "as many results as calls";
    due = calls;
    answered = results == content["parts"].size();
  }
  std::set<std::string> names;
  for (const Json& tool : body.value("tools", Json::array())) {
    for (const Json& each : tool.value("functionDeclarations", Json::array())) {
      if (!names.insert(each.at("name")).second) return "a tool twice";
    }
  }
  return "";
}

inline std::string illegal_request(std::string_view dialect, const Json& body, bool counts) {
  if (!body.is_object()) return "no JSON object";
  if (dialect == "anthropic") return illegal_messages_request(body, counts);
  if (dialect == "openai-responses") return illegal_responses_request(body);
  if (dialect == "gemini") {
    return illegal_gemini_request(
        body.contains("generateContentRequest") ? body["generateContentRequest"] : body);
  }
  return illegal_chat_request(body);
}

}  // namespace routerone::fuzz
