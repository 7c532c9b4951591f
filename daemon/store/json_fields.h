#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "common/json/json.h"

namespace routerone::store {

/// Reads the fields of one JSON object. An absent one leaves the default; one of the wrong type is
/// noted as the first problem, and reading goes on.
class JsonFields {
 public:
  /// `where`: its place in the document, empty for the whole of it.
  /// `problem` is shared by all readers of a document and outlives them.
  JsonFields(const Json& object, std::string where, std::string& problem)
      : object_(object), where_(std::move(where)), problem_(problem) {
    if (!object_.is_object()) note("", "is not an object");
  }

  void read(const char* name, std::string& into) {
    if (const auto* value = find(name, &Json::is_string, "text")) into = *value;
  }
  void read(const char* name, bool& into) {
    if (const auto* value = find(name, &Json::is_boolean, "true or false")) into = *value;
  }
  void read(const char* name, int& into) {
    std::int64_t wide = into;
    read(name, wide);
    if (wide < INT32_MIN || wide > INT32_MAX) return note(name, "is out of range");
    into = static_cast<int>(wide);
  }
  void read(const char* name, std::int64_t& into) {
    const auto* value = find(name, &Json::is_number_integer, "a whole number");
    if (!value) return;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX)
      return note(name, "is out of range");
    into = *value;
  }
  void read(const char* name, double& into) {
    if (const auto* value = find(name, &Json::is_number, "a number")) into = value->get<double>();
  }
  void read(const char* name, std::uint64_t& into) {
    auto value = static_cast<std::int64_t>(into);
    read(name, value);
    if (value < 0) return note(name, "is below 0");
    into = static_cast<std::uint64_t>(value);
  }
  void read_millis(const char* name, Millis& into) {
    std::int64_t count = into.count();
    read(name, count);
    into = Millis(count);
  }
  void read(const char* name, Money& into) {
    std::string text;
    read(name, text);
    if (text.empty()) return;
    if (const auto amount = parse_usd(text))
      into = *amount;
    else
      note(name, "is not an amount of money");
  }
  void read(const char* name, WallTime& into) {
    std::string text;
    read(name, text);
    if (text.empty()) return;
    if (const auto at = parse_rfc3339(text))
      into = *at;
    else
      note(name, "is not a time");
  }
  void read(const char* name, std::optional<WallTime>& into) {
    WallTime at{};
    if (!has(name)) return;
    read(name, at);
    into = at;
  }
  void read(const char* name, std::vector<std::string>& into) {
    for (const auto& entry : list(name)) {
      if (!entry.is_string()) return note(name, "is not a list of texts");
      into.push_back(entry.get<std::string>());
    }
  }

  /// Is it there, and not null?
  bool has(const char* name) const {
    return object_.is_object() && object_.contains(name) && !object_[name].is_null();
  }
  /// A part of this object, or an entry of one of its lists, to be read the same way.
  JsonFields part(const char* name) { return {object(name), place(name), problem_}; }
  JsonFields entry(const Json& one, const char* list_name) const {
    const auto number = &one - &object_[list_name].front();
    return {one, place(list_name) + "[" + std::to_string(number) + "]", problem_};
  }

  /// The entries of a list; none if it is absent.
  const Json& list(const char* name) {
    static const Json none = Json::array();
    const auto* value = find(name, &Json::is_array, "a list");
    return value ? *value : none;
  }
  const Json& object(const char* name) {
    static const Json none = Json::object();
    const auto* value = find(name, &Json::is_object, "an object");
    return value ? *value : none;
  }
  std::string place(const char* name) const { return where_.empty() ? name : where_ + "." + name; }
  void note(const char* name, const char* what) {
    const std::string whole = where_.empty() ? "it" : where_;
    if (problem_.empty()) problem_ = (*name ? place(name) : whole) + " " + what;
  }

 private:
  const Json* find(const char* name, bool (Json::*is_right)() const noexcept, const char* wanted) {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    if (found == object_.end()) return nullptr;
    if (((*found).*is_right)()) return &*found;
    note(name, (std::string("is not ") + wanted).c_str());
    return nullptr;
  }

  const Json& object_;
  std::string where_;
  std::string& problem_;
};

}  // namespace routerone::store
