#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "common/core/clock.h"
#include "common/core/money.h"
#include "daemon/exchange/control_data.h"
#include "daemon/exchange/ledger.h"
#include "daemon/exchange/rate_state.h"
#include "daemon/exchange/refusal.h"

namespace routerone::admission {

class Admission;

/// Why a request is not let in.
struct Denial {
  Refusal refusal;
  /// Only what others hold is in the way: it may fit in a moment. Wait, at most two seconds in all,
  /// and ask again; then give the refusal, which is a 429.
  bool may_pass_soon = false;
};

/// What a request could cost.
struct Bill {
  Money input;                   ///< All but the output, at worst.
  std::int64_t output_rate = 0;  ///< Picodollars for one token of the cap, all choices together.
  std::int64_t cap = 0;          ///< The most output tokens: the caller's cap or the model's own.
  std::int64_t least_cap = 1;    ///< Below this a clamped cap would make no sense: refused.
  bool clampable = true;
};

/// A request that was let in: its mark in the request rates, its tokens, its place among the
/// concurrent ones and the money held for it, in every scope at once. Gives all of it back when it
/// goes, but for what was settled. Moves; belongs to one loop at a time.
class Pass {
 public:
  Pass() noexcept;
  Pass(Pass&&) noexcept;
  Pass& operator=(Pass&&) noexcept;
  ~Pass();

  /// What is held.
  Money reserved() const { return reserved_; }
  /// Before another attempt: `owed` is what those before it may have to be paid, beside the
  /// `next` one's worst case. False: there is no money for it.
  bool cover(Money owed, Money next);
  /// How it ended: what it cost (nothing if that is unknown), and the tokens it really used. True:
  /// it cost more than was held. Only the first call counts.
  bool settle(Money cost, std::int64_t tokens);

 private:
  friend class Admission;
  struct Held;
  std::unique_ptr<Held> held_;
  Money reserved_;
};

/// How one scope stands, for `budgets show` and the endpoints that tools poll.
struct ScopeState {
  std::string scope;
  std::optional<SpendLimit> limit;
  Money spent;  ///< In the window under way.
  Money reserved;
  Money settled;  ///< Since ever.
  std::optional<WallTime> resets;
  std::optional<Money> balance;  ///< The wallet's, if it is prepaid.
  std::int64_t running = 0;      ///< Requests under way.
  bool stopped = false;          ///< A provider charged more than was held, beyond the limit.
};

/// Everything that decides whether a request may go on, for all loops: one small mutex, no I/O, no
/// waiting. Windows go by a clock that neither jumps nor sleeps (Clock::continuous), so that no
/// change of the wall clock opens a second window or closes one early; the wall clock only says
/// where a new window's edges are.
class Admission {
 public:
  /// `on_warning`: words of ours, told outside the lock, at most once a window and scope, and for
  /// each refusal that a dry run spared. Any thread.
  explicit Admission(const Clock&, std::function<void(const std::string&)> on_warning = {});
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// The limits that hold from now on. What is under way keeps what it holds.
  void configure(const ControlData&);
  /// What was spent before this process, of at least the last 32 days, and since ever. Once, before
  /// the first request.
  void restore(const std::vector<SpendMinute>& minutes, const std::map<std::string, Money>& totals);
  /// A settled sum was put right later (reconcile): `by` may be negative.
  void correct(const std::string& scope, WallTime when, Money by);

  /// Has anything this key counts in a spend limit? If not, no bill is needed.
  bool limits_spend(const KeyRecord&) const;

  /// Request rates, token rate, concurrency. `tokens`: a best guess of what it will use.
  tl::expected<Pass, Denial> enter(const KeyRecord&, std::int64_t tokens);

  struct Grant {
    std::int64_t cap = 0;  ///< To be sent in place of the caller's, if `clamped`.
    bool clamped = false;
  };
  /// Holds what the bill says in every scope, or nothing in any; in place of what the pass held.
  tl::expected<Grant, Denial> reserve(Pass&, const KeyRecord&, const Bill&);

  /// The tightest of the key's own rates, for the answer's head.
  RateState rates(const KeyRecord&) const;
  std::vector<ScopeState> states() const;
  ScopeState state(const std::string& scope) const;

 private:
  friend class Pass;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::admission
