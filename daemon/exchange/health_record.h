#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/core/clock.h"
#include "daemon/exchange/attempt.h"

namespace routerone {

/// A mean that weighs the newest values most, and how many there were.
struct MeanRecord {
  std::uint64_t count = 0;
  double mean = 0;

  bool operator==(const MeanRecord&) const = default;
};

/// What is known of one target, as it is kept over a restart: by the wall clock.
struct HealthRecord {
  std::string target;  ///< As health_name() has it.

  MeanRecord first_byte, per_token;  ///< Seconds.
  MeanRecord output_tokens;          ///< Of a request.
  MeanRecord failures;               ///< 0 to 1.
  MeanRecord log_first_byte;         ///< Natural logarithm of seconds ...
  double log_variance = 0;           ///< ... and how far they spread.
  std::optional<WallTime> last_begun, last_noted, last_failed;

  bool open = false;  ///< Its breaker; the rest is of its last change.
  bool told = false;
  FailureClass why = FailureClass::none;
  std::optional<WallTime> since, until;
  std::chrono::seconds pause{};

  bool operator==(const HealthRecord&) const = default;
};

}  // namespace routerone
