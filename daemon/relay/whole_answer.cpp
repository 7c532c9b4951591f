#include <utility>

#include "common/core/text.h"
#include "daemon/dialect/error_message.h"
#include "daemon/relay/answer_fields.h"
#include "daemon/relay/faults.h"
#include "daemon/relay/outgoing.h"
#include "daemon/relay/relay.h"

namespace routerone {
namespace {

/// Up to here a whole answer is held, judged and may still be replaced by another target's.
constexpr std::size_t longest_held = 1 << 20;
/// A translated one must be had whole.
constexpr std::size_t longest_translated = 32 << 20;
/// The part of a longer answer that is kept for its usage, which dialects write near the end.
constexpr std::size_t kept_tail = 16 << 10;

void take(TraceRow& row, dialect::Reading reading) {
  row.usage = std::move(reading.usage);
  row.finish_reason = printable(reading.finish_reason, 64);
}

/// `"usage":{..}, ..}` at the end of a long answer, made an object again so that the dialect can
/// read it like any other.
std::string usage_of_tail(std::string_view tail, std::string_view name) {
  const std::size_t at = tail.rfind('"' + std::string(name) + '"');
  return at == std::string_view::npos ? std::string() : "{" + std::string(tail.substr(at));
}

RefusalKind refused_with(int status) {
  if (status == 413) return RefusalKind::too_large;
  return status == 422 ? RefusalKind::unprocessable : RefusalKind::bad_request;
}

/// A provider's error for a caller who would not understand its form.
Refusal in_callers_words(const dialect::Verdict& verdict, int status, std::string_view body) {
  std::string said = dialect::error_message(body);
  if (said.empty()) said = "the provider refused the request with status " + std::to_string(status);
  if (status == 400 && dialect::says_prompt_too_long(body)) {
    said = std::string(dialect::prompt_too_long) + ", it exceeds the maximum of the model: " + said;
  }
  switch (verdict.failure) {
    case FailureClass::rate_limited:
      return {RefusalKind::upstream_rate_limited, std::move(said), "", verdict.retry_after};
    case FailureClass::model_missing:
      return {RefusalKind::unknown_model, std::move(said), "model", {}};
    default:
      return {refused_with(status), std::move(said), "", {}};
  }
}

/// Only what we have written ourselves, and once: whose words name a hint in it as what it does not
/// take is asked again without it.
bool repair(Journey& journey, const Target& target, const Outgoing& outgoing, int status,
            FailureClass failure, std::string_view body) {
  const bool refused = failure == FailureClass::caller_fault && (status == 400 || status == 422);
  if (!refused || journey.repair || !outgoing.translated()) return false;
  auto without = outgoing.refused_for(body);
  if (without.empty()) return false;
  journey.repair = Repair{&target, std::move(without)};
  return true;
}

}  // namespace

/// An answer that is judged before the caller sees any of it; not `hold`: it goes on as soon as it
/// is there. Where there is no other target, a provider's 429, or that it has no such model, goes
/// to the caller in its own words.
net::Task<Outcome> Relay::relay_whole(Journey& journey, const Target& target,
                                      const Outgoing& outgoing, upstream::Reply& reply, bool hold) {
  std::string held;
  held.reserve(std::min<std::uint64_t>(reply.body_length.value_or(0), longest_held));
  for (;;) {
    tl::expected<std::string_view, upstream::Fault> bytes;
    {
      const Waiting waiting(journey);
      bytes = co_await reply.read_some();
    }
    if (!bytes) {
      journey.row.attempts.back().error_code = to_string(bytes.error().kind);
      const FailureClass how = failure_of(bytes.error().kind);
      // A refusal that broke off is a refusal all the same.
      if (reply.status != 200) co_return Outcome::failed(how);
      co_return Outcome::broken(how, held.size());
    }
    if (bytes->empty()) break;
    held.append(*bytes);
    if (outgoing.translated()) {
      if (held.size() > longest_translated) co_return Outcome::broken(FailureClass::bad_answer, 0);
    } else if (!hold || held.size() > longest_held) {
      co_return co_await relay_long(journey, target, reply, std::move(held));
    }
  }

  const bool made_whole = outgoing.make_whole(reply.status, held);
  dialect::Verdict verdict = outgoing.judge(reply.status, reply.fields, held);
  if (repair(journey, target, outgoing, reply.status, verdict.failure, held)) {
    co_return Outcome::mended(verdict.failure);
  }
  const bool last_resort = journey.plan.targets.size() == 1;
  const bool own_words = last_resort && (verdict.failure == FailureClass::rate_limited ||
                                         verdict.failure == FailureClass::model_missing);
  if (may_fail_over(verdict.failure) && !own_words) {
    if (verdict.failure == FailureClass::bad_answer) {
      co_return Outcome::useless(std::move(verdict.reading.usage));
    }
    co_return Outcome::failed(verdict.failure, verdict.retry_after);
  }
  if (journey.exchange.head_sent()) co_return Outcome::failed(FailureClass::bad_answer);

  const bool served = verdict.failure == FailureClass::none;
  if (served && outgoing.translated() && !outgoing.translate_answer(held)) {
    co_return Outcome::useless(std::move(verdict.reading.usage));
  }
  if (!served) journey.row.error = to_string(verdict.failure);
  journey.retry_after = verdict.retry_after;
  take(journey.row, std::move(verdict.reading));
  journey.row.status = reply.status;
  journey.row.ttft = journey.elapsed();
  journey.answer_bytes = held.size();
  journey.end_attempt(verdict.failure);
  co_await settle(journey, served ? &target : nullptr,
                  served ? FinalState::completed : FinalState::upstream_failed);

  if (!served && outgoing.translated()) {
    co_await refuse(journey, in_callers_words(verdict, reply.status, held));
    co_return Outcome::done();
  }
  if (served && journey.envelope.asks_cost && journey.row.cost) {
    const auto told = journey.dialect.write_cost(journey.operation, held, *journey.row.cost);
    if (told) held.replace(told->at, told->removed, told->inserted);
  }
  AnswerFields fields(journey);
  if (!outgoing.translated()) fields.add_upstream(journey.dialect, reply.fields);
  if (outgoing.translated() || made_whole) fields.set_type("application/json");
  fields.add_serving(journey);
  if (journey.row.cost) fields.add("x-routerone-cost-usd", format_usd(*journey.row.cost));
  http::AnswerHead head;
  head.status = reply.status;
  head.fields = fields.list();
  head.body_length = held.size();
  co_await journey.exchange.reply(head, held);
  co_return Outcome::done();
}

/// Too long to hold, or not to be: it streams through as it comes, past the point of changing our
/// mind. `held` is not empty. The last byte waits for the trace.
net::Task<Outcome> Relay::relay_long(Journey& journey, const Target& target, upstream::Reply& reply,
                                     std::string held) {
  AnswerFields fields(journey);
  fields.add_upstream(journey.dialect, reply.fields);
  fields.add_serving(journey);
  http::AnswerHead head;
  head.status = reply.status;
  head.fields = fields.list();
  head.body_length = reply.body_length;
  journey.row.status = reply.status;
  journey.row.ttft = journey.elapsed();
  http::Exchange& exchange = journey.exchange;
  bool there = co_await exchange.start(head, false);

  journey.answer_bytes = held.size();
  std::string tail = held.substr(held.size() - std::min(held.size(), kept_tail));
  for (;;) {
    tl::expected<std::string_view, upstream::Fault> bytes;
    {
      const Waiting waiting(journey);
      const std::size_t due = held.size() - 1;
      if (there && due > 0) there = co_await exchange.write(std::string_view(held).substr(0, due));
      held.erase(0, due);
      if (there) bytes = co_await reply.read_some();
    }
    if (!there) co_return co_await caller_left(journey, &target);
    if (!bytes) {
      const FailureClass how = failure_of(bytes.error().kind);
      journey.row.attempts.back().error_code = to_string(bytes.error().kind);
      journey.end_attempt(how);
      if (how == FailureClass::cancelled) co_return co_await caller_left(journey, &target);
      journey.row.error = to_string(how);
      co_await settle(journey, &target, FinalState::upstream_failed);
      exchange.abort();
      co_return Outcome::done();
    }
    if (bytes->empty()) break;
    journey.answer_bytes += bytes->size();
    held.append(*bytes);
    tail.append(*bytes);
    if (tail.size() > 2 * kept_tail) tail.erase(0, tail.size() - kept_tail);
  }
  take(journey.row, journey.dialect
                        .judge(journey.operation, reply.status, reply.fields,
                               usage_of_tail(tail, journey.dialect.usage_name()))
                        .reading);
  co_await settle(journey, &target, FinalState::completed);
  co_await exchange.finish(held);
  co_return Outcome::done();
}

}  // namespace routerone
