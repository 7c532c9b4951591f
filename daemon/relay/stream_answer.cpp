#include <utility>

#include "common/core/text.h"
#include "daemon/relay/answer_fields.h"
#include "daemon/relay/faults.h"
#include "daemon/relay/outgoing.h"
#include "daemon/relay/pulse.h"
#include "daemon/relay/relay.h"

namespace routerone {
namespace {

/// A handshake longer than this is taken for content: it has to go somewhere.
constexpr std::size_t longest_handshake = 256 << 10;

Refusal broken_off(FailureClass how) {
  return {RefusalKind::upstream_failed,
          how == FailureClass::timeout ? "the provider fell silent in the middle of its answer"
                                       : "the provider broke off in the middle of its answer",
          "",
          {}};
}

void take(TraceRow& row, const dialect::Reading& reading) {
  row.usage = reading.usage;
  row.finish_reason = printable(reading.finish_reason, 64);
}

}  // namespace

/// A streamed answer. What comes before the first content is withheld, so that a stream which is
/// nothing but a handshake or an error can still be replaced by another target's.
net::Task<Outcome> Relay::relay_stream(Journey& journey, const Target& target,
                                       const Outgoing& outgoing, upstream::Reply& reply,
                                       dialect::StreamScanner& scanner, Pulse& pulse) {
  std::string withheld;
  bool passing = false;
  std::uint64_t came = 0;
  for (;;) {
    tl::expected<std::string_view, upstream::Fault> bytes;
    {
      const Waiting waiting(journey);
      bytes = co_await reply.read_some();
    }
    pulse.beat();
    if (!bytes) {
      const FailureClass how = failure_of(bytes.error().kind);
      journey.row.attempts.back().error_code = to_string(bytes.error().kind);
      if (!passing) co_return Outcome::broken(how, came, scanner.reading().usage);
      co_return co_await break_stream(journey, target, scanner, how);
    }
    const bool at_end = bytes->empty();
    came += bytes->size();
    dialect::StreamScanner::Step step = at_end ? scanner.end() : scanner.feed(*bytes);

    if (!passing) {
      const bool worth_it = step.content || (step.terminal && scanner.finish_seen());
      const bool empty = step.terminal || at_end;
      if (step.error != FailureClass::none && !step.content) {
        co_return Outcome::failed(step.error, step.retry_after);
      }
      if (!worth_it && empty) co_return Outcome::useless(scanner.reading().usage);
      for (const std::string_view piece : step.forward) {
        if (!worth_it) withheld.append(piece);
      }
      if (!worth_it && withheld.size() <= longest_handshake) continue;
      passing = true;
      co_await begin_stream(journey, outgoing, reply);
      if (!withheld.empty()) step.forward.insert(step.forward.begin(), withheld);
    }
    if (step.error != FailureClass::none) {
      journey.row.error = to_string(step.error);
      journey.end_attempt(step.error);
    }

    std::string_view last;
    if (step.terminal && !step.forward.empty()) {
      last = step.forward.back();
      step.forward.pop_back();
    }
    if (!step.forward.empty()) {
      for (const std::string_view piece : step.forward) journey.answer_bytes += piece.size();
      const Waiting waiting(journey);
      const bool there = co_await journey.exchange.write(step.forward);
      if (!there) {
        take(journey.row, scanner.reading());
        co_return co_await caller_left(journey, &target);
      }
      pulse.beat();  // the head may have gone out with it: from now on silence is filled
    }
    if (step.terminal) {
      const Outcome outcome = co_await end_stream(journey, target, scanner, last, true);
      reply.want_no_more();  // only now: `last` is a view into its buffer
      co_return outcome;
    }
    if (at_end) {
      const bool whole = scanner.finish_seen() || !journey.row.error.empty();
      if (whole) co_return co_await end_stream(journey, target, scanner, last, false);
      co_return co_await break_stream(journey, target, scanner, FailureClass::cut);
    }
    withheld.clear();
  }
}

/// The head of a stream that will be passed on, unless silence has let it go already.
net::Task<void> Relay::begin_stream(Journey& journey, const Outgoing& outgoing,
                                    const upstream::Reply& reply) {
  journey.row.ttft = journey.elapsed();
  journey.row.status = reply.status;
  if (journey.exchange.head_sent()) co_return;
  AnswerFields fields(journey);
  if (!outgoing.translated()) fields.add_upstream(journey.dialect, reply.fields);
  fields.set_type(journey.envelope.as_array ? "application/json"
                                            : "text/event-stream; charset=utf-8");
  fields.add_serving(journey);
  http::AnswerHead head;
  head.status = reply.status;
  head.fields = fields.list();
  co_await journey.exchange.start(head, false);
}

/// The stream has come to its own end; the last event waits until the trace is committed.
net::Task<Outcome> Relay::end_stream(Journey& journey, const Target& target,
                                     dialect::StreamScanner& scanner, std::string_view last,
                                     bool marked) {
  take(journey.row, scanner.reading());
  journey.answer_bytes += last.size();
  const bool failed = !journey.row.error.empty();
  const FinalState state = failed   ? FinalState::upstream_failed
                           : marked ? FinalState::completed
                                    : FinalState::completed_unmarked;
  co_await settle(journey, &target, state);
  co_await journey.exchange.finish(last);
  co_return Outcome::done();
}

/// Cut short after content: one error event, no terminator, and the connection closes.
net::Task<Outcome> Relay::break_stream(Journey& journey, const Target& target,
                                       dialect::StreamScanner& scanner, FailureClass how) {
  take(journey.row, scanner.reading());
  journey.end_attempt(how);
  if (how == FailureClass::cancelled) co_return co_await caller_left(journey, &target);
  // Set already where the provider had told of its failure before it broke off.
  if (journey.row.error.empty()) journey.row.error = to_string(how);
  co_await settle(journey, &target, FinalState::upstream_failed);
  const std::string event = scanner.error_event(broken_off(how));
  co_await journey.exchange.write(event);
  journey.exchange.abort();
  co_return Outcome::done();
}

}  // namespace routerone
