#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "common/core/clock.h"
#include "daemon/exchange/attempt.h"
#include "daemon/exchange/health_record.h"
#include "daemon/routing/moment.h"

namespace routerone::routing {

/// The circuit breaker of one target. Pure: it is told what happened and when, and says whether to
/// go there. Not thread-safe; times must not go back.
///
/// closed: served. open: left alone until `until()`. half_open: that time has come; one request at
/// a time may try (claim_probe), and its end closes or opens again. What has told nothing of the
/// target (the caller's own fault, a caller that left) neither counts for nor against it.
class Breaker {
 public:
  struct Options {
    int in_a_row = 3;                         ///< Failures one after the other that open it.
    int least = 10;                           ///< Or, of at least this many requests ...
    std::chrono::seconds window{10};          ///< ... in this time ...
    int percent = 50;                         ///< ... this share of failures.
    std::chrono::seconds first_pause{1};      ///< Doubled each time a probe fails, ...
    std::chrono::seconds longest_pause{10};   ///< ... up to this: it must come back by itself soon.
    std::chrono::seconds doubt{60};           ///< A credential or model that was refused.
    std::chrono::seconds longest_told{3600};  ///< A provider's Retry-After is believed this far.
    std::chrono::seconds settled{60};         ///< Closed for so long: the pauses start anew.
  };
  enum class State { closed, open, half_open };

  Breaker() = default;
  explicit Breaker(const Options& options) : options_(options) {}

  State state(SteadyTime now) const;
  /// Takes the one probe of a half-open breaker; false if it is out already.
  bool claim_probe(SteadyTime now);

  /// How a request that `began` then has ended. `left`: by its caller, which tells nothing.
  void succeeded(SteadyTime now, SteadyTime began);
  void failed(SteadyTime now, SteadyTime began, FailureClass how,
              std::optional<std::chrono::seconds> retry_after);
  void left(SteadyTime began);
  /// By hand: as if nothing had ever happened.
  void reset() { *this = Breaker(options_); }

  FailureClass why() const { return why_; }    ///< It opened last; none: never.
  SteadyTime since() const { return since_; }  ///< Its last change between closed and open.
  SteadyTime until() const { return until_; }  ///< Of an open one.
  bool probing() const { return probing_; }
  bool told() const { return told_; }  ///< `until` is what the provider asked for.

  /// A probe that was out, and the last ten seconds, are forgotten over a restart.
  void save(HealthRecord& into, const Moment& now) const;
  void load(const HealthRecord&, const Moment& now);

 private:
  struct Outcome {
    SteadyTime at;
    bool failed;
  };

  bool from_before(SteadyTime began) const { return open_ && began < since_; }
  void open(SteadyTime now, FailureClass how, std::chrono::seconds pause, bool told);
  std::chrono::seconds next_pause(SteadyTime now);
  void remember(SteadyTime now, bool failed);
  bool mostly_failing() const;

  Options options_;
  std::deque<Outcome> recent_;  // of the window; bounded, see remember()
  int failures_in_a_row_ = 0;
  SteadyTime row_began_{};  // when the first of them did
  bool open_ = false, probing_ = false, told_ = false;
  FailureClass why_ = FailureClass::none;
  SteadyTime since_{}, until_{}, probe_began_{};
  std::chrono::seconds pause_{};
};

}  // namespace routerone::routing
