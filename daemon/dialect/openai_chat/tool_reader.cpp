#include "daemon/dialect/openai_chat/tool_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;
using chat::Tool;
using chat::ToolChoice;

constexpr std::array<std::string_view, 5> fields = {"tools", "tool_choice", "parallel_tool_calls",
                                                    "functions", "function_call"};

std::optional<Tool> read_function(Element function) {
  Tool out;
  out.name = text_member(function, "name");
  if (out.name.empty()) return std::nullopt;
  out.description = text_member(function, "description");
  if (const auto schema = member(function, "parameters")) out.schema = json_text(*schema);
  bool strict = false;
  const auto said = member(function, "strict");
  if (said && said->get_bool().get(strict) == simdjson::SUCCESS) out.strict = strict;
  return out;
}

std::optional<Tool> read_tool(Element tool) {
  const std::string_view type = text_member(tool, "type");
  if (const auto function = member(tool, "function")) {
    auto out = read_function(*function);
    const auto mark = member(tool, "cache_control");
    if (out && mark) {
      out->cache = text_member(*mark, "ttl") == "1h" ? chat::CacheMark::long_lived
                                                     : chat::CacheMark::short_lived;
    }
    return out;
  }
  Tool out;
  if (const auto custom = member(tool, "custom")) {
    out.kind = Tool::Kind::freeform;
    out.name = text_member(*custom, "name");
    out.description = text_member(*custom, "description");
    if (const auto format = member(*custom, "format")) out.schema = json_text(*format);
  } else if (type != "function" && type != "custom") {
    out.kind = Tool::Kind::hosted;
    out.name = type;
    out.origin = "openai-chat";
    out.raw = json_text(tool);
  }
  return out.name.empty() ? std::nullopt : std::optional(std::move(out));
}

/// `{function: {name}}` or `{custom: {name}}`.
std::string_view named_tool(Element choice) {
  for (const std::string_view kind : {"function", "custom"}) {
    if (const auto inside = member(choice, kind)) return text_member(*inside, "name");
  }
  return {};
}

bool read_mode(std::string_view word, ToolChoice& out) {
  if (word == "auto") {
    out.mode = ToolChoice::Mode::automatic;
  } else if (word == "required" || word == "any") {
    out.mode = ToolChoice::Mode::required;
  } else if (word == "none") {
    out.mode = ToolChoice::Mode::none;
  } else {
    return false;
  }
  return true;
}

bool read_choice(Element choice, ToolChoice& out) {
  std::string_view word;
  if (choice.get_string().get(word) == simdjson::SUCCESS) return read_mode(word, out);
  if (const auto allowed = member(choice, "allowed_tools")) {
    simdjson::dom::array tools;
    const auto list = member(*allowed, "tools");
    if (!list || list->get_array().get(tools) != simdjson::SUCCESS) return false;
    for (const Element each : tools) out.only.emplace_back(named_tool(each));
    return read_mode(text_member(*allowed, "mode"), out);
  }
  out.mode = ToolChoice::Mode::one;
  out.name = named_tool(choice);
  if (out.name.empty()) out.name = text_member(choice, "name");
  if (out.name.empty()) out.name = text_member(choice, "type");
  return !out.name.empty();
}

/// `functions` and `function_call`: a list of bare functions, and a word or `{name}`.
bool read_legacy(Element request, chat::Request& out) {
  simdjson::dom::array functions;
  const auto list = member(request, "functions");
  if (list && list->get_array().get(functions) == simdjson::SUCCESS && out.tools.empty()) {
    for (const Element each : functions) {
      auto tool = read_function(each);
      if (!tool) return false;
      out.tools.push_back(std::move(*tool));
      out.legacy_calls = true;
    }
  }
  const auto choice = member(request, "function_call");
  return !choice || !out.legacy_calls || read_choice(*choice, out.choice);
}

}  // namespace

bool is_tool_field(std::string_view name) {
  return std::find(fields.begin(), fields.end(), name) != fields.end();
}

tl::expected<void, Refusal> read_tools(Element request, chat::Request& out) {
  simdjson::dom::array tools;
  const auto list = member(request, "tools");
  if (list && list->get_array().get(tools) != simdjson::SUCCESS) {
    return tl::unexpected(malformed("tools", "is no array"));
  }
  if (list) {
    for (const Element each : tools) {
      auto tool = read_tool(each);
      const std::string where = "tools[" + std::to_string(out.tools.size()) + "]";
      if (!tool) return tl::unexpected(malformed(where, "has no name"));
      out.tools.push_back(std::move(*tool));
    }
  }
  const auto choice = member(request, "tool_choice");
  if (choice && !read_choice(*choice, out.choice)) {
    return tl::unexpected(malformed("tool_choice", "is no choice that can be translated"));
  }
  bool parallel = true;
  const auto said = member(request, "parallel_tool_calls");
  if (said && said->get_bool().get(parallel) == simdjson::SUCCESS) out.choice.parallel = parallel;
  if (!read_legacy(request, out)) return tl::unexpected(malformed("functions", "has no name"));
  return {};
}

}  // namespace routerone::dialect::openai_chat
