#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"
#include "daemon/routing/model_table.h"

namespace routerone {

using routing::Standing;

/// Who is tried next, and may we still change our mind? The one attempt engine, for every dialect
/// and both modes. Pure bookkeeping: it never sends, waits or logs.
class Attempts {
 public:
  /// `standings`: one a target of the plan. `switches`: other targets allowed after the first try.
  /// Where only a credential failed, going on with another one of its provider is no switch.
  Attempts(const RoutePlan& plan, const std::vector<Standing>& standings, int switches);

  /// The target to try now; null when nothing is left worth trying.
  const Target* next() const;
  /// The target that next() gave has failed before any content, and this is how.
  void failed(FailureClass how, std::optional<std::chrono::seconds> retry_after = {});

  /// The target that next() gave cannot be asked at all: the next one, without counting it.
  void skip();
  /// It is better left alone just now: once more after all others, as a last resort.
  void postpone();
  /// Is the target that next() gave one that nobody would ask if there were another?
  bool at_last_resort() const { return at_ >= sound_; }
  /// Is there another one after it?
  bool others_left() const { return at_ + 1 < std::min(order_.size(), allowed_); }

  /// Of another provider, and sound: who may be asked beside the target that next() gave, while
  /// that one is late. Comes right after it from then on. Null: nobody.
  const Target* call_standby();
  /// The standby has failed while the target that next() gave is still awaited.
  void standby_failed(FailureClass how, std::optional<std::chrono::seconds> retry_after = {});
  /// The standby answered first: next() gives it now, and the late one after it.
  void promote_standby();

  /// Is `target` the one the plan liked best?
  bool is_primary(const Target& target) const { return &target == &plan_.targets.front(); }
  /// Why the plan's first target did not serve: a FailureClass, or `late`.
  std::string_view primary_reason() const;

  /// What to tell the caller once next() is null.
  Refusal refusal() const;

 private:
  void count(FailureClass how, std::optional<std::chrono::seconds> retry_after);
  /// Who fails with one credential for a reason of its own would fail with the next one, too: these
  /// wait until the model was tried elsewhere.
  void spare_siblings(const Target&, FailureClass);

  const RoutePlan& plan_;
  std::vector<const Target*> order_;
  std::size_t sound_ = 0;  ///< From there on last resorts.
  std::size_t at_ = 0;
  std::size_t allowed_;
  bool given_up_ = false;
  FailureClass primary_failure_ = FailureClass::none;
  bool primary_late_ = false;
  std::size_t failures_ = 0, rate_limited_ = 0, credential_refused_ = 0, model_missing_ = 0;
  std::optional<std::chrono::seconds> earliest_retry_;
};

}  // namespace routerone
