#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace routerone::control {

class Histogram;

/// Writes Prometheus' text format, version 0.0.4. A family is opened once, then its samples follow.
/// Label values may be any text: backslash, quote and line end are escaped, what is not UTF-8 is
/// replaced.
class Exposition {
 public:
  enum class Kind { counter, gauge, histogram };
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// `help`: one line of ours.
  void family(std::string_view name, Kind, std::string_view help);
  void sample(Labels labels, std::string_view value);
  void sample(Labels labels, std::uint64_t value) { sample(labels, std::to_string(value)); }
  void samples(Labels labels, const Histogram&);

  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view suffix, Labels labels, std::string_view more_name,
            std::string_view more_value, std::string_view value);

  std::string out_, name_;
};

/// Microseconds as a decimal number of seconds, exactly.
std::string seconds_text(std::int64_t micros);

}  // namespace routerone::control
