#include "daemon/dialect/request_needs.h"

#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect {
namespace {

bool is_filled_list(const Picked& member) {
  return member.value.starts_with('[') && says_something(member);
}

template <std::size_t n>
std::array<Picked, n> members_of(const Picked& object,
                                 const std::array<std::string_view, n>& names) {
  std::array<Picked, n> none{};
  if (!object.value.starts_with('{')) return none;
  return pick(object.value, names).value_or(none);
}

/// `{"type": "json_schema", ..}`
bool is_form(const Picked& format) {
  static constexpr std::array<std::string_view, 1> names = {"type"};
  const std::string type = word_of(members_of(format, names)[0]);
  return type == "json_schema" || type == "json_object";
}

/// The same one floor down, beside other settings of what is written.
bool has_form(const Picked& settings) {
  static constexpr std::array<std::string_view, 1> names = {"format"};
  return is_form(members_of(settings, names)[0]);
}

/// `{"effort": "low"}`, `{"max_tokens": 2000}`, `{"enabled": true}`.
bool asks_to_reason(const Picked& reasoning) {
  static constexpr std::array<std::string_view, 3> names = {"effort", "max_tokens", "enabled"};
  const auto inside = members_of(reasoning, names);
  return asks_for_thought(word_of(inside[0])) || as_whole(inside[1].value).value_or(0) > 0 ||
         as_bool(inside[2].value).value_or(false);
}

bool is_on(const Picked& thinking) {
  static constexpr std::array<std::string_view, 1> names = {"type"};
  const std::string type = word_of(members_of(thinking, names)[0]);
  return type == "enabled" || type == "adaptive";
}

}  // namespace

bool asks_for_thought(std::string_view effort) {
  return !effort.empty() && effort != "none" && effort != "minimal";
}

RequestNeeds needs_of(std::span<const Picked, need_names.size()> members) {
  RequestNeeds needs;
  needs.tools = is_filled_list(members[0]) || is_filled_list(members[1]);
  needs.structured =
      is_form(members[2]) || has_form(members[3]) || is_form(members[4]) || has_form(members[5]);
  needs.reasoning =
      asks_for_thought(word_of(members[6])) || asks_to_reason(members[7]) || is_on(members[8]);
  return needs;
}

}  // namespace routerone::dialect
