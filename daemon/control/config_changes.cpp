#include "daemon/control/config_changes.h"

#include <fmt/format.h>

#include <array>
#include <map>
#include <string>

#include "common/core/text.h"
#include "daemon/control/config_file.h"

namespace routerone::control {
namespace {

using Fields = std::map<std::string, std::string>;

/// Each list of control data: what one of it is, what tells them apart, what it is called by.
struct List {
  const char* section;
  const char* what;
  const char* id;
  const char* name;
};
constexpr std::array<List, 3> lists = {{{"projects", "project", "name", "name"},
                                        {"providers", "provider", "id", "id"},
                                        {"keys", "key", "id", "name"}}};
/// What is kept by name.
constexpr std::array<std::pair<const char*, const char*>, 5> tables = {
    {{"aliases", "alias"},
     {"prices", "price of"},
     {"fallbacks", "fallback chain of"},
     {"candidates", "candidates"},
     {"qualities", "quality of"}}};
constexpr std::array<const char*, 2> singles = {"wallet", "settings"};

constexpr const char* hidden_field = "hmac";

void flatten(const Json& value, const std::string& place, Fields& into) {
  if (value.is_object() && !value.empty()) {
    for (const auto& [name, part] : value.items())
      flatten(part, place.empty() ? name : fmt::format("{}.{}", place, name), into);
  } else {
    into[place] = value.is_string() ? value.get<std::string>() : value.dump();
  }
}

std::string value_in(const Fields& fields, const std::string& place) {
  constexpr std::size_t most = 60;
  const auto found = fields.find(place);
  if (found == fields.end() || found->second == "null") return "none";
  return found->second.empty() ? "\"\"" : printable(found->second, most);
}

Json field_changes(const Json& before, const Json& after) {
  Fields old_fields, new_fields;
  flatten(before, "", old_fields);
  flatten(after, "", new_fields);
  Fields places = old_fields;
  places.insert(new_fields.begin(), new_fields.end());
  Json out = Json::array();
  for (const auto& [place, ignored] : places) {
    const auto was = old_fields.find(place), is = new_fields.find(place);
    if (was != old_fields.end() && is != new_fields.end() && was->second == is->second) continue;
    if (place == hidden_field) {
      out.push_back("its secret");
      continue;
    }
    out.push_back(fmt::format("{}{}{} -> {}", place, place.empty() ? "" : ": ",
                              value_in(old_fields, place), value_in(new_fields, place)));
  }
  return out;
}

class Changes {
 public:
  void add(const char* how, std::string what, Json fields = Json::array()) {
    Json one = Json::object();
    one["how"] = how;
    one["what"] = std::move(what);
    one["fields"] = std::move(fields);
    out_.push_back(std::move(one));
  }
  void compare(const Json* before, const Json* after, const std::string& what) {
    if (!before)
      add("added", what);
    else if (!after)
      add("removed", what);
    else if (*before != *after)
      add("changed", what, field_changes(*before, *after));
  }
  std::size_t size() const { return out_.size(); }
  Json take() { return std::move(out_); }

 private:
  Json out_ = Json::array();
};

const Json* find_by(const Json& list, const char* id, const Json& wanted) {
  for (const Json& one : list)
    if (one[id] == wanted) return &one;
  return nullptr;
}

void compare_lists(Changes& changes, const List& list, const Json& before, const Json& after) {
  const std::size_t so_far = changes.size();
  const auto called = [&](const Json& one) {
    return fmt::format("{} {}", list.what, printable(one[list.name].get<std::string>(), 64));
  };
  for (const Json& one : after)
    changes.compare(find_by(before, list.id, one[list.id]), &one, called(one));
  for (const Json& one : before)
    if (!find_by(after, list.id, one[list.id])) changes.compare(&one, nullptr, called(one));
  if (changes.size() == so_far && before != after)
    changes.add("changed", fmt::format("the order of the {}", list.section));
}

void compare_tables(Changes& changes, const char* what, const Json& before, const Json& after) {
  const auto part = [](const Json& table, const std::string& name) {
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &*found;
  };
  const auto called = [what](const std::string& name) {
    return fmt::format("{} {}", what, printable(name, 128));
  };
  for (const auto& [name, value] : after.items())
    changes.compare(part(before, name), &value, called(name));
  for (const auto& [name, value] : before.items())
    if (!part(after, name)) changes.compare(&value, nullptr, called(name));
}

void compare_credentials(Changes& changes, const routing::Credentials& before,
                         const routing::Credentials& after) {
  for (const auto& [name, secret] : after) {
    const auto old = before.find(name);
    if (old == before.end())
      changes.add("added", "credential " + name);
    else if (old->second->reveal() != secret->reveal())
      changes.add("changed", "credential " + name);
  }
  for (const auto& [name, secret] : before)
    if (!after.contains(name)) changes.add("removed", "credential " + name);
}

}  // namespace

Json config_changes(const State::Draft& before, const State::Draft& after) {
  const Json old_file = write_config(before, {}, true), new_file = write_config(after, {}, true);
  const Json& was = old_file["control"];
  const Json& is = new_file["control"];
  Changes changes;
  for (const List& list : lists) compare_lists(changes, list, was[list.section], is[list.section]);
  for (const auto& [section, what] : tables)
    compare_tables(changes, what, was[section], is[section]);
  for (const char* section : singles) changes.compare(&was[section], &is[section], section);
  compare_credentials(changes, before.credentials, after.credentials);
  if (before.pepper->reveal() != after.pepper->reveal())
    changes.add("changed", "the pepper that keys are hashed with");
  return changes.take();
}

}  // namespace routerone::control
