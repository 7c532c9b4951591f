#include "daemon/dialect/anthropic/tool_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/dialect/anthropic/schema.h"
#include "daemon/dialect/anthropic/settings.h"
#include "daemon/dialect/hosted_tools.h"

namespace routerone::dialect::anthropic {
namespace {

using Mode = chat::ToolChoice::Mode;

/// What was called once, as far as it is known: a conversation with calls needs tools.
std::vector<chat::Tool> tools_of_history(const std::vector<chat::Turn>& turns) {
  std::vector<chat::Tool> out;
  for (const chat::Turn& turn : turns) {
    for (const chat::Part& part : turn.parts) {
      const auto* call = std::get_if<chat::ToolCall>(&part);
      if (call == nullptr) continue;
      const bool known = std::any_of(out.begin(), out.end(), [call](const chat::Tool& tool) {
        return tool.name == call->name && tool.group == call->group;
      });
      if (known) continue;
      chat::Tool tool;
      tool.kind = call->freeform ? chat::Tool::Kind::freeform : chat::Tool::Kind::function;
      tool.name = call->name;
      tool.group = call->group;
      out.push_back(std::move(tool));
    }
  }
  return out;
}

void write_tool(JsonOut& out, const chat::Tool& tool, const ToolNames& names, CacheMarks& marks,
                std::vector<std::string>& dropped) {
  if (tool.kind == chat::Tool::Kind::hosted) {
    out.raw(tool.raw);
    return;
  }
  const bool freeform = tool.kind == chat::Tool::Kind::freeform;
  const chat::JsonText schema = input_schema(freeform ? freeform_schema(tool) : tool.schema);
  out.object().text("name", names.written(tool)).text_if("description", tool.description);
  out.raw("input_schema", schema);
  if (tool.strict.value_or(false)) {
    if (is_enforceable(schema)) {
      out.flag("strict", true);
    } else if (std::find(dropped.begin(), dropped.end(), "strict") == dropped.end()) {
      dropped.emplace_back("strict");
    }
  }
  marks.write(out, tool.cache);
  out.end_object();
}

void write_choice(JsonOut& out, const chat::ToolChoice& choice, const ToolNames& names) {
  const bool one_at_a_time = !choice.parallel.value_or(true);
  if (choice.mode == Mode::automatic && !one_at_a_time) return;
  static constexpr std::array<std::string_view, 4> words = {"auto", "any", "tool", "none"};
  out.object("tool_choice").text("type", words[static_cast<std::size_t>(choice.mode)]);
  if (choice.mode == Mode::one) out.text("name", names.written(choice.group, choice.name));
  if (one_at_a_time && choice.mode != Mode::none) out.flag("disable_parallel_tool_use", true);
  out.end_object();
}

}  // namespace

tl::expected<ToolPlan, Refusal> plan_tools(const chat::Request& request, const Target& target,
                                           const ClaudeFamily& family) {
  ToolPlan plan;
  plan.choice = request.choice;
  auto known = tools_known_to("anthropic", request, target, plan.dropped);
  if (!known) return tl::unexpected(std::move(known.error()));
  plan.tools = std::move(*known);
  const auto& only = request.choice.only;
  std::erase_if(plan.tools, [&only](const chat::Tool& tool) {
    return !only.empty() && std::find(only.begin(), only.end(), tool.name) == only.end();
  });
  if (plan.tools.empty()) {
    plan.tools = tools_of_history(request.turns);
    plan.choice = {};
    plan.choice.mode = Mode::none;
  }
  if (forces_call(plan.choice) && !family.forced_choice) {
    plan.order = plan.choice.mode == Mode::one ? "You must call the tool " + plan.choice.name + "."
                                               : std::string("You must call one of the tools.");
    plan.choice.mode = Mode::automatic;
    plan.dropped.emplace_back("tool_choice");
  }
  return plan;
}

void write_tools(JsonOut& out, ToolPlan& plan, const ToolNames& names, CacheMarks& marks) {
  if (plan.tools.empty()) return;
  out.array("tools");
  for (const chat::Tool& tool : plan.tools) write_tool(out, tool, names, marks, plan.dropped);
  out.end_array();
  write_choice(out, plan.choice, names);
}

}  // namespace routerone::dialect::anthropic
