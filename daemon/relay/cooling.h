#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/target.h"
#include "daemon/relay/attempts.h"

namespace routerone {

/// Which targets are better left alone for now. Shared by all loops: one short lock at the start of
/// a request and one after a failure that marks, never while bytes move.
class Cooling {
 public:
  static constexpr std::chrono::seconds longest{3600};
  static constexpr std::chrono::seconds doubt{60};

  explicit Cooling(const Clock& clock) : clock_(clock) {}

  /// Marks what the failure says about the target: 429 cools it for exactly `retry_after` (at most
  /// an hour; without one it is not cooled), a refused credential or missing model makes it
  /// doubtful for a minute. Other failures mark nothing.
  void note_failure(const Target&, FailureClass, std::optional<std::chrono::seconds> retry_after);
  /// It has served: forget any doubt.
  void note_success(const Target&);

  std::vector<Standing> standings(const RoutePlan&) const;

 private:
  struct Mark {
    SteadyTime until;
    FailureClass why;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Mark, std::less<>> marks_;  // `provider/upstream_model`
};

}  // namespace routerone
