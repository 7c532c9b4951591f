#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace routerone {

/// How a key stands to its rates, for the rate-limit fields of an answer: from the same counters
/// that decide. Absent: it has no such limit.
struct RateState {
  struct Rate {
    std::int64_t limit = 0;
    std::int64_t remaining = 0;
    std::chrono::milliseconds until_whole{};  ///< Until all of `limit` is there again.
  };
  std::optional<Rate> requests;
  std::optional<Rate> tokens;

  bool any() const { return requests || tokens; }
};

}  // namespace routerone
