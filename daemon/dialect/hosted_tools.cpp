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

}  // namespace

tl::expected<std::vector<chat::Tool>, Refusal> tools_known_to(std::string_view dialect,
                                                              const chat::Request& request,
                                                              const Target& target,
                                                              std::vector<std::string>& dropped) {
  auto distinct = distinct_tools(request.tools);
  if (!distinct) return tl::unexpected(std::move(distinct.error()));
  std::vector<chat::Tool> out;
  for (chat::Tool& tool : *distinct) {
    if (tool.kind != chat::Tool::Kind::hosted || tool.origin == dialect) {
      out.push_back(std::move(tool));
    } else if (only_helps(tool)) {
      dropped.push_back("tools." + tool.name);
    } else {
      return tl::unexpected(untranslatable("tools", target, "its API has no tool " + tool.name));
    }
  }
  return out;
}

}  // namespace routerone::dialect
