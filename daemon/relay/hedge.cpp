#include <utility>

#include "daemon/relay/faults.h"
#include "daemon/relay/leg.h"
#include "daemon/relay/relay.h"
#include "daemon/routing/health.h"

// Hedging, where a project has it on: when the first byte of a target is later than it was in 95 of
// 100 requests, another provider of the same model is asked too, and who answers first serves. The
// other one is cancelled; what it may charge for is owed like that of any attempt that failed.

namespace routerone {
namespace {

constexpr const char* lost_the_race = "hedged";

/// How a leg would end if it ended here.
LegEnd judge(const Leg& leg) {
  const upstream::Sent& sent = *leg.sent;
  if (!sent) return {to_string(sent.error().kind), failure_of(sent.error().kind)};
  const upstream::Reply& reply = **sent;
  if (reply.status == 200) return {};
  const auto verdict = leg.outgoing.judge(reply.status, reply.fields, "");
  return {"", verdict.failure, verdict.retry_after};
}

/// Would it do while another is still awaited? What is the caller's own fault would be no better
/// elsewhere.
bool serves(const LegEnd& end) {
  return end.failure == FailureClass::none || end.failure == FailureClass::caller_fault;
}

}  // namespace

/// After how long a second target is asked; nullopt: never. Only a stream's first byte is known
/// apart from the rest.
std::optional<Millis> Relay::hedge_after(const Journey& journey, const Target& target) {
  const bool generates = journey.operation.kind == dialect::OperationKind::generate;
  if (!generates || !journey.envelope.stream || !journey.settings().hedge) return std::nullopt;
  const auto at = static_cast<std::size_t>(&target - journey.plan.targets.data());
  if (at >= journey.health.size()) return std::nullopt;
  const auto usual = routing::first_byte_p95(journey.health[at]);
  if (!usual) return std::nullopt;
  return std::chrono::ceil<Millis>(*usual);
}

/// The end of it is told last: whoever waits for it may end the leg.
net::Task<void> Relay::send(Leg& leg, upstream::Timeouts limits) {
  const upstream::Request request = leg.outgoing.request();
  leg.sent = co_await upstream_.send(request, limits, leg.stop);
  leg.news->set();
}

/// Who answers first, of the one that is late and the one that is asked now. Of two that fail it is
/// the last. Returns once nothing else is under way.
net::Task<Leg*> Relay::race(Journey& journey, Leg& first, std::optional<Leg>& second,
                            Attempts& attempts) {
  net::Loop& loop = journey.exchange.loop();
  net::Event either(loop), last(loop);
  first.news = &either;
  if (!begin_second(journey, second, attempts)) {
    co_await either.wait();
    co_return &first;
  }
  second->news = &either;
  loop.spawn(send(*second, timeouts(journey, second->target, false)));
  co_await either.wait();

  Leg& quicker = first.sent ? first : *second;
  Leg& slower = &quicker == &first ? *second : first;
  const LegEnd judged = judge(quicker);
  const bool served = serves(judged);
  Leg& winner = served ? quicker : slower;
  slower.news = &last;
  if (served) slower.stop.request();
  if (!slower.sent) co_await last.wait();

  Leg& loser = &winner == &quicker ? slower : quicker;
  const bool second_wins = &winner == &*second;
  if (served) {
    if (second_wins) {
      journey.trying->given_up = true;
      attempts.promote_standby();
    }
    end_loser(journey, loser, {.code = lost_the_race, .failure = FailureClass::cancelled});
  } else {
    if (second_wins) {
      attempts.failed(judged.failure, judged.retry_after);
    } else {
      attempts.standby_failed(judged.failure, judged.retry_after);
    }
    end_loser(journey, loser, judged);
  }
  if (second_wins) {
    journey.trying = std::exchange(second->trying, std::nullopt);
    step_up(journey, *second, attempts);
  }
  co_return &winner;
}

/// Tells whether there is a second target to ask, and the money for it.
bool Relay::begin_second(Journey& journey, std::optional<Leg>& second, Attempts& attempts) {
  const Target* const standby = attempts.call_standby();
  if (standby == nullptr || journey.exchange.gone().requested()) return false;
  second.emplace(journey, *standby);
  if (!second->outgoing.refusal() && afford_beside(journey)) {
    second->trying = begin_try(*standby, false);
  }
  if (!second->trying) {
    second.reset();
    return false;
  }
  second->began = journey.now();
  amend_intent(journey, *standby);
  return true;
}

/// Told in the trace before the one that goes on, which is put aside meanwhile.
void Relay::end_loser(Journey& journey, Leg& loser, const LegEnd& end) {
  std::vector<Attempt>& told = journey.row.attempts;
  std::optional<Attempt> winner;
  const auto winner_began = journey.attempt_began;
  std::optional<Trying> winner_trying;
  const bool put_aside = loser.trying.has_value();
  if (put_aside) {
    winner = std::exchange(told.back(), {.provider = loser.target.endpoint->provider,
                                         .account = loser.target.endpoint->account,
                                         .upstream_model = loser.target.name->upstream_model});
    journey.attempt_began = loser.began;
    winner_trying = std::exchange(journey.trying, std::exchange(loser.trying, std::nullopt));
  }
  const upstream::Sent& sent = *loser.sent;
  told.back().error_code = end.code;
  told.back().status = sent ? (*sent)->status : 0;
  Outcome outcome = Outcome::failed(end.failure);
  outcome.worked_on = end.failure == FailureClass::cancelled && (sent || sent.error().sent);
  note_debt(journey, loser.target, outcome);
  journey.end_attempt(end.failure);
  end_try(journey, end.failure, end.retry_after);
  loser.sent.reset();  // closes its connection
  if (put_aside) {
    told.push_back(*std::move(winner));
    journey.attempt_began = winner_began;
    journey.trying = std::move(winner_trying);
  }
}

}  // namespace routerone
