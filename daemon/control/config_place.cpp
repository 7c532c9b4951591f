#include "daemon/control/config_place.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"

namespace routerone::control {
namespace {

/// Reads nothing, and remembers where reading ended.
class FaultFinder final : public nlohmann::json_sax<Json> {
 public:
  std::size_t position = 0;  ///< Bytes read when it broke; 0: it did not.

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&,
                   const nlohmann::detail::exception&) override {
    position = at;
    return false;
  }
};

std::string place_in(const Json& given, const Json& known, const std::string& where) {
  if (given.is_object() && known.is_object()) {
    for (const auto& [name, value] : given.items()) {
      const std::string place = where.empty() ? name : fmt::format("{}.{}", where, name);
      const auto there = known.find(name);
      if (there == known.end()) return printable(place, 200);
      if (std::string found = place_in(value, *there, place); !found.empty()) return found;
    }
  } else if (given.is_array() && known.is_array()) {
    for (std::size_t i = 0; i < std::min(given.size(), known.size()); ++i)
      if (auto found = place_in(given[i], known[i], fmt::format("{}[{}]", where, i));
          !found.empty())
        return found;
  }
  return {};
}

}  // namespace

std::string place_of_fault(std::string_view text) {
  FaultFinder finder;
  if (Json::sax_parse(text, &finder) || finder.position == 0) return {};
  const std::string_view before = text.substr(0, finder.position - 1);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto begin = before.rfind('\n');
  const std::size_t column = before.size() - (begin == before.npos ? 0 : begin + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

std::string unknown_place(const Json& given, const Json& known) {
  return place_in(given, known, "");
}

}  // namespace routerone::control
