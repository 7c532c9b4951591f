#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/core/clock.h"
#include "common/core/result.h"
#include "common/json/json.h"

namespace routerone::cli {

enum class LogLevel { trace, debug, info, warning, error };

/// `warn` and `warning` are one. invalid for any other word.
Result<LogLevel> parse_log_level(std::string_view word);

/// A line of the daemon's log, text or JSON.
struct LogLine {
  std::string time;  ///< RFC 3339; empty where the line has none.
  LogLevel level = LogLevel::error;
  std::string text;  ///< What comes behind them, details included.
};

/// What the log did not write itself (a program's last words) has no time and counts as an error.
LogLine read_log_line(const std::string& line);

Json to_json(const LogLine&);

/// `2h` ago, a date (its midnight, UTC), or RFC 3339.
Result<WallTime> parse_moment(const std::string& text, WallTime now);

/// Which lines are wanted. Lines come in their order: one without a time has that of the line
/// before.
class LogFilter {
 public:
  LogFilter(std::optional<WallTime> since, LogLevel least) : since_(since), least_(least) {}
  bool takes_all() const { return !since_ && least_ == LogLevel::trace; }
  bool takes(const LogLine&);

 private:
  std::optional<WallTime> since_;
  LogLevel least_;
  bool late_enough_ = false;
};

}  // namespace routerone::cli
