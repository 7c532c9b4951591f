#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "common/core/clock.h"
#include "common/core/ids.h"
#include "common/core/random.h"
#include "daemon/admission/admission.h"
#include "daemon/dialect/registry.h"
#include "daemon/http/session.h"
#include "daemon/metering/cost.h"
#include "daemon/net/task.h"
#include "daemon/relay/attempts.h"
#include "daemon/relay/journey.h"
#include "daemon/relay/route_state.h"
#include "daemon/relay/snapshot.h"
#include "daemon/trace/recorder.h"
#include "daemon/upstream/upstream.h"

namespace routerone {

/// What one attempt came to. Not answered: the caller has seen nothing of it.
struct Outcome {
  bool answered = false;
  FailureClass failure = FailureClass::none;
  std::optional<std::chrono::seconds> retry_after;
  bool skipped = false;     ///< The target cannot be asked this; nothing was sent.
  bool repaired = false;    ///< The same target may be asked again, as Journey::repair says.
  bool worked_on = false;   ///< The provider may charge for it although it failed.
  std::uint64_t bytes = 0;  ///< Of its answer, as far as it came.
  Usage usage;              ///< As far as it was told.

  static Outcome done() { return {.answered = true}; }
  static Outcome passed_over() { return {.skipped = true}; }
  static Outcome mended(FailureClass how) { return {.failure = how, .repaired = true}; }
  static Outcome failed(FailureClass how, std::optional<std::chrono::seconds> retry_after = {}) {
    return {.failure = how, .retry_after = retry_after};
  }
  /// A whole answer with nothing in it: it costs what it says.
  static Outcome useless(Usage usage) {
    return {.failure = FailureClass::bad_answer, .usage = std::move(usage)};
  }
  /// Failed after its answer had begun.
  static Outcome broken(FailureClass how, std::uint64_t bytes, Usage usage = {}) {
    return {.failure = how, .worked_on = true, .bytes = bytes, .usage = std::move(usage)};
  }
};

class Outgoing;
class Pulse;
struct Leg;
struct LegEnd;

/// One request, from the caller's bytes to the caller's bytes. Read relay.cpp top to bottom; where
/// it goes stands in routing.cpp, who is asked beside a late one in hedge.cpp, what it may cost and
/// did in spending.cpp, the two ways an answer goes through in whole_answer.cpp and
/// stream_answer.cpp. One a loop.
class Relay {
 public:
  Relay(upstream::Upstream& upstream, trace::Recorder& recorder, RouteState& routes,
        admission::Admission& admission, Random& random, std::atomic<std::uint64_t>& requests)
      : upstream_(upstream),
        recorder_(recorder),
        routes_(routes),
        admission_(admission),
        random_(random),
        requests_(requests) {}

  /// On the loop: later requests decide by this snapshot.
  void use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }
  const Snapshot& snapshot() const { return *snapshot_; }

  /// Answers one request of a relayed path. `match.operation` is not null.
  net::Task<void> handle(http::Exchange&, const dialect::Match& match);

  /// Answers with a refusal of ours in the path's dialect and records it.
  net::Task<void> refuse(http::Exchange&, const dialect::Match& match, const Refusal& why);

  /// The same for a message that broke the protocol, whose answer the session itself sends. Nobody
  /// waits for its row. `head` as far as it could be read.
  http::Answer refuse_broken(const dialect::Match& match, const http::ProtocolFault& fault,
                             const http::RequestHead* head, const Clock& clock);

  /// The id of an answer that leaves no trace, in the form of those that do.
  std::string new_id(const Clock& clock) { return make_uuid_v7(clock.wall(), random_); }

  /// The key a head carries, or why none of its credentials is one.
  tl::expected<Caller, Refusal> authenticate(const http::RequestHead&, const Clock&) const;

 private:
  Journey begin(http::Exchange&, const dialect::Dialect&, const dialect::Operation&);
  TraceRow begin_row(const http::RequestHead*, const dialect::Match&, WallTime now);
  net::Task<std::optional<Refusal>> admit(Journey&);
  net::Task<void> answer_count(Journey&);  // count_answer.cpp
  net::Task<void> run_attempts(Journey&);
  static void name_route(Journey&, const Target&, const Attempts&);
  net::Task<Outcome> attempt(Journey&, const Target&, Attempts&, Pulse&);
  void step_up(Journey&, const Leg&, const Attempts&);
  upstream::Timeouts timeouts(const Journey&, const Target&, bool others_left) const;

  // hedge.cpp
  static std::optional<Millis> hedge_after(const Journey&, const Target&);
  net::Task<void> send(Leg&, upstream::Timeouts);
  net::Task<Leg*> race(Journey&, Leg& first, std::optional<Leg>& second, Attempts&);
  bool begin_second(Journey&, std::optional<Leg>&, Attempts&);
  void end_loser(Journey&, Leg&, const LegEnd&);

  // whole_answer.cpp
  net::Task<Outcome> relay_whole(Journey&, const Target&, const Outgoing&, upstream::Reply&,
                                 bool hold);
  net::Task<Outcome> relay_long(Journey&, const Target&, upstream::Reply&, std::string held);

  // stream_answer.cpp
  net::Task<Outcome> relay_stream(Journey&, const Target&, const Outgoing&, upstream::Reply&,
                                  dialect::StreamScanner&, Pulse&);
  net::Task<void> begin_stream(Journey&, const Outgoing&, const upstream::Reply&);
  net::Task<Outcome> end_stream(Journey&, const Target&, dialect::StreamScanner&,
                                std::string_view last, bool marked);
  net::Task<Outcome> break_stream(Journey&, const Target&, dialect::StreamScanner&, FailureClass);

  net::Task<void> refuse(Journey&, const Refusal& why);
  net::Task<void> give_up(Journey&, const Attempts&, Pulse&);
  /// Fills in what is known at the end and commits the row; returns when the end may go out.
  net::Task<void> settle(Journey&, const Target*, FinalState);

  // routing.cpp
  std::optional<Refusal> plan(Journey&);
  static std::optional<Refusal> look_closer(const Journey&, RequestNeeds&);
  std::string find_keeper(Journey&);
  std::optional<Trying> begin_try(const Target&, bool last_resort);
  void end_try(Journey&, FailureClass, std::optional<std::chrono::seconds> retry_after = {});
  static Millis patience(const Journey&, const Target&, bool others_left);

  // spending.cpp
  bool must_be_priced(const Journey&) const;
  std::optional<Refusal> enter(Journey&);
  net::Task<std::optional<Refusal>> reserve(Journey&);
  std::optional<Refusal> note_intent(Journey&);
  void amend_intent(const Journey&, const Target&);
  static void note_debt(Journey&, const Target&, const Outcome&);
  static bool afford_next(Journey&);
  static bool afford_beside(Journey&);
  static metering::Cost price(const Journey&, const Target&, Usage);
  static metering::Cost price_or_held(Journey&, const Target&);
  static void charge(Journey&, const Target&, bool whole);
  CommitRecord close_books(Journey&, const Target*, FinalState);

  net::Task<Outcome> caller_left(Journey&, const Target*);

  upstream::Upstream& upstream_;
  trace::Recorder& recorder_;
  RouteState& routes_;
  admission::Admission& admission_;
  Random& random_;
  std::atomic<std::uint64_t>& requests_;
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace routerone
