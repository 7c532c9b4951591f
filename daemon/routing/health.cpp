#include "daemon/routing/health.h"

#include <algorithm>
#include <cmath>

namespace routerone::routing {
namespace {

using std::chrono::milliseconds;

/// Of a log-normal spread, 4.5 deviations leave out 3 in 1,000,000; estimated from about fifty
/// values, 0.3 in 10,000 whatever the spread (tests/daemon/routing/patience_test.cpp).
constexpr double patience = 4.5;
constexpr double p95 = 1.645;
constexpr std::uint64_t tells_spread = 20;  ///< Requests; fewer say nothing of the rare ones.
/// What was steady so far says little of a longer prompt: 10 times the usual is always awaited.
constexpr double least_deviation = 0.5;
constexpr std::chrono::minutes headroom_believed{1};  ///< Limits are by the minute.
constexpr std::chrono::hours of_use{24};
constexpr std::size_t longest_name = 256;  ///< Callers may name models as long as a request is.

double quantile(const Spread& spread, double deviations, double least) {
  return std::exp(spread.log_mean + deviations * std::max(std::sqrt(spread.log_variance), least));
}

/// Is it `owner/..` or, of another of its credentials, `owner#account/..`?
bool is_of(std::string_view target, std::string_view owner) {
  return target.size() > owner.size() && target.starts_with(owner) &&
         (target[owner.size()] == '/' || target[owner.size()] == '#');
}

std::string_view kept_name(std::string_view target) { return target.substr(0, longest_name); }

WallTime newest(const HealthRecord& record) {
  const auto earliest = WallTime::min();
  return std::max(record.last_begun.value_or(earliest), record.last_noted.value_or(earliest));
}

}  // namespace

milliseconds first_byte_timeout(const HealthView& view, milliseconds floor, milliseconds ceiling) {
  if (view.spread.count < tells_spread) return ceiling;
  const double ms = 1000 * quantile(view.spread, patience, least_deviation);
  if (!(ms < static_cast<double>(ceiling.count()))) return ceiling;
  return std::min(std::max(milliseconds(static_cast<std::int64_t>(ms)), floor), ceiling);
}

std::optional<Seconds> first_byte_p95(const HealthView& view) {
  if (view.spread.count < tells_spread) return std::nullopt;
  return Seconds(quantile(view.spread, p95, 0));
}

HealthView Health::view_of(const Entry& entry, SteadyTime now) const {
  const Breaker& breaker = entry.breaker;
  HealthView view;
  view.state = breaker.state(now);
  view.probing = breaker.probing();
  view.told = breaker.told();
  view.why = breaker.why();
  view.since = breaker.since();
  view.until = breaker.until();
  view.first_byte = entry.signals.first_byte();
  view.per_token = entry.signals.per_token();
  view.output_tokens = entry.signals.output_tokens();
  view.spread = entry.signals.spread();
  view.failure_share = entry.signals.failure_share(now);
  if (now - entry.headroom_told < headroom_believed) view.headroom = entry.headroom;
  view.in_flight = entry.in_flight;
  view.measured = entry.signals.measured();
  view.stale = entry.signals.stale(now);
  return view;
}

HealthView Health::view(std::string_view target) const {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(kept_name(target));
  return found == entries_.end() ? HealthView{} : view_of(found->second, now);
}

std::vector<HealthView> Health::view(std::span<const std::string_view> targets) const {
  const SteadyTime now = clock_.steady();
  std::vector<HealthView> views;
  views.reserve(targets.size());
  const std::lock_guard lock(mutex_);
  for (const std::string_view target : targets) {
    const auto found = entries_.find(kept_name(target));
    views.push_back(found == entries_.end() ? HealthView{} : view_of(found->second, now));
  }
  return views;
}

std::vector<std::pair<std::string, HealthView>> Health::of_provider(
    std::string_view provider) const {
  const SteadyTime now = clock_.steady();
  std::vector<std::pair<std::string, HealthView>> found;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [target, entry] : entries_) {
      if (is_of(target, provider)) found.emplace_back(target, view_of(entry, now));
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return found;
}

Health::Entry& Health::entry_of(const std::string& target) {
  ++changes_;
  const auto found = entries_.find(kept_name(target));
  if (found != entries_.end()) return found->second;
  if (entries_.size() >= most_) make_room();
  return entries_[std::string(kept_name(target))];
}

/// The half that was not asked for longest goes, so that this is seldom done.
void Health::make_room() {
  const auto asked = [](const Entry& entry) {
    return entry.signals.last_begun().value_or(SteadyTime::min());
  };
  std::vector<SteadyTime> times;
  times.reserve(entries_.size());
  for (const auto& [target, entry] : entries_) times.push_back(asked(entry));
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  std::erase_if(entries_, [&](const auto& one) {
    return one.second.in_flight == 0 && asked(one.second) <= *middle;
  });
}

std::optional<SteadyTime> Health::begin(const std::string& target, bool last_resort) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  Entry& entry = entry_of(target);
  const Breaker::State state = entry.breaker.state(now);
  const bool told_away = state == Breaker::State::open && entry.breaker.told();
  const bool probed = state == Breaker::State::half_open && !entry.breaker.claim_probe(now);
  if ((told_away || probed) && !last_resort) return std::nullopt;
  entry.signals.began(now);
  ++entry.in_flight;
  return now;
}

