#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace routerone::dialect {

/// Looks for members in JSON text without reading it: a name in quotes cannot occur inside a
/// string, where its quotes would be escaped. At any depth; cheap enough for every event.

/// Is there a member of this name (given with its quotes) whose value is not null?
bool has_value(std::string_view json, std::string_view quoted_name);
/// The first member of this name whose value is a string: the inside of that string, as it stands.
std::string_view find_text(std::string_view json, std::string_view quoted_name);
/// The last usage, called `name`, whose value is a whole object; for texts whose beginning is lost.
std::optional<std::string_view> find_usage(std::string_view json, std::string_view name = "usage");

/// `word` if it is one of `known`, else `other`; empty stays empty.
template <class List>
std::string one_of(std::string_view word, const List& known) {
  if (word.empty()) return {};
  for (const std::string_view each : known) {
    if (word == each) return std::string(word);
  }
  return "other";
}

}  // namespace routerone::dialect
