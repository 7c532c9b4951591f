#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/attempt.h"
#include "daemon/routing/breaker.h"
#include "daemon/routing/signals.h"

namespace routerone::routing {

/// How a target does at the moment, as far as its requests have told. A copy: it does not change.
struct HealthView {
  Breaker::State state = Breaker::State::closed;
  bool probing = false;  ///< half_open: somebody is trying it already.
  bool told = false;     ///< open: until then by the provider's own word; never called before.
  FailureClass why = FailureClass::none;
  SteadyTime since{}, until{};
  std::optional<Seconds> first_byte, per_token;
  std::optional<double> output_tokens;  ///< Of a request.
  Spread spread;
  double failure_share = 0;
  double headroom = 1;  ///< Left of the limits that the provider tells in its answers.
  int in_flight = 0;
  bool measured = false, stale = true;
};

/// How long to wait for a target's first byte before another one is asked: so long that of ten
/// thousand sound answers less than one is given up. `ceiling` while too little is known of it.
std::chrono::milliseconds first_byte_timeout(const HealthView&, std::chrono::milliseconds floor,
                                             std::chrono::milliseconds ceiling);
/// The time in which 95 of 100 first bytes come; nullopt while too little is known.
std::optional<Seconds> first_byte_p95(const HealthView&);

/// The health of every target that was ever asked, under its health_name(). Thread-safe: one short
/// lock when a request is planned, one when an attempt begins and one when it ends.
class Health {
 public:
  /// Callers may name models nobody knows: with more, those not asked for longest are forgotten.
  static constexpr std::size_t most_targets = 10'000;

  explicit Health(const Clock& clock, std::size_t most = most_targets)
      : clock_(clock), most_(most) {}

  HealthView view(std::string_view target) const;
  std::vector<HealthView> view(std::span<const std::string_view> targets) const;
  /// Of each target of a provider that was ever asked, by name, all its credentials' among them.
  std::vector<std::pair<std::string, HealthView>> of_provider(std::string_view provider) const;

  /// An attempt begins, now. None: another one is trying the target, or it said when to come back;
  /// better not go there. Where there is nobody else, a `last_resort` goes all the same. Once one
  /// has begun, exactly one `ended` follows.
  std::optional<SteadyTime> begin(const std::string& target, bool last_resort = false);
  /// And how it ended; FailureClass::none where it served to the end.
  void ended(const std::string& target, SteadyTime began, FailureClass,
             std::optional<std::chrono::seconds> retry_after, const Sample&);
  /// What the provider's answer says is left of its limits, 0 to 1; believed for a minute.
  void set_headroom(const std::string& target, double left);
  /// By hand: what is known of the provider's targets is forgotten; of one credential's, where it
  /// is said as `provider#account`.
  void reset(std::string_view provider);

  /// What a restart must not forget, in no order.
  std::vector<HealthRecord> save() const;
  /// At the start, before anything was asked. What is older than a day is left out.
  void load(const std::vector<HealthRecord>&);
  /// Grows with whatever there is to save.
  std::uint64_t changes() const;

 private:
  struct Entry {
    Breaker breaker;
    Signals signals;
    double headroom = 1;
    SteadyTime headroom_told{};
    int in_flight = 0;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  HealthView view_of(const Entry&, SteadyTime now) const;
  Entry& entry_of(const std::string& target);
  void make_room();

  const Clock& clock_;
  const std::size_t most_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::uint64_t changes_ = 0;
};

}  // namespace routerone::routing
