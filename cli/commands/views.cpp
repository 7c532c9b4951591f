#include "cli/commands/views.h"

#include <fmt/format.h>

#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

const Json* find(const Json& object, const char* field) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(field);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

std::string text_of(const Json& object, const char* field) {
  const Json* value = find(object, field);
  if (!value) return {};
  return value->is_string() ? value->get<std::string>() : value->dump();
}

std::int64_t whole_of(const Json& object, const char* field) {
  const Json* value = find(object, field);
  return value && value->is_number_integer() ? value->get<std::int64_t>() : 0;
}

const Json& part_of(const Json& object, const char* field) {
  static const Json none;
  const Json* value = find(object, field);
  return value ? *value : none;
}

bool flag_of(const Json& object, const char* field, bool otherwise) {
  const Json* value = find(object, field);
  return value && value->is_boolean() ? value->get<bool>() : otherwise;
}

std::vector<std::string> strings_of(const Json& object, const char* field) {
  std::vector<std::string> out;
  const Json* value = find(object, field);
  if (!value || !value->is_array()) return out;
  for (const Json& entry : *value)
    if (entry.is_string()) out.push_back(entry.get<std::string>());
  return out;
}

std::string list_of(const Json& object, const char* field, const char* otherwise) {
  const auto parts = strings_of(object, field);
  return parts.empty() ? otherwise : fmt::format("{}", fmt::join(parts, ","));
}

Cell time_cell(const std::string& rfc3339, const Clock& clock) {
  return {relative_time(rfc3339, clock.wall()), rfc3339};
}

Cell state_cell(const std::string& word) {
  Color color = Color::none;
  if (word == "active" || word == "completed" || word == "enabled" || word == "ok")
    color = Color::green;
  else if (word == "expired" || word == "completed_unmarked" || word == "client_gone" ||
           word == "disabled" || word == "not added")
    color = Color::yellow;
  else if (!word.empty() && word != "built in")
    color = Color::red;
  return {word, word, color};
}

/// Six decimals are exact enough to read; trailing zeros beyond the cent say nothing.
Cell usd_cell(const std::string& usd) {
  if (usd.empty()) return {"unknown", "", Color::yellow};
  std::string shown = usd;
  const auto point = shown.find('.');
  while (point != shown.npos && shown.size() > point + 3 && shown.back() == '0') shown.pop_back();
  const bool negative = shown.starts_with('-');
  return {(negative ? "-$" : "$") + shown.substr(negative ? 1 : 0), usd};
}

Cell count_cell(const Json& object, const char* field) {
  if (!find(object, field)) return {"", ""};
  const std::int64_t count = whole_of(object, field);
  return {short_count(count), std::to_string(count)};
}

void print_table(Call& call, const Table& table, const std::string& if_empty) {
  if (!table.empty())
    table.print(call.out());
  else
    call.out().note(if_empty);
}

}  // namespace routerone::cli
