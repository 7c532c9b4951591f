#include "daemon/dialect/anthropic/tool_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect::anthropic {
namespace {

using Element = simdjson::dom::element;

/// Their schema is known to the model alone, and the caller carries them out: begun so, a version
/// follows.
constexpr std::array<std::string_view, 4> caller_tools = {"bash_", "text_editor_", "memory_",
                                                          "computer_"};
/// What else may stand in a function; none of it changes what can be called.
constexpr std::array<std::string_view, 4> known_hints = {"defer_loading", "eager_input_streaming",
                                                         "input_examples", "allowed_callers"};

std::optional<bool> flag(Element value, std::string_view name) {
  const auto found = member(value, name);
  bool out = false;
  if (!found || found->get_bool().get(out) != simdjson::SUCCESS) return std::nullopt;
  return out;
}

void read_function(Element tool, chat::Tool& out, Findings& findings) {
  out.description = text_member(tool, "description");
  out.strict = flag(tool, "strict");
  if (const auto schema = member(tool, "input_schema")) out.schema = json_text(*schema);
  for (const std::string_view name : known_hints) {
    if (member(tool, name)) findings.hint(name);
  }
}

void read_own_tool(Element tool, std::string_view type, std::size_t i, chat::Tool& out,
                   Findings& findings) {
  out.kind = chat::Tool::Kind::hosted;
  out.origin = "anthropic";
  out.raw = json_text(tool);
  out.name = type;
  const bool callers =
      std::any_of(caller_tools.begin(), caller_tools.end(),
                  [type](std::string_view name) { return type.starts_with(name); });
  if (callers) findings.only_here("tools." + std::to_string(i) + ".type");
}

}  // namespace

void read_tools(Element tools, chat::Request& request, Findings& findings) {
  simdjson::dom::array list;
  if (tools.get_array().get(list) != simdjson::SUCCESS) {
    return findings.wrong("tools", "must be a list");
  }
  std::size_t i = 0;
  for (const Element tool : list) {
    chat::Tool out;
    out.name = text_member(tool, "name");
    out.cache = read_cache_mark(tool);
    const std::string_view type = text_member(tool, "type");
    if (type.empty() || type == "custom") {
      if (out.name.empty()) findings.wrong("tools." + std::to_string(i) + ".name", "is required");
      read_function(tool, out, findings);
    } else {
      read_own_tool(tool, type, i, out, findings);
    }
    request.tools.push_back(std::move(out));
    ++i;
  }
}

void read_tool_choice(Element choice, chat::Request& request, Findings& findings) {
  using Mode = chat::ToolChoice::Mode;
  const std::string_view type = text_member(choice, "type");
  chat::ToolChoice& out = request.choice;
  if (type == "auto") {
    out.mode = Mode::automatic;
  } else if (type == "any") {
    out.mode = Mode::required;
  } else if (type == "none") {
    out.mode = Mode::none;
  } else if (type == "tool") {
    out.mode = Mode::one;
    out.name = text_member(choice, "name");
    if (out.name.empty()) findings.wrong("tool_choice.name", "is required");
  } else {
    findings.wrong("tool_choice.type", "must be auto, any, tool or none");
  }
  if (flag(choice, "disable_parallel_tool_use").value_or(false)) out.parallel = false;
}

}  // namespace routerone::dialect::anthropic
