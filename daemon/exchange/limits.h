#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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

/// A run inside another has that one's id, a dot and some digits of its own. So whatever knows an
/// id knows all that its spend counts in, however old the record is that holds it.
inline constexpr std::size_t most_runs_deep = 5;  ///< An id is at most 64 characters long.

/// The id of the run around this one; empty: there is none.
inline std::string_view outer_key(std::string_view id) {
  const std::size_t dot = id.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : id.substr(0, dot);
}
/// Is it in the other, at whatever depth?
inline bool is_inside(std::string_view id, std::string_view outer) {
  return id.size() > outer.size() && id.starts_with(outer) && id[outer.size()] == '.';
}

/// All that a key's spend counts in: itself, the runs around it, its project, the wallet.
inline std::vector<std::string> scopes_of(std::string_view key_id, const std::string& project) {
  std::vector<std::string> scopes;
  if (key_id.empty()) return scopes;
  for (; !key_id.empty(); key_id = outer_key(key_id)) {
    scopes.push_back(key_scope(std::string(key_id)));
  }
  if (!project.empty()) scopes.push_back(project_scope(project));
  scopes.push_back(wallet_scope);
  return scopes;
}

}  // namespace routerone
