#include "daemon/routing/signals.h"

#include <algorithm>
#include <cmath>

namespace routerone::routing {
namespace {

constexpr double least_seconds = 1e-6;  ///< Of which a logarithm is taken.

/// The first values make a plain mean.
double share_of_next(std::uint64_t before, double weight) {
  return std::max(weight, 1 / static_cast<double>(before + 1));
}

void add(MeanRecord& to, double value, double weight) {
  if (!std::isfinite(value)) return;
  to.mean += (value - to.mean) * share_of_next(to.count, weight);
  ++to.count;
}

std::optional<double> value_of(const MeanRecord& record) {
  if (record.count == 0) return std::nullopt;
  return record.mean;
}

std::optional<Seconds> seconds_of(const MeanRecord& record) {
  if (record.count == 0) return std::nullopt;
  return Seconds(record.mean);
}

}  // namespace

void Signals::note(const Sample& sample, SteadyTime now) {
  double weight = 2 / (options_.tail + 1);
  if (last_noted_) {
    const double silent = Seconds(now - *last_noted_) / Seconds(options_.half_life);
    weight = std::max(weight, std::min(options_.most, 1 - std::exp2(-std::max(silent, 0.0))));
  }
  last_noted_ = now;
  if (sample.failed) last_failed_ = now;
  add(failures_, sample.failed ? 1 : 0, weight);
  if (sample.first_byte) add(first_byte_, sample.first_byte->count(), weight);
  if (sample.per_token) {
    add(per_token_, sample.per_token->count(), weight * telling(sample.output_tokens));
  }
  if (sample.output_tokens) add(output_tokens_, *sample.output_tokens, weight);
  // One that was given up would have taken longer: else what has become slow, and is given up each
  // time for it, were never awaited for longer.
  if (const auto awaited = sample.first_byte ? sample.first_byte : sample.silent) {
    note_spread(*awaited);
  }
}

/// Where little was put out, the time for each token is mostly that of what is done once a request.
double Signals::telling(const std::optional<double>& output_tokens) const {
  if (!output_tokens || output_tokens_.mean <= 0) return 1;
  return std::clamp(*output_tokens / output_tokens_.mean, 0.0, 1.0);
}

/// A mean and a variance that forget at one pace (West 1979, with constant weights). A silence
/// gives the next one no more weight here: it is rare ones that count.
void Signals::note_spread(Seconds first_byte) {
  const double share = share_of_next(log_first_byte_.count, 2 / (options_.tail + 1));
  const double value = std::log(std::max(first_byte.count(), least_seconds));
  const double off = value - log_first_byte_.mean;
  log_variance_ = (1 - share) * (log_variance_ + share * off * off);
  add(log_first_byte_, value, share);
}

std::optional<Seconds> Signals::first_byte() const { return seconds_of(first_byte_); }
std::optional<Seconds> Signals::per_token() const { return seconds_of(per_token_); }
std::optional<double> Signals::output_tokens() const { return value_of(output_tokens_); }

double Signals::failure_share(SteadyTime now) const {
  if (!last_failed_) return 0;
  return failures_.mean * std::exp2(-(Seconds(now - *last_failed_) / Seconds(options_.forgiven)));
}

void Signals::save(HealthRecord& into, const Moment& now) const {
  const auto wall = [&](const std::optional<SteadyTime>& at) {
    return at ? std::optional(now.wall_of(*at)) : std::nullopt;
  };
  into.first_byte = first_byte_;
  into.per_token = per_token_;
  into.output_tokens = output_tokens_;
  into.failures = failures_;
  into.log_first_byte = log_first_byte_;
  into.log_variance = log_variance_;
  into.last_begun = wall(last_begun_);
  into.last_noted = wall(last_noted_);
  into.last_failed = wall(last_failed_);
}

void Signals::load(const HealthRecord& from, const Moment& now) {
  const auto steady = [&](const std::optional<WallTime>& at) {
    return at ? std::optional(now.past(*at)) : std::nullopt;
  };
  first_byte_ = from.first_byte;
  per_token_ = from.per_token;
  output_tokens_ = from.output_tokens;
  failures_ = from.failures;
  log_first_byte_ = from.log_first_byte;
  log_variance_ = from.log_variance;
  last_begun_ = steady(from.last_begun);
  last_noted_ = steady(from.last_noted);
  last_failed_ = steady(from.last_failed);
}

}  // namespace routerone::routing
