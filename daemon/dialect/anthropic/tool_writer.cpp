#include "daemon/dialect/anthropic/tool_writer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/dialect/anthropic/schema.h"
#include "daemon/dialect/anthropic/settings.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect::anthropic {
namespace {

using Mode = chat::ToolChoice::Mode;

/// Declared by agents in every request, whether they are of use or not.
constexpr std::array<std::string_view, 4> searches = {"web_search", "tool_search", "googleSearch",
                                                      "google_search"};

bool is_search(const chat::Tool& tool) {
  return std::any_of(searches.begin(), searches.end(),
                     [&tool](std::string_view name) { return tool.name.starts_with(name); });
}

bool is_foreign(const chat::Tool& tool) {
  return tool.kind == chat::Tool::Kind::hosted && tool.origin != "anthropic";
}

bool is_named(const chat::Tool& tool, const chat::ToolChoice& choice) {
  return tool.name == choice.name && (choice.group.empty() || tool.group == choice.group);
}

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

/// Which of the tools stay. What can be called is what the caller listed.
std::optional<Refusal> choose_tools(std::vector<chat::Tool> all, const chat::Request& request,
                                    const Target& target, ToolPlan& plan) {
  for (chat::Tool& tool : all) {
    if (is_foreign(tool)) {
      if (!is_search(tool)) {
        return untranslatable("tools", target, "its API has no tool " + tool.name);
      }
      if (request.choice.mode == Mode::one && is_named(tool, request.choice)) {
        return untranslatable("tool_choice", target, "its API has no tool " + tool.name);
      }
      plan.dropped.push_back("tools." + tool.name);
      continue;
    }
    const auto& only = request.choice.only;
    if (only.empty() || std::find(only.begin(), only.end(), tool.name) != only.end()) {
      plan.tools.push_back(std::move(tool));
    }
  }
  return std::nullopt;
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
  auto distinct = distinct_tools(request.tools);
  if (!distinct) return tl::unexpected(std::move(distinct.error()));
  ToolPlan plan;
  plan.choice = request.choice;
  if (auto problem = choose_tools(std::move(*distinct), request, target, plan)) {
    return tl::unexpected(std::move(*problem));
  }
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
