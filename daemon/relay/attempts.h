#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone {

/// How a target stands when a request begins (see Cooling).
struct Standing {
  enum class Kind {
    ready,
    doubtful,  ///< Its credential or model was refused lately: tried after the others.
    cooling,   ///< Said when to come back: not called before.
  };
  Kind kind = Kind::ready;
  FailureClass why = FailureClass::none;
  std::chrono::seconds left{};  ///< Until it is ready again.
};

/// Who is tried next, and may we still change our mind? The one attempt engine, for every dialect
/// and both modes. Pure bookkeeping: it never sends, waits or logs.
class Attempts {
 public:
  /// `standings`: one a target of the plan. `switches`: other targets allowed after the first try.
  Attempts(const RoutePlan& plan, const std::vector<Standing>& standings, int switches);

  /// The target to try now; null when nothing is left worth trying.
  const Target* next() const;
  /// The target that next() gave has failed before any content, and this is how.
  void failed(FailureClass how, std::optional<std::chrono::seconds> retry_after = {});

  /// The target that next() gave cannot be asked at all: the next one, without counting it.
  void skip();

  /// Is `target` the one the plan liked best?
  bool is_primary(const Target& target) const { return &target == &plan_.targets.front(); }
  /// Why the plan's first target did not serve; none as long as it may.
  FailureClass primary_failure() const { return primary_failure_; }

  /// What to tell the caller once next() is null.
  Refusal refusal() const;

 private:
  void count(FailureClass how, std::optional<std::chrono::seconds> retry_after);

  const RoutePlan& plan_;
  std::vector<const Target*> order_;
  std::size_t at_ = 0;
  std::size_t allowed_;
  bool given_up_ = false;
  FailureClass primary_failure_ = FailureClass::none;
  std::size_t failures_ = 0, rate_limited_ = 0, credential_refused_ = 0, model_missing_ = 0;
  std::optional<std::chrono::seconds> earliest_retry_;
};

}  // namespace routerone
