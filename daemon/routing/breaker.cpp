#include "daemon/routing/breaker.h"

#include <algorithm>

namespace routerone::routing {
namespace {

constexpr std::size_t most_remembered = 1000;

bool is_doubt(FailureClass how) {
  return how == FailureClass::credential_refused || how == FailureClass::model_missing;
}

}  // namespace

Breaker::State Breaker::state(SteadyTime now) const {
  if (!open_) return State::closed;
  return now < until_ ? State::open : State::half_open;
}

bool Breaker::claim_probe(SteadyTime now) {
  if (state(now) != State::half_open || probing_) return false;
  probing_ = true;
  probe_began_ = now;
  return true;
}

void Breaker::left(SteadyTime began) {
  if (began >= probe_began_) probing_ = false;
}

void Breaker::succeeded(SteadyTime now, SteadyTime began) {
  left(began);
  if (from_before(began)) return;
  // A long answer that began when all was well says nothing of those that came after it and failed.
  if (began >= row_began_) failures_in_a_row_ = 0;
  if (open_) {
    // What failed before the pause says nothing about the target that answers now.
    recent_.clear();
    open_ = false;
    since_ = now;
  }
  remember(now, false);
}

void Breaker::failed(SteadyTime now, SteadyTime began, FailureClass how,
                     std::optional<std::chrono::seconds> retry_after) {
  left(began);
  if (from_before(began)) return;
  remember(now, true);
  if (failures_in_a_row_++ == 0) row_began_ = began;
  if (is_doubt(how)) {
    open(now, how, options_.doubt, false);
  } else if (retry_after &&
             (how == FailureClass::rate_limited || how == FailureClass::overloaded)) {
    open(now, how, std::min(*retry_after, options_.longest_told), true);
  } else if (open_ || how == FailureClass::rate_limited ||
             failures_in_a_row_ >= options_.in_a_row || mostly_failing()) {
    open(now, how, next_pause(now), false);
  }
}

void Breaker::open(SteadyTime now, FailureClass how, std::chrono::seconds pause, bool told) {
  if (!open_) since_ = now;
  until_ = std::max(open_ ? until_ : now, now + pause);
  open_ = true;
  told_ = told;
  why_ = how;
}

std::chrono::seconds Breaker::next_pause(SteadyTime now) {
  if (open_ && now < until_) return std::chrono::seconds(0);  // a last resort: no probe of ours
  const bool anew = pause_.count() == 0 || (!open_ && now - since_ >= options_.settled);
  pause_ = anew ? options_.first_pause : std::min(pause_ * 2, options_.longest_pause);
  return pause_;
}

void Breaker::remember(SteadyTime now, bool failed) {
  recent_.push_back({now, failed});
  while (recent_.front().at + options_.window < now || recent_.size() > most_remembered) {
    recent_.pop_front();
  }
}

bool Breaker::mostly_failing() const {
  const auto all = static_cast<long>(recent_.size());
  const long bad = std::count_if(recent_.begin(), recent_.end(),
                                 [](const Outcome& outcome) { return outcome.failed; });
  return all >= options_.least && bad * 100 >= all * options_.percent;
}

void Breaker::save(HealthRecord& into, const Moment& now) const {
  into.open = open_;
  into.told = told_;
  into.why = why_;
  into.pause = pause_;
  if (since_ != SteadyTime{}) into.since = now.wall_of(since_);
  if (open_) into.until = now.wall_of(until_);
}

void Breaker::load(const HealthRecord& from, const Moment& now) {
  *this = Breaker(options_);
  open_ = from.open && from.until;
  told_ = open_ && from.told;
  why_ = from.why;
  pause_ = std::clamp(from.pause, std::chrono::seconds(0), options_.longest_pause);
  if (from.since) since_ = now.past(*from.since);
  if (open_) until_ = now.coming(*from.until, options_.longest_told);
}

}  // namespace routerone::routing
