#include "daemon/dialect/openai_responses/tool_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect::openai_responses {
namespace {

using Element = simdjson::dom::element;

/// Agents declare these whether they need them or not. Begun so, a version may follow.
constexpr std::array<std::string_view, 3> dispensable = {"web_search", "tool_search",
                                                         "programmatic_tool_calling"};
/// What else may stand in a function; none of it changes what can be called.
constexpr std::array<std::string_view, 4> known_hints = {"defer_loading", "output_schema", "async",
                                                         "allowed_callers"};

class ToolReader {
 public:
  ToolReader(chat::Request& out, Findings& findings) : out_(out), findings_(findings) {}

  void read(Element tools, const std::string& path, std::string_view group) {
    simdjson::dom::array list;
    if (tools.get_array().get(list) != simdjson::SUCCESS) {
      return findings_.wrong(path, "must be a list");
    }
    std::size_t at = 0;
    for (const Element tool : list) read_tool(tool, path + "[" + std::to_string(at++) + "]", group);
  }

 private:
  void read_tool(Element tool, const std::string& path, std::string_view group) {
    const std::string_view type = text_member(tool, "type");
    chat::Tool out;
    out.group = group;
    out.name = text_member(tool, "name");
    out.description = text_member(tool, "description");
    if (type == "namespace") return read_namespace(tool, path);
    if (type == "function") {
      read_function(tool, out);
    } else if (type == "custom") {
      out.kind = chat::Tool::Kind::freeform;
      if (const auto format = member(tool, "format")) out.schema = json_text(*format);
    } else {
      return read_hosted(tool, type, path);
    }
    if (out.name.empty()) findings_.wrong(path + ".name", "is required");
    out_.tools.push_back(std::move(out));
  }

  void read_namespace(Element tool, const std::string& path) {
    if (!text_member(tool, "description").empty()) findings_.hint("namespace.description");
    const auto tools = member(tool, "tools");
    if (tools) read(*tools, path + ".tools", text_member(tool, "name"));
  }

  void read_function(Element tool, chat::Tool& out) {
    if (const auto schema = member(tool, "parameters")) out.schema = json_text(*schema);
    bool strict = false;
    const auto said = member(tool, "strict");
    if (said && said->get_bool().get(strict) == simdjson::SUCCESS) out.strict = strict;
    for (const std::string_view name : known_hints) {
      if (member(tool, name)) findings_.hint(name);
    }
  }

  void read_hosted(Element tool, std::string_view type, const std::string& path) {
    if (type.empty()) return findings_.wrong(path + ".type", "is required");
    const bool spared =
        std::any_of(dispensable.begin(), dispensable.end(),
                    [type](std::string_view name) { return type.starts_with(name); });
    if (!spared) findings_.only_here(path + ".type");
    chat::Tool out;
    out.kind = chat::Tool::Kind::hosted;
    out.name = type;
    out.origin = "openai-responses";
    out.raw = json_text(tool);
    out_.tools.push_back(std::move(out));
  }

  chat::Request& out_;
  Findings& findings_;
};

using Mode = chat::ToolChoice::Mode;

std::optional<Mode> mode_of(std::string_view word) {
  if (word == "auto") return Mode::automatic;
  if (word == "required") return Mode::required;
  if (word == "none") return Mode::none;
  return std::nullopt;
}

void read_allowed(Element choice, chat::ToolChoice& out, Findings& findings) {
  out.mode = mode_of(text_member(choice, "mode")).value_or(Mode::automatic);
  const auto tools = member(choice, "tools");
  simdjson::dom::array list;
  if (!tools || tools->get_array().get(list) != simdjson::SUCCESS) {
    return findings.wrong("tool_choice.tools", "must be a list");
  }
  for (const Element tool : list) {
    const std::string_view name = text_member(tool, "name");
    if (!name.empty()) out.only.emplace_back(name);
  }
}

}  // namespace

void read_tools(Element tools, std::string_view path, chat::Request& request, Findings& findings) {
  ToolReader(request, findings).read(tools, std::string(path), {});
}

void read_tool_choice(Element choice, chat::Request& request, Findings& findings) {
  chat::ToolChoice& out = request.choice;
  std::string_view word;
  if (choice.get_string().get(word) == simdjson::SUCCESS) {
    const auto mode = mode_of(word);
    if (!mode) return findings.wrong("tool_choice", "must be none, auto, required or a tool");
    out.mode = *mode;
    return;
  }
  const std::string_view type = text_member(choice, "type");
  if (type == "allowed_tools") return read_allowed(choice, out, findings);
  if (type != "function" && type != "custom") return findings.only_here("tool_choice");
  out.mode = Mode::one;
  out.name = text_member(choice, "name");
  out.group = text_member(choice, "namespace");
  if (out.name.empty()) findings.wrong("tool_choice.name", "is required");
}

}  // namespace routerone::dialect::openai_responses
