#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/collector.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/target.h"

/// Neutral requests in few words, for the tests of every dialect's translation.
namespace routerone::test::neutral {

inline Json json_of(std::string_view text) {
  auto parsed = parse_json(text);
  return parsed ? std::move(*parsed) : Json("not JSON: " + std::string(text));
}

inline Target target_of(const std::string& model) {
  Target out;
  out.name = name_target({"", "", model, model});
  return out;
}

inline chat::Turn turn_of(chat::Role role, std::vector<chat::Part> parts) {
  chat::Turn out;
  out.role = role;
  out.parts = std::move(parts);
  return out;
}

inline chat::ToolCall call_part(std::string id, std::string name, std::string arguments,
                                std::string signature = "") {
  chat::ToolCall out;
  out.id = std::move(id);
  out.name = std::move(name);
  out.arguments = std::move(arguments);
  out.signature = std::move(signature);
  return out;
}

inline chat::ToolResult result_part(std::string id, std::vector<chat::Part> content) {
  chat::ToolResult out;
  out.call_id = std::move(id);
  out.content = std::move(content);
  return out;
}

inline chat::Tool function_tool(std::string name, std::string schema = "") {
  chat::Tool out;
  out.name = std::move(name);
  out.schema = std::move(schema);
  return out;
}

inline tl::expected<chat::Answer, FailureClass> collect(const std::vector<chat::Event>& events) {
  dialect::Collector collector;
  for (const chat::Event& each : events) collector.take(each);
  return std::move(collector).answer();
}

}  // namespace routerone::test::neutral
