#include "daemon/dialect/event_type.h"

#include <array>
#include <string_view>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect {
namespace {

/// The value, where `type` is the first member, as it nearly always is.
std::string_view leading_type(std::string_view data) {
  const auto skip = [&data](std::string_view token) {
    data.remove_prefix(std::min(data.find_first_not_of(" \t\r\n"), data.size()));
    if (!data.starts_with(token)) return false;
    data.remove_prefix(token.size());
    return true;
  };
  if (!skip("{") || !skip("\"type\"") || !skip(":") || !skip("\"")) return {};
  const std::size_t end = data.find_first_of("\"\\");
  return end == std::string_view::npos || data[end] != '"' ? std::string_view()
                                                           : data.substr(0, end);
}

}  // namespace

std::string event_type(const SseEvent& event) {
  if (const std::string_view leading = leading_type(event.data); !leading.empty()) {
    return std::string(leading);
  }
  static constexpr std::array<std::string_view, 1> names = {"type"};
  if (const auto members = pick(event.data, names); members && (*members)[0].there()) {
    if (auto said = as_string((*members)[0].value)) return *std::move(said);
  }
  return std::string(event.name);
}

}  // namespace routerone::dialect
