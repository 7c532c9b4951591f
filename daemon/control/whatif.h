#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/json/json.h"
#include "daemon/control/replay_limits.h"
#include "daemon/routing/replay.h"

namespace routerone::control {

/// Adds up what would have become of past requests under other settings, told in the order in which
/// they came. What money and time a request that moved would have taken is an estimate: what it
/// took, in the proportion in which its decision expected them of the two targets.
///
/// A session that moved stays where it went, as it would have: its next requests find their prompt
/// cache warm there.
class WhatIf {
 public:
  WhatIf(routing::ReplayChanges, std::vector<ReplayLimit>);

  void add(const store::PastRequest&);
  /// As `whatif --json` prints it.
  Json done() const;

 private:
  /// What became of one request; each is of exactly one kind.
  enum class Fate {
    not_served,   ///< Refused at the time, or answered by the daemon itself: nobody was asked.
    no_choice,    ///< It had one target only, and has it still.
    unchanged,    ///< The same target serves it.
    moved,        ///< Another one does.
    nobody,       ///< All its targets are gone.
    failed,       ///< It failed at the time; whether it would elsewhere nobody can say.
    cut,          ///< A row has no place for so many candidates.
    other_rules,  ///< Made by rules that are not today's.
  };
  static constexpr std::size_t fates = 8;

  struct Judged {
    Fate fate = Fate::unchanged;
    std::string from, to;
    std::optional<Money> cost;     ///< Replayed; nothing: unknown.
    std::optional<double> slower;  ///< Seconds; nothing: unknown, or the same.
  };
  struct Move {
    std::int64_t requests = 0, known = 0;
    Money change;
  };

  Judged judge(const store::PastRequest&);
  Judged judge_served(const store::PastRequest&, const Decision& again);
  Decision again(const store::PastRequest&) const;
  void remember(const store::PastRequest&, const Judged&);
  void add_sums(const store::PastRequest&, const Judged&);
  void apply_limits(const store::PastRequest&, Money cost);
  std::int64_t count(Fate fate) const { return counts_.at(static_cast<std::size_t>(fate)); }
  Json limits_json() const;
  Json moves_json() const;

  routing::ReplayChanges changes_;
  std::vector<ReplayLimit> limits_;
  std::vector<std::int64_t> counts_ = std::vector<std::int64_t>(fates);
  std::optional<WallTime> first_, last_;
  Money actual_, replayed_, without_target_, refused_money_;
  std::int64_t unknown_costs_ = 0, refused_ = 0;
  std::int64_t timed_ = 0, untimed_ = 0;
  double slower_ = 0;  ///< Seconds, of all that are timed.
  std::map<std::pair<std::string, std::string>, Move> moves_;
  std::unordered_map<std::string, std::string> held_;  ///< By session: the target it moved to.
};

}  // namespace routerone::control
