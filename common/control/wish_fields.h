#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/control/wishes.h"
#include "common/core/text.h"
#include "common/json/json.h"

namespace routerone::control {

/// Writes what was said and leaves out what was not.
class WishWriter {
 public:
  template <class T>
  WishWriter& put(const char* name, const T& value) {
    json_[name] = value;
    return *this;
  }
  template <class T>
  WishWriter& put(const char* name, const std::optional<T>& value) {
    return value ? put(name, *value) : *this;
  }
  /// To its owner's daemon, over the 0600 socket.
  WishWriter& put(const char* name, const Secret& value) { return put(name, value.reveal()); }
  Json done() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

/// Reads fields by name and type; remembers the first that is wrong.
class WishReader {
 public:
  explicit WishReader(const Json& json) : json_(json) {
    if (!json.is_object()) note("the body is not a JSON object");
  }

  WishReader& take(const char* name, std::string& out) {
    if (const Json* value = find(name, &Json::is_string)) out = value->get<std::string>();
    return *this;
  }
  WishReader& take(const char* name, std::optional<Secret>& out) {
    if (const Json* value = find(name, &Json::is_string)) out.emplace(value->get<std::string>());
    return *this;
  }
  WishReader& take(const char* name, bool& out) {
    if (const Json* value = find(name, &Json::is_boolean)) out = value->get<bool>();
    return *this;
  }
  template <std::signed_integral Whole>
  WishReader& take(const char* name, Whole& out) {
    if (const Json* value = find(name, &Json::is_number_integer)) {
      const auto number = value->get<std::int64_t>();
      if (number < std::numeric_limits<Whole>::min() || number > std::numeric_limits<Whole>::max())
        note(fmt::format("{} is too large", name));
      else
        out = static_cast<Whole>(number);
    }
    return *this;
  }
  WishReader& take(const char* name, Strings& out) {
    const Json* value = find(name, &Json::is_array);
    if (!value) return *this;
    out.clear();
    for (const Json& entry : *value) {
      if (entry.is_string())
        out.push_back(entry.get<std::string>());
      else
        note(fmt::format("{} holds something other than text", name));
    }
    return *this;
  }
  WishReader& take(const char* name, Pairs& out) {
    const Json* value = find(name, &Json::is_array);
    if (!value) return *this;
    out.clear();
    for (const Json& entry : *value) {
      if (entry.is_array() && entry.size() == 2 && entry[0].is_string() && entry[1].is_string())
        out.emplace_back(entry[0].get<std::string>(), entry[1].get<std::string>());
      else
        note(fmt::format("{} is not a list of pairs", name));
    }
    return *this;
  }
  template <class T>
  WishReader& take(const char* name, std::optional<T>& out) {
    if (!json_.is_object() || !json_.contains(name)) return seen(name);
    return take(name, out.emplace());
  }

  Status done() {
    if (!json_.is_object()) return failed();
    for (const auto& [name, value] : json_.items()) {
      if (std::find(known_.begin(), known_.end(), name) == known_.end())
        note(fmt::format("\"{}\" is not known to this daemon", printable(name, 40)));
    }
    return problem_.empty() ? Status() : failed();
  }

 private:
  const Json* find(const char* name, bool (Json::*is)() const noexcept) {
    seen(name);
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(name);
    if (found == json_.end()) return nullptr;
    if (((*found).*is)()) return &*found;
    note(fmt::format("{} has the wrong type", name));
    return nullptr;
  }
  WishReader& seen(const char* name) {
    known_.emplace_back(name);
    return *this;
  }
  void note(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  Status failed() const { return fail(ErrorKind::invalid, "control call: " + problem_); }

  const Json& json_;
  std::vector<std::string_view> known_;
  std::string problem_;
};

}  // namespace routerone::control
