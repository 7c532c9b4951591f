#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/admission/admission.h"
#include "daemon/dialect/dialect.h"
#include "daemon/dialect/repair.h"
#include "daemon/exchange/target.h"
#include "daemon/exchange/trace_row.h"
#include "daemon/http/session.h"
#include "daemon/relay/snapshot.h"
#include "daemon/routing/route_settings.h"

namespace routerone {

/// What a translated request goes without, after its target said that it does not take it.
struct Repair {
  const Target* target = nullptr;
  std::vector<const dialect::Hint*> without;
};

/// The try under way, as the health of its target counts it.
struct Trying {
  std::string target;  ///< health_name()
  SteadyTime began{};
  bool given_up = false;  ///< By us: no first byte came for too long.
};

/// One request on its way: what was decided so far and its trace in the making. Lives in the frame
/// of Relay::handle.
struct Journey {
  http::Exchange& exchange;
  const dialect::Dialect& dialect;
  const dialect::Operation& operation;
  std::shared_ptr<const Snapshot> snapshot;  ///< The one it started with, to its end.

  const KeyRecord* key = nullptr;
  const Limits* project = nullptr;   ///< Of the key's project; null: it is gone.
  std::vector<const Limits*> outer;  ///< Of the runs around the key.
  std::string_view body;
  std::optional<dialect::Form> form;  ///< What the body is, if it is no JSON.
  dialect::Envelope envelope;
  RoutePlan plan;
  std::vector<routing::Standing> standings;  ///< One a target, when it was planned ...
  std::vector<routing::HealthView> health;   ///< ... and what it was judged by.
  std::optional<routing::Missed> missed;
  std::string_view serving;  ///< The model of the target that is tried.
  bool automatic = false;    ///< Which model serves was left to us.
  int switches = 0;          ///< Other targets that may be tried after the first.
  std::string session_name;  ///< For Sessions; empty: nothing to remember.
  std::optional<Trying> trying;
  std::optional<std::chrono::seconds> retry_after;  ///< Of an answer that is passed on as it is.
  std::optional<Refusal> inexpressible;             ///< Why a target could not be asked at all.
  std::optional<Repair> repair;                     ///< At most one a request.
  std::vector<http::Field> forwarded;               ///< The caller's headers that go upstream.
  std::string upstream_path;  ///< Operation's path and the query without credentials.

  admission::Pass pass;  ///< Its place in the rates, and the money held for it.
  RateState rates;       ///< As they stood when it came in; for the answer's head.
  Money worst_leg;       ///< What one attempt could cost; 0: no spend limit.
  std::int64_t most_input = 0, most_output = 0;  ///< Tokens that this is held for.
  Money owed;  ///< For attempts that failed but may be charged for.
  std::int64_t owed_tokens = 0;
  IntentSlot intent = 0;  ///< Its note in the journal, once it may have been sent.

  TraceRow row;
  std::string user_agent;
  std::chrono::microseconds waited{};       ///< Spent waiting for upstream or caller: not ours.
  std::uint64_t answer_bytes = 0;           ///< Of the served attempt's body.
  std::optional<SteadyTime> attempt_began;  ///< Of the try under way.

  /// How it is to be routed, as the user has set it.
  routing::RouteSettings settings() const {
    const ProjectRecord* const of = key == nullptr ? nullptr : snapshot->project_of(key->project);
    return routing::route_settings(snapshot->data.settings, of, key);
  }
  SteadyTime now() const { return exchange.loop().now(); }
  std::chrono::microseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::microseconds>(now() - exchange.started());
  }

  /// The try under way is over, and this is how. Only the first call a try counts.
  void end_attempt(FailureClass how) {
    if (!attempt_began) return;
    Attempt& attempt = row.attempts.back();
    attempt.failure = how;
    if (attempt.error_code.empty() && how != FailureClass::none) {
      attempt.error_code = to_string(how);
    }
    attempt.latency = std::chrono::duration_cast<std::chrono::microseconds>(
        now() - *std::exchange(attempt_began, std::nullopt));
  }
};

/// While it lives, time counts as waiting for others.
class Waiting {
 public:
  explicit Waiting(Journey& journey) : journey_(journey), since_(journey.now()) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() {
    journey_.waited +=
        std::chrono::duration_cast<std::chrono::microseconds>(journey_.now() - since_);
  }

 private:
  Journey& journey_;
  SteadyTime since_;
};

}  // namespace routerone
