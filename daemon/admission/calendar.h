#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/core/clock.h"
#include "daemon/exchange/limits.h"

namespace date {
class time_zone;
}

namespace routerone::admission {

/// Whose calendar: an IANA zone of the system's data, which stays as it was when first read. UTC
/// needs no data. A value; any thread.
class Zone {
 public:
  Zone() = default;  ///< UTC.
  /// Empty: UTC. Nothing if the system does not know the name.
  static std::optional<Zone> find(const std::string& name);

  /// East of Greenwich, at that time.
  std::chrono::seconds offset(WallTime) const;
  /// The first time the zone's clocks show it; if they skip it, when they do.
  WallTime when(std::chrono::seconds local_since_1970) const;

 private:
  const date::time_zone* zone_ = nullptr;
};

struct Span {
  WallTime start, end;  ///< The end is outside.
};

/// The hour, day, week (from Monday) or month of the calendar that `at` is in. Days and longer
/// begin at local midnight, so that one may be 23 or 25 hours long; an hour is always an hour, of
/// the offset in force. Not for Period::total.
Span calendar_span(Period, Zone, WallTime at);

/// How long the rolling window of a period is. Not for Period::total.
std::chrono::minutes rolling_length(Period);

}  // namespace routerone::admission
