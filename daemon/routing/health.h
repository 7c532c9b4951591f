#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
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
  double failure_share = 0;
  double headroom = 1;  ///< Left of the limits that the provider tells in its answers.
  int in_flight = 0;
  bool measured = false, stale = true;
};

/// The health of every target that was ever asked, by health_name(). Thread-safe: one
/// short lock when a request is planned, one when an attempt begins and one when it ends.
class Health {
 public:
  explicit Health(const Clock& clock) : clock_(clock) {}

  HealthView view(std::string_view target) const;
  /// Of each target of a provider that was ever asked, by name, all its credentials' among them.
  std::vector<std::pair<std::string, HealthView>> of_provider(std::string_view provider) const;
  std::vector<HealthView> view(const std::vector<std::string>& targets) const;

  /// An attempt begins, now. None: another one is trying the target, or it said when to come back;
  /// better not go there. Where there is nobody else, a `last_resort` goes all the same. Once one
  /// has begun, exactly one `ended` follows.
  std::optional<SteadyTime> begin(const std::string& target, bool last_resort = false);
  /// And how it ended; FailureClass::none where it served to the end.
  void ended(const std::string& target, SteadyTime began, FailureClass,
             std::optional<std::chrono::seconds> retry_after, const Sample&);
  /// What the provider's answer says is left of its limits, 0 to 1.
  void set_headroom(const std::string& target, double left);
  /// By hand: what is known of the provider's targets is forgotten; of one credential's, where it
  /// is said as `provider#account`.
  void reset(std::string_view provider);

 private:
  struct Entry {
    Breaker breaker;
    Signals signals;
    double headroom = 1;
    int in_flight = 0;
  };
  HealthView view_of(const Entry&, SteadyTime now) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace routerone::routing
