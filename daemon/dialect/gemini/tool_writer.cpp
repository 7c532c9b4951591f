#include "daemon/dialect/gemini/tool_writer.h"

#include <algorithm>

namespace routerone::dialect::gemini {
namespace {

using Mode = chat::ToolChoice::Mode;

bool is_hosted(const chat::Tool& tool) { return tool.kind == chat::Tool::Kind::hosted; }

void write_function(JsonOut& out, const chat::Tool& tool, const ToolNames& names) {
  const bool freeform = tool.kind == chat::Tool::Kind::freeform;
  const chat::JsonText schema = freeform ? freeform_schema(tool) : tool.schema;
  out.object().text("name", names.written(tool)).text_if("description", tool.description);
  if (!schema.empty()) out.raw("parametersJsonSchema", schema);
  out.end_object();
}

/// Held to their schemas only if all of them want it: it is said of all at once.
bool all_strict(const std::vector<chat::Tool>& tools) {
  return std::all_of(tools.begin(), tools.end(), [](const chat::Tool& tool) {
    return is_hosted(tool) || tool.strict.value_or(false);
  });
}

struct Calling {
  std::string_view mode;
  std::vector<std::string> allowed;
};

/// Empty mode: nothing has to be said.
Calling calling_of(const std::vector<chat::Tool>& tools, const chat::ToolChoice& choice,
                   const GeminiFamily& family, const ToolNames& names) {
  if (choice.mode == Mode::none) return {"NONE", {}};
  if (choice.mode == Mode::one) return {"ANY", {names.written(choice.group, choice.name)}};
  Calling calling;
  for (const std::string& each : choice.only) calling.allowed.push_back(names.written("", each));
  if (choice.mode == Mode::required) {
    calling.mode = "ANY";
  } else if (!calling.allowed.empty() || (family.levels && all_strict(tools))) {
    calling.mode = "VALIDATED";
  }
  return calling;
}

}  // namespace

void write_tools(JsonOut& out, const std::vector<chat::Tool>& tools, const chat::ToolChoice& choice,
                 const GeminiFamily& family, const ToolNames& names,
                 std::vector<std::string>& dropped) {
  if (tools.empty()) return;
  const bool functions = !std::all_of(tools.begin(), tools.end(), is_hosted);
  out.array("tools");
  if (functions) {
    out.object().array("functionDeclarations");
    for (const chat::Tool& tool : tools) {
      if (!is_hosted(tool)) write_function(out, tool, names);
    }
    out.end_array().end_object();
  }
  for (const chat::Tool& tool : tools) {
    if (is_hosted(tool)) out.raw(tool.raw);
  }
  out.end_array();
  if (!functions) return;
  if (choice.parallel && !*choice.parallel) dropped.emplace_back("parallel_tool_calls");
  const Calling calling = calling_of(tools, choice, family, names);
  if (calling.mode.empty()) return;
  out.object("toolConfig").object("functionCallingConfig").text("mode", calling.mode);
  if (!calling.allowed.empty()) {
    out.array("allowedFunctionNames");
    for (const std::string& each : calling.allowed) out.text(each);
    out.end_array();
  }
  out.end_object().end_object();
}

}  // namespace routerone::dialect::gemini
