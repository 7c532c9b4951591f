#include "daemon/dialect/hosted_tools.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/dialect/tool_names.h"
#include "daemon/dialect/untranslatable.h"

namespace routerone::dialect {
namespace {

/// Begun so, a version may follow.
constexpr std::array<std::string_view, 5> dispensable = {
    "web_search", "tool_search", "googleSearch", "google_search", "programmatic_tool_calling"};

bool only_helps(const chat::Tool& tool) {
  return std::any_of(dispensable.begin(), dispensable.end(),
                     [&tool](std::string_view name) { return tool.name.starts_with(name); });
}

bool is_forced(const chat::ToolChoice& choice, const chat::Tool& tool) {
  return choice.mode == chat::ToolChoice::Mode::one && choice.name == tool.name;
}

}  // namespace

tl::expected<std::vector<chat::Tool>, Refusal> tools_known_to(std::string_view dialect,
                                                              const chat::Request& request,
                                                              const Target& target,
                                                              std::vector<std::string>& dropped) {
  auto distinct = distinct_tools(request.tools);
  if (!distinct) return tl::unexpected(std::move(distinct.error()));
  const auto refuse = [&target](std::string_view field, const chat::Tool& tool) {
    return tl::unexpected(untranslatable(field, target, "its API has no tool " + tool.name));
  };
  std::vector<chat::Tool> out, left_out;
  for (chat::Tool& tool : *distinct) {
    if (tool.kind != chat::Tool::Kind::hosted || tool.origin == dialect) {
      out.push_back(std::move(tool));
      continue;
    }
    if (!only_helps(tool)) return refuse("tools", tool);
    if (is_forced(request.choice, tool)) return refuse("tool_choice", tool);
    dropped.push_back("tools." + tool.name);
    left_out.push_back(std::move(tool));
  }
  const bool some = request.choice.mode == chat::ToolChoice::Mode::required && out.empty();
  if (some && !left_out.empty()) return refuse("tool_choice", left_out.front());
  return out;
}

}  // namespace routerone::dialect