void Health::ended(const std::string& target, SteadyTime began, FailureClass how,
                   std::optional<std::chrono::seconds> retry_after, const Sample& sample) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(kept_name(target));
  if (found == entries_.end()) return;  // reset while it ran
  Entry& entry = found->second;
  ++changes_;
  entry.in_flight = std::max(entry.in_flight - 1, 0);
  if (how == FailureClass::cancelled) {
    entry.breaker.left(began);
    if (sample.silent) entry.signals.note_silence(*sample.silent);
    return;
  }
  const bool was_away = entry.breaker.state(now) != Breaker::State::closed;
  // What is the caller's own fault would be refused by a sound target too.
  if (how == FailureClass::none || how == FailureClass::caller_fault) {
    entry.breaker.succeeded(now, began);
  } else {
    entry.breaker.failed(now, began, how, retry_after);
  }
  // Its breaker speaks for a target that is away; how it serves is told by what it serves.
  if (how == FailureClass::none || (how != FailureClass::caller_fault && !was_away)) {
    entry.signals.note(sample, now);
  }
}

void Health::set_headroom(const std::string& target, double left) {
  const SteadyTime now = clock_.steady();
  const std::lock_guard lock(mutex_);
  Entry& entry = entry_of(target);
  entry.headroom = std::clamp(left, 0.0, 1.0);
  entry.headroom_told = now;
}

void Health::reset(std::string_view provider) {
  const std::lock_guard lock(mutex_);
  ++changes_;
  std::erase_if(entries_, [&](const auto& entry) { return is_of(entry.first, provider); });
}

std::vector<HealthRecord> Health::save() const {
  const Moment now = Moment::now(clock_);
  std::vector<HealthRecord> records;
  const std::lock_guard lock(mutex_);
  records.reserve(entries_.size());
  for (const auto& [target, entry] : entries_) {
    HealthRecord& record = records.emplace_back();
    record.target = target;
    entry.signals.save(record, now);
    entry.breaker.save(record, now);
  }
  return records;
}

void Health::load(const std::vector<HealthRecord>& records) {
  const Moment now = Moment::now(clock_);
  const std::lock_guard lock(mutex_);
  for (const HealthRecord& record : records) {
    if (entries_.size() >= most_) break;
    if (newest(record) < now.wall - of_use) continue;
    Entry& entry = entries_[record.target];
    entry.signals.load(record, now);
    entry.breaker.load(record, now);
  }
}

std::uint64_t Health::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

}  // namespace routerone::routing
