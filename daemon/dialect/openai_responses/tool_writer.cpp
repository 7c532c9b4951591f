#include "daemon/dialect/openai_responses/tool_writer.h"

#include <algorithm>

#include "daemon/dialect/dom.h"

namespace routerone::dialect::openai_responses {
namespace {

using chat::Tool;
using Mode = chat::ToolChoice::Mode;

std::string spelled(const ToolNames* names, std::string_view group, std::string_view name) {
  return names && group.empty() ? names->written({}, name) : std::string(name);
}

/// The format of a freeform tool. Chat has the grammar one level deeper.
void write_format(JsonOut& out, const chat::JsonText& format) {
  if (format.empty()) return;
  const Dom document(format);
  const auto nested = document.ok() ? member(document.root(), "grammar") : std::nullopt;
  if (!nested) {
    out.raw("format", format);
    return;
  }
  out.object("format")
      .text("type", "grammar")
      .text("syntax", text_member(*nested, "syntax"))
      .text("definition", text_member(*nested, "definition"))
      .end_object();
}

void write_tool(JsonOut& out, const Tool& tool, const ToolNames* names) {
  if (tool.kind == Tool::Kind::hosted) {
    out.raw(tool.raw);
    return;
  }
  const bool freeform = tool.kind == Tool::Kind::freeform;
  out.object()
      .text("type", freeform ? "custom" : "function")
      .text("name", spelled(names, tool.group, tool.name))
      .text_if("description", tool.description);
  if (freeform) {
    write_format(out, tool.schema);
  } else {
    // Not said, the provider would try strict, and refuse most schemas.
    out.raw("parameters", object_schema(tool.schema)).flag("strict", tool.strict.value_or(false));
  }
  out.end_object();
}

bool is_ours(const Tool& tool) {
  return tool.kind != Tool::Kind::hosted || tool.origin == "openai-responses";
}

void write_named(JsonOut& out, std::string_view group, std::string_view name,
                 const std::vector<Tool>& tools, const ToolNames* names) {
  const Tool* tool = find_tool(tools, group, name);
  if (tool) group = tool->group;
  const bool freeform = tool && tool->kind == Tool::Kind::freeform;
  out.object()
      .text("type", freeform ? "custom" : "function")
      .text_if("namespace", group)
      .text("name", spelled(names, group, name))
      .end_object();
}

std::string_view mode_word(Mode mode) {
  switch (mode) {
    case Mode::required:
      return "required";
    case Mode::none:
      return "none";
    case Mode::automatic:
    case Mode::one:
      break;
  }
  return "auto";
}

}  // namespace

chat::JsonText object_schema(const chat::JsonText& schema) {
  const Dom document(schema);
  simdjson::dom::object root;
  if (!document.ok() || document.root().get_object().get(root) != simdjson::SUCCESS ||
      root.size() == 0) {
    return R"({"type":"object","properties":{}})";
  }
  const bool typed = member(document.root(), "type").has_value();
  const bool listed = member(document.root(), "properties").has_value();
  if (typed && listed) return schema;
  const std::string type = typed ? "" : R"("type":"object",)";
  const std::string properties = listed ? "" : R"("properties":{},)";
  return "{" + type + properties + schema.substr(schema.find('{') + 1);
}

const Tool* find_tool(const std::vector<Tool>& tools, std::string_view group,
                      std::string_view name) {
  const auto found = std::find_if(tools.begin(), tools.end(), [&](const Tool& tool) {
    return tool.name == name && (group.empty() || tool.group == group);
  });
  return found == tools.end() ? nullptr : &*found;
}

void write_tools(JsonOut& out, const std::vector<Tool>& tools, const ToolNames* names) {
  out.array();
  std::string_view group;
  const auto enter = [&](std::string_view next) {
    if (next == group) return;
    if (!group.empty()) out.end_array().end_object();
    group = next;
    if (group.empty()) return;
    out.object().text("type", "namespace").text("name", group).text("description", group);
    out.array("tools");
  };
  for (const Tool& tool : tools) {
    if (!is_ours(tool)) continue;
    enter(tool.group);
    write_tool(out, tool, names);
  }
  enter({});
  out.end_array();
}

void write_tool_choice(JsonOut& out, const chat::ToolChoice& choice, const std::vector<Tool>& tools,
                       const ToolNames* names) {
  if (choice.mode == Mode::one) return write_named(out, choice.group, choice.name, tools, names);
  if (choice.only.empty() || choice.mode == Mode::none) {
    out.text(mode_word(choice.mode));
    return;
  }
  out.object().text("type", "allowed_tools").text("mode", mode_word(choice.mode)).array("tools");
  for (const std::string& name : choice.only) write_named(out, {}, name, tools, names);
  out.end_array().end_object();
}

}  // namespace routerone::dialect::openai_responses
