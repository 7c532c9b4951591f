#include "daemon/dialect/cost_note.h"

#include <array>
#include <string>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect {
namespace {

/// `0.0042`: exact, and no longer than that takes.
std::string shortest_usd(Money amount) {
  std::string text = format_usd(amount);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

Picked member_of(std::string_view object, std::string_view name) {
  const std::array<std::string_view, 1> names = {name};
  const auto members = pick(object, names);
  return members ? (*members)[0] : Picked{};
}

}  // namespace

std::optional<Splice> note_cost(std::string_view json, std::span<const std::string_view> path,
                                Money amount) {
  std::string_view usage = json;
  for (const std::string_view name : path) {
    const Picked found = member_of(usage, name);
    if (!found.there() || !found.value.starts_with('{')) return std::nullopt;
    usage = found.value;
  }
  const auto at = static_cast<std::size_t>(usage.data() - json.data());
  const std::string cost = shortest_usd(amount);
  const Picked stated = member_of(usage, "cost");
  if (stated.there()) {
    if (!is_null(stated.value)) return std::nullopt;
    return Splice{stated.at(json), stated.value.size(), cost};
  }
  const bool empty = usage.find('"') == std::string_view::npos;
  return Splice{at + 1, 0, "\"cost\":" + cost + (empty ? "" : ",")};
}

}  // namespace routerone::dialect
