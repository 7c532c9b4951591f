#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "common/core/clock.h"
#include "daemon/exchange/health_record.h"
#include "daemon/routing/moment.h"

namespace routerone::routing {

using Seconds = std::chrono::duration<double>;

/// How one request at a target went, judged at its end: a stream that broke off has failed, however
/// soon its first byte came.
struct Sample {
  bool failed = false;
  std::optional<Seconds> first_byte = {};
  std::optional<Seconds> per_token = {};  ///< Of the output, after the first byte.
  std::optional<double> output_tokens = {};
  /// No first byte in so long a time, when it was given up.
  std::optional<Seconds> silent = {};
};

/// How the times to the first byte spread: their logarithms, since now and then one takes many
/// times as long as the others.
struct Spread {
  std::uint64_t count = 0;
  double log_mean = 0;  ///< Of seconds.
  double log_variance = 0;
};

/// What the last requests at one target tell: a mean that weighs the newest of about fifty most,
/// and a new one more the longer nothing was heard of the target. Pure; not thread-safe; times must
/// not go back.
class Signals {
 public:
  struct Options {
    double tail = 50;  ///< Requests that count when they come one after the other.
    std::chrono::seconds half_life{15};  ///< After so long in silence the next one counts half ...
    double most = 0.3;                   ///< ... but never more than this: one is no proof.
    std::chrono::seconds forgiven{8};    ///< After so long without a failure, half of them.
    std::chrono::seconds fresh{1};       ///< A target left alone for longer is worth a trial.
    std::uint64_t enough = 3;            ///< Fewer requests tell nothing.
  };

  Signals() = default;
  explicit Signals(const Options& options) : options_(options) {}

  void began(SteadyTime now) { last_begun_ = now; }
  void note(const Sample&, SteadyTime now);
  /// Nobody knows how it would have gone, only that for so long no first byte had come.
  void note_silence(Seconds time) { note_spread(time); }

  std::optional<Seconds> first_byte() const;
  std::optional<Seconds> per_token() const;
  std::optional<double> output_tokens() const;  ///< Of a request.
  Spread spread() const { return {log_first_byte_.count, log_first_byte_.mean, log_variance_}; }
  /// What failed and was not seen failing since counts for less and less: a target that nobody asks
  /// because it failed could else never come back.
  double failure_share(SteadyTime now) const;
  /// Of whole answers no first byte is known, only how long all of it took.
  bool measured() const { return std::max(first_byte_.count, per_token_.count) >= options_.enough; }
  /// Nothing was sent there lately, so that what is known may be old.
  bool stale(SteadyTime now) const { return !last_begun_ || now - *last_begun_ >= options_.fresh; }
  std::optional<SteadyTime> last_begun() const { return last_begun_; }

  void save(HealthRecord& into, const Moment& now) const;
  void load(const HealthRecord&, const Moment& now);

 private:
  double telling(const std::optional<double>& output_tokens) const;
  void note_spread(Seconds first_byte);

  Options options_;
  MeanRecord first_byte_, per_token_, output_tokens_, failures_, log_first_byte_;
  double log_variance_ = 0;
  std::optional<SteadyTime> last_begun_, last_noted_, last_failed_;
};

}  // namespace routerone::routing
