#include "daemon/dialect/openai_chat/tool_writer.h"

#include <algorithm>

#include "daemon/dialect/hosted_tools.h"
#include "daemon/dialect/strict_schema.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::openai_chat {
namespace {

using chat::Tool;
using chat::ToolChoice;

bool is_hosted(const Tool& tool) { return tool.kind == Tool::Kind::hosted; }

/// Asked for, and possible.
bool is_strict(const Tool& tool) {
  return tool.strict.value_or(false) && (tool.schema.empty() || is_strict_schema(tool.schema));
}

void write_tool(const Tool& tool, const ToolNames& names, JsonOut& out) {
  if (is_hosted(tool)) {
    out.raw(tool.raw);
    return;
  }
  const bool freeform = tool.kind == Tool::Kind::freeform;
  out.object().text("type", "function").object("function").text("name", names.written(tool));
  out.text_if("description", tool.description);
  if (freeform) {
    out.raw("parameters", freeform_schema(tool));
  } else if (!tool.schema.empty()) {
    out.raw("parameters", tool.schema);
  }
  if (is_strict(tool)) out.flag("strict", true);
  out.end_object().end_object();
}

/// The spelling of a tool that a choice names; its namespace may be left out there.
std::string chosen(const std::vector<Tool>& tools, const ToolNames& names, std::string_view group,
                   std::string_view name) {
  const auto found = std::find_if(tools.begin(), tools.end(), [&](const Tool& tool) {
    return tool.name == name && (group.empty() || tool.group == group);
  });
  return found == tools.end() ? names.written(group, name) : names.written(*found);
}

void write_named(std::string_view name, JsonOut& out) {
  out.object().text("type", "function").object("function").text("name", name);
  out.end_object().end_object();
}

std::string_view mode_word(ToolChoice::Mode mode) {
  return mode == ToolChoice::Mode::required ? "required" : "auto";
}

void write_choice(const ToolChoice& choice, const std::vector<Tool>& tools, bool some,
                  const ToolNames& names, JsonOut& out) {
  if (some) {
    out.object("tool_choice").text("type", "allowed_tools").object("allowed_tools");
    out.text("mode", mode_word(choice.mode)).array("tools");
    for (const std::string& name : choice.only) write_named(chosen(tools, names, "", name), out);
    out.end_array().end_object().end_object();
  } else if (choice.mode == ToolChoice::Mode::one) {
    write_named(chosen(tools, names, choice.group, choice.name), out.key("tool_choice"));
  } else if (choice.mode == ToolChoice::Mode::none) {
    out.text("tool_choice", "none");
  } else if (choice.mode == ToolChoice::Mode::required) {
    out.text("tool_choice", "required");
  }
}

bool is_named(const std::vector<Tool>& tools, std::string_view name) {
  return std::any_of(tools.begin(), tools.end(),
                     [name](const Tool& tool) { return tool.name == name; });
}

}  // namespace

tl::expected<void, Refusal> write_tools(const chat::Request& request, const Target& target,
                                        bool by_its_maker, const ToolNames& names, JsonOut& out,
                                        std::vector<std::string>& dropped) {
  auto tools = tools_known_to("openai-chat", request, target, dropped);
  if (!tools) return tl::unexpected(tools.error());
  const ToolChoice& choice = request.choice;
  const bool forced = choice.mode == ToolChoice::Mode::one ||
                      (choice.mode == ToolChoice::Mode::required && tools->empty());
  const bool missing = choice.mode == ToolChoice::Mode::one ? !is_named(*tools, choice.name) : true;
  if (forced && missing && !request.tools.empty()) {
    return tl::unexpected(
        untranslatable("tool_choice", target, "it does not have the tool that is to be called"));
  }
  bool some = !choice.only.empty() && choice.mode != ToolChoice::Mode::none;
  if (some && !by_its_maker) {
    // The others are not offered at all: the same meaning, at the price of the prompt's cache.
    std::erase_if(*tools, [&choice](const Tool& tool) {
      return std::find(choice.only.begin(), choice.only.end(), tool.name) == choice.only.end();
    });
    some = false;
  }
  if (tools->empty()) return {};
  out.array("tools");
  for (const Tool& tool : *tools) {
    write_tool(tool, names, out);
    if (tool.strict.value_or(false) && !is_strict(tool)) {
      dropped.push_back("tools." + tool.name + ".strict");
    }
  }
  out.end_array();
  write_choice(choice, *tools, some, names, out);
  if (choice.parallel) out.flag("parallel_tool_calls", *choice.parallel);
  return {};
}

}  // namespace routerone::dialect::openai_chat
