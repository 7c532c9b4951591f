#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/core/money.h"
#include "daemon/exchange/trace_row.h"

namespace routerone::control {

/// How many took how long, as Prometheus counts: each bucket also has what the ones below have.
class Histogram {
 public:
  /// `edges`: of a static table, ascending.
  explicit Histogram(std::span<const std::chrono::microseconds> edges) : edges_(edges) {}

  void add(std::chrono::microseconds);
  std::span<const std::chrono::microseconds> edges() const { return edges_; }
  /// Of one more bucket than there are edges; not yet summed up.
  const std::array<std::uint64_t, 16>& counts() const { return counts_; }
  std::chrono::microseconds sum() const { return sum_; }

 private:
  std::span<const std::chrono::microseconds> edges_;
  std::array<std::uint64_t, 16> counts_{};
  std::chrono::microseconds sum_{};
};

/// What requests have come to since the daemon started. Told of each trace on the store's writer
/// thread, behind the answers' backs: a request pays nothing for it. Names that callers make up
/// (any text may follow a provider's name) cannot fill the memory: with too many series the rest is
/// counted as `other`.
class RequestCounts {
 public:
  static constexpr std::size_t most_models = 500, most_providers = 100;
  static constexpr std::array token_kinds = {"input", "cache_read", "cache_write", "output",
                                             "reasoning"};
  /// Of statuses: none was sent, then `1xx` to `5xx`.
  static constexpr std::array status_classes = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

  struct OfModel {
    std::array<std::uint64_t, status_classes.size()> requests{};
    std::array<std::uint64_t, token_kinds.size()> tokens{};
    Money cost;
    std::uint64_t unknown_cost = 0;
  };
  struct OfProvider {
    OfProvider();
    Histogram latency, first_byte;
    std::map<std::string, std::uint64_t> attempts;  ///< By how they ended; empty: well.
  };
  struct Totals {
    Totals();
    /// Provider and model; both empty where a request was refused.
    std::map<std::pair<std::string, std::string>, OfModel> models;
    std::map<std::string, OfProvider> providers;
    std::map<std::string, std::uint64_t> errors;     ///< By the trace's error, a closed list.
    std::map<std::string, std::uint64_t> fallbacks;  ///< By why, a closed list.
    Histogram overhead;
  };

  void count(const TraceRow&);
  Totals totals() const;  ///< Any thread.

 private:
  OfModel& model_of(const TraceRow&);
  OfProvider& provider_of(const std::string&);

  mutable std::mutex mutex_;
  Totals totals_;
};

}  // namespace routerone::control
