#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/admission/admission.h"
#include "daemon/admission/clamp.h"
#include "daemon/admission/history.h"
#include "daemon/admission/rate.h"
#include "daemon/admission/window.h"

namespace routerone::admission {

__extension__ using WideAmount = __int128;

enum class Level { key, run, project, wallet };

/// One key, run, project or the wallet: its limits, what it spent and what is under way. Not
/// thread-safe: the table's mutex is held. Stays where it is while a request counts in it.
class Scope {
 public:
  /// `name` is the ledger's; `label` is what the user calls it by.
  Scope(Level level, std::string name, std::string label)
      : level_(level), name_(std::move(name)), label_(std::move(label)) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  /// The limits from now on. What is under way keeps what it holds; what was spent counts.
  void configure(const Limits&, Zone, Moment);
  void set_level(Level level) { level_ = level; }
  void set_label(std::string label) { label_ = std::move(label); }
  /// The scope that all of this one counts in, too: of a key its project, or the run around it; of
  /// a project the wallet. It outlives this one.
  void set_above(Scope& above) { above_ = &above; }
  Scope* above() const { return above_; }
  /// The wallet's: the sum of its top-ups and its ledger when they began. Nothing: not prepaid.
  struct Prepaid {
    Money paid_in;
    Money settled_before;
  };
  void set_prepaid(std::optional<Prepaid> prepaid) { prepaid_ = prepaid; }

  /// History of before this process.
  void restore(const SpendMinute&, Moment);
  void restore_total(Money settled);
  /// After all of restore(): windows and rates begin anew with it.
  void count_restored(Moment);
  void correct(std::int64_t minute, Money by);

  /// Ends windows that are over. Before all that follows.
  void advance(Moment);

  Level level() const { return level_; }
  const std::string& name() const { return name_; }
  const std::string& label() const { return label_; }
  bool dry_run() const { return limits_.dry_run; }
  bool may_clamp() const { return !limits_.refuse_to_clamp; }
  bool limits_spend() const { return window_ || prepaid_; }
  bool stopped() const;
  bool idle() const { return running_ == 0; }

  /// A ceiling on money, as it stands.
  struct Ceiling {
    Money amount, spent, reserved;
    bool prepaid = false;
    Money unspent() const;
    Money free() const;
  };
  std::optional<Ceiling> ceiling() const;  ///< Of the spend limit.
  std::optional<Ceiling> balance() const;  ///< Of the prepaid sum.
  /// When the spend limit lets `need` through, if nothing more is spent.
  std::optional<WallTime> resets(Moment, Money need) const;
  const SpendLimit* spend_limit() const { return window_ ? &window_->limit() : nullptr; }

  /// What stands in a request's way, worst first. Nothing: it may go on.
  struct Block {
    enum class Kind { tokens_never, concurrency, requests, tokens } kind{};
    std::int64_t limit = 0;
    std::chrono::seconds window{};
    SlidingRate::Duration wait{};
  };
  std::optional<Block> blocked(Moment, std::int64_t tokens);

  void enter(Moment, std::int64_t tokens);
  /// It never went: gives its marks back.
  void leave(Moment, WallTime entered, std::int64_t tokens);
  /// It went and is over.
  void settle(Moment, WallTime entered, Money cost, std::int64_t tokens, std::int64_t guessed);
  void hold(Money more) { reserved_ += more.picousd; }
  void release(Money held) { reserved_ -= held.picousd; }
  Money reserved() const;
  /// A provider charged more than was held.
  void note_overrun();
  /// Words, once a window, when much of the limit is spent.
  std::optional<std::string> take_warning(Moment);

  RateState rates(Moment);
  ScopeState state(Moment) const;

 private:
  /// A limiter, and what each request takes from it.
  enum RateOf { per_minute, per_day, tokens_per_minute, rate_count };
  void set_rate(RateOf, std::optional<std::int64_t> limit, std::chrono::seconds window, Moment);
  void seed(RateOf, SlidingRate&, Moment) const;

  Level level_;
  std::string name_, label_;
  Scope* above_ = nullptr;
  Limits limits_;
  Zone zone_;
  SpendHistory history_;
  std::optional<SpendWindow> window_;
  std::optional<Prepaid> prepaid_;
  std::array<std::optional<SlidingRate>, rate_count> rates_;
  WideAmount reserved_ = 0;  ///< Wide: what is added must come off again.
  std::int64_t running_ = 0;
  bool overrun_ = false;
};

}  // namespace routerone::admission
