#include "daemon/dialect/headroom.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view anthropic = "anthropic-", ending = "-remaining";

/// The name of the limit that belongs to a remainder's name; empty: it is none.
std::string limit_name(std::string_view name) {
  for (const std::string_view family : {"x-ratelimit-", "x-tokenlimit-", "ratelimit-"}) {
    if (!istarts_with(name, family)) continue;
    const std::string_view word = name.substr(family.size());
    constexpr std::string_view remaining = "remaining";
    if (!istarts_with(word, remaining)) return {};
    const std::string_view what = word.substr(remaining.size());
    if (!what.empty() && what.front() != '-') return {};
    return std::string(family).append("limit").append(what);
  }
  const std::size_t start = name.size() - std::min(name.size(), ending.size());
  if (!istarts_with(name, anthropic) || !iequals(name.substr(start), ending)) return {};
  return std::string(name.substr(0, start)).append("-limit");
}

/// The number that a value starts with, if it is one: windows may follow it.
std::optional<std::uint64_t> count_of(std::string_view value) {
  return parse_uint(trim(value.substr(0, value.find_first_of(",;"))));
}

}  // namespace

std::optional<double> headroom_of(http::Fields fields) {
  std::optional<double> least;
  for (const http::Field& field : fields) {
    const std::string name = limit_name(field.name);
    if (name.empty()) continue;
    const auto most = http::find(fields, name);
    if (!most) continue;
    const auto left = count_of(field.value), whole = count_of(*most);
    if (!left || !whole || *whole == 0 || *left > *whole) continue;
    const double share = static_cast<double>(*left) / static_cast<double>(*whole);
    least = std::min(least.value_or(share), share);
  }
  return least;
}

}  // namespace routerone::dialect
