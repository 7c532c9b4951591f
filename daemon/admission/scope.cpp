#include "daemon/admission/scope.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/admission/amounts.h"
#include "daemon/admission/words.h"

namespace routerone::admission {

using std::chrono::seconds;

void Scope::configure(const Limits& limits, Zone zone, Moment now) {
  limits_ = limits;
  zone_ = zone;
  if (!limits.spend)
    window_.reset();
  else if (!window_ || !window_->adopt(*limits.spend))
    window_.emplace(*limits.spend, zone, now, history_);
  set_rate(per_minute, limits.requests_per_minute, std::chrono::minutes(1), now);
  set_rate(per_day, limits.requests_per_day, std::chrono::days(1), now);
  set_rate(tokens_per_minute, limits.tokens_per_minute, std::chrono::minutes(1), now);
}

void Scope::set_rate(RateOf which, std::optional<std::int64_t> limit, seconds window, Moment now) {
  std::optional<SlidingRate>& rate = rates_[which];
  if (!limit) {
    rate.reset();
  } else if (rate) {
    rate->set_limit(*limit);
  } else {
    seed(which, rate.emplace(*limit, window), now);
  }
}

/// A limiter that begins knows what came before it to the minute: all of that as late as it can
/// have been.
void Scope::seed(RateOf which, SlidingRate& rate, Moment now) const {
  for (const SpendHistory::Minute& entry : history_.minutes()) {
    const WallTime last = WallTime(std::chrono::minutes(entry.minute + 1)) - WallTime::duration(1);
    if (last + rate.window() <= now.at) continue;
    rate.take(std::min(last, now.at), which == tokens_per_minute ? entry.tokens : entry.requests);
  }
}

void Scope::restore(const SpendMinute& spent, Moment now) {
  history_.add(
      {std::min(spent.minute, minute_of(now.at)), spent.settled, spent.requests, spent.tokens});
}

void Scope::restore_total(Money settled) { history_.set_total(settled); }

void Scope::count_restored(Moment now) {
  window_.reset();
  rates_ = {};
  configure(Limits(limits_), zone_, now);
}

void Scope::correct(std::int64_t minute, Money by) {
  const Money before = window_ ? window_->counted(history_) : Money{};
  history_.correct(minute, by);
  if (window_) window_->settle(window_->counted(history_) - before);
}

void Scope::advance(Moment now) {
  if (window_ && window_->advance(now, history_)) overrun_ = false;
}

bool Scope::stopped() const {
  const auto limit = ceiling(), prepaid = balance();
  return overrun_ &&
         ((limit && limit->unspent() < Money{}) || (prepaid && prepaid->unspent() < Money{}));
}

Money Scope::Ceiling::unspent() const { return amount - spent; }
Money Scope::Ceiling::free() const { return unspent() - reserved; }

std::optional<Scope::Ceiling> Scope::ceiling() const {
  if (!window_) return std::nullopt;
  return Ceiling{window_->limit().amount, window_->spent(), reserved(), false};
}

std::optional<Scope::Ceiling> Scope::balance() const {
  if (!prepaid_) return std::nullopt;
  return Ceiling{prepaid_->paid_in, history_.total() - prepaid_->settled_before, reserved(), true};
}

std::optional<WallTime> Scope::resets(Moment now, Money need) const {
  return window_ ? window_->resets(now, history_, need) : std::nullopt;
}

std::optional<Scope::Block> Scope::blocked(Moment now, std::int64_t tokens) {
  using Kind = Block::Kind;
  const auto& for_tokens = rates_[tokens_per_minute];
  if (for_tokens && tokens > for_tokens->limit())
    return Block{Kind::tokens_never, for_tokens->limit(), for_tokens->window(), {}};
  std::optional<Block> worst;
  for (const RateOf which : {per_minute, per_day, tokens_per_minute}) {
    if (!rates_[which]) continue;
    SlidingRate& rate = *rates_[which];
    const auto wait = rate.wait(now.at, which == tokens_per_minute ? tokens : 1);
    if (wait.count() <= 0 || (worst && worst->wait >= wait)) continue;
    worst = Block{which == tokens_per_minute ? Kind::tokens : Kind::requests, rate.limit(),
                  rate.window(), wait};
  }
  if (!worst && limits_.concurrency && running_ >= *limits_.concurrency)
    worst = Block{Kind::concurrency, *limits_.concurrency, {}, seconds(1)};
  return worst;
}

void Scope::enter(Moment now, std::int64_t tokens) {
  ++running_;
  for (const RateOf which : {per_minute, per_day, tokens_per_minute}) {
    if (rates_[which]) rates_[which]->take(now.at, which == tokens_per_minute ? tokens : 1);
  }
}

void Scope::leave(Moment now, WallTime entered, std::int64_t tokens) {
  --running_;
  for (const RateOf which : {per_minute, per_day, tokens_per_minute}) {
    if (rates_[which])
      rates_[which]->correct(now.at, entered, which == tokens_per_minute ? -tokens : -1);
  }
}

void Scope::settle(Moment now, WallTime entered, Money cost, std::int64_t tokens,
                   std::int64_t guessed) {
  --running_;
  history_.add({minute_of(now.at), cost, 1, tokens});
  if (window_) window_->settle(cost);
  if (auto& rate = rates_[tokens_per_minute]) rate->correct(now.at, entered, tokens - guessed);
}

Money Scope::reserved() const {
  return {static_cast<std::int64_t>(std::clamp<WideAmount>(reserved_, 0, most_money.picousd))};
}

void Scope::note_overrun() {
  overrun_ = true;
  overrun_ = stopped();
}

std::optional<std::string> Scope::take_warning(Moment now) {
  if (!window_ || !window_->take_warning(now)) return std::nullopt;
  return warning_words(*this, *ceiling());
}

RateState Scope::rates(Moment now) {
  RateState state;
  for (const RateOf which : {per_minute, per_day}) {
    if (!rates_[which]) continue;
    const RateState::Rate rate = rates_[which]->state(now.at);
    if (!state.requests || rate.remaining < state.requests->remaining) state.requests = rate;
  }
  if (auto& rate = rates_[tokens_per_minute]) state.tokens = rate->state(now.at);
  return state;
}

ScopeState Scope::state(Moment now) const {
  ScopeState state;
  state.scope = name_;
  state.reserved = reserved();
  state.settled = state.spent = history_.total();
  if (window_) {
    state.limit = window_->limit();
    state.spent = window_->spent();
    state.resets = window_->resets(now, history_, state.limit->amount);
  }
  if (const auto prepaid = balance()) state.balance = prepaid->unspent();
  state.running = running_;
  state.stopped = stopped();
  return state;
}

}  // namespace routerone::admission
