#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/core/clock.h"
#include "common/core/money.h"

namespace routerone {

/// After what time a spend limit begins anew. A month that rolls is 30 days.
enum class Period { total, hour, day, week, month };

/// A hard ceiling: settled + reserved + what a request could cost at worst never exceeds it.
struct SpendLimit {
  Money amount;
  Period period = Period::total;
  bool rolling = false;   ///< The last hour, day, .. instead of the calendar's.
  std::string timezone;   ///< IANA name whose calendar it is; empty: UTC.
  int warn_percent = 80;  ///< Told once a window when so much of it is spent.
};

/// Only targets whose catalog row says so.
struct DataPolicy {
  bool zero_retention = false;  ///< `--require zdr`
  bool no_training = false;     ///< `--no-training`
  std::string region;           ///< `--region eu`; empty: any.

  bool any() const { return zero_retention || no_training || !region.empty(); }
};

/// What a scope may do. A request must fit those of its key, of the key's project and of the
/// wallet. Absent: no limit.
struct Limits {
  std::optional<SpendLimit> spend;
  std::optional<std::int64_t> requests_per_minute, requests_per_day, tokens_per_minute, concurrency;
  std::vector<std::string> models;     ///< Globs of canonical ids; empty: all.
  std::vector<std::string> providers;  ///< Ids; empty: all.
  std::optional<WallTime> expires;
  DataPolicy policy;
  bool unpriced = false;         ///< Targets without a known price serve in spite of a spend limit.
  bool refuse_to_clamp = false;  ///< `--on-limit refuse`: an output cap is never lowered.
  bool dry_run = false;  ///< `--dry-run-limits`: says in the log what it would have refused.
};

/// A scope's name in ledger and limits. Keys go by id: a name may be given again.
inline std::string key_scope(const std::string& id) { return "key:" + id; }
inline std::string project_scope(const std::string& name) { return "project:" + name; }
inline const std::string wallet_scope = "wallet";

}  // namespace routerone
