#include "daemon/relay/relay.h"

#include <algorithm>
#include <utility>

#include "common/core/ids.h"
#include "common/core/text.h"
#include "daemon/dialect/headroom.h"
#include "daemon/dialect/identity.h"
#include "daemon/exchange/health_name.h"
#include "daemon/relay/answer_fields.h"
#include "daemon/relay/faults.h"
#include "daemon/relay/inbound.h"
#include "daemon/relay/leg.h"
#include "daemon/relay/outgoing.h"
#include "daemon/relay/pulse.h"

namespace routerone {
namespace {

constexpr std::size_t longest_model_name = 128;

/// The body must be what its operation reads: JSON, or a form where it takes one; not compressed.
std::optional<Refusal> refuse_media(const http::RequestHead& head,
                                    const dialect::Operation& operation) {
  const auto encoding = http::find(head.fields, "content-encoding");
  if (encoding && !iequals(trim(*encoding), "identity")) {
    return Refusal{RefusalKind::unsupported_media,
                   "compressed request bodies are not accepted; send the body without "
                   "Content-Encoding",
                   "content-encoding",
                   {}};
  }
  const std::string_view type = http::find(head.fields, "content-type").value_or("");
  const bool form = operation.takes_form && dialect::is_form(type);
  if (!form && !iequals(trim(type.substr(0, type.find(';'))), "application/json")) {
    return Refusal{RefusalKind::unsupported_media,
                   operation.takes_form
                       ? "the body must be sent as multipart/form-data or application/json"
                       : "the body must be sent as Content-Type: application/json",
                   "content-type",
                   {}};
  }
  const auto types = std::count_if(head.fields.begin(), head.fields.end(), [](const auto& field) {
    return iequals(field.name, "content-type");
  });
  if (types > 1) {
    return Refusal{
        RefusalKind::unsupported_media, "Content-Type is given more than once", "content-type", {}};
  }
  return std::nullopt;
}

net::Task<void> nothing() { co_return; }

/// What routing and admission need of the body, JSON or form.
tl::expected<dialect::Envelope, Refusal> read_envelope(Journey& journey) {
  const std::string_view type =
      http::find(journey.exchange.head().fields, "content-type").value_or("");
  if (!dialect::is_form(type)) {
    return journey.dialect.read_envelope(journey.operation, journey.body);
  }
  TRY(journey.form, dialect::read_form(type, journey.body));
  return journey.dialect.read_form_envelope(journey.operation, *journey.form, journey.body);
}

/// The row says whose request it was.
void sign(TraceRow& row, const KeyRecord& key) {
  row.key_id = key.id;
  row.key_name = key.name;
  row.project = key.project;
}

RefusalKind kind_of(http::ProtocolError error) {
  switch (error) {
    case http::ProtocolError::body_too_large:
    case http::ProtocolError::head_too_large:
      return RefusalKind::too_large;
    case http::ProtocolError::body_budget:
      return RefusalKind::shed;
    case http::ProtocolError::expectation:
      return RefusalKind::expectation_failed;
    default:
      return RefusalKind::bad_request;
  }
}

Refusal key_refusal(auth::KeyFault fault) {
  return {RefusalKind::bad_key, std::string(auth::explain(fault)), "", {}};
}

}  // namespace

net::Task<void> Relay::handle(http::Exchange& exchange, const dialect::Match& match) {
  Journey journey = begin(exchange, *match.dialect, *match.operation);
  const std::optional<Refusal> refusal = co_await admit(journey);
  if (refusal) {
    co_await refuse(journey, *refusal);
  } else if (journey.plan.targets.empty()) {
    co_return;
  } else if (match.operation->kind == dialect::OperationKind::count &&
             journey.plan.targets.front().endpoint->dialect != journey.dialect.id()) {
    co_await answer_count(journey);
  } else {
    co_await run_attempts(journey);
  }
}

/// Authenticated, read, understood and routed, or why not. A plan without targets: the session has
/// already answered for a body that broke the protocol.
net::Task<std::optional<Refusal>> Relay::admit(Journey& journey) {
  http::Exchange& exchange = journey.exchange;
  const auto caller = authenticate(exchange.head(), exchange.loop().clock());
  if (!caller) co_return caller.error();
  journey.key = caller->key;
  journey.project = journey.snapshot->limits_of(caller->key->project);
  journey.outer = journey.snapshot->limits_around(*caller->key);
  sign(journey.row, *caller->key);

  if (auto refused = refuse_media(exchange.head(), journey.operation)) co_return refused;
  std::optional<std::string_view> body;
  {
    const Waiting waiting(journey);
    body = co_await exchange.read_body();
  }
  if (!body) co_return std::nullopt;
  journey.body = *body;
  journey.row.bytes_in = body->size();

  auto envelope = read_envelope(journey);
  if (!envelope) co_return envelope.error();
  journey.envelope = *std::move(envelope);
  journey.dialect.read_target(journey.operation, exchange.head().path, exchange.head().query,
                              journey.envelope);
  journey.row.stream = journey.envelope.stream;
  journey.row.requested_model = printable(journey.envelope.model, longest_model_name);
  journey.row.session = dialect::agent_session(exchange.head().fields, journey.envelope.session);

  if (auto refused = enter(journey)) co_return refused;
  if (auto refused = plan(journey)) co_return refused;
  const std::optional<Refusal> unaffordable = co_await reserve(journey);
  if (unaffordable) co_return unaffordable;
  if (auto refused = note_intent(journey)) co_return refused;
  journey.forwarded = forwarded_fields(exchange.head(), journey.dialect);
  journey.upstream_path = path_with_query(journey.operation.upstream_path, exchange.head().query);
  co_return std::nullopt;
}

net::Task<void> Relay::run_attempts(Journey& journey) {
  Attempts attempts(journey.plan, journey.standings, journey.switches);
  Pulse pulse(journey);

  while (const Target* target = attempts.next()) {
    journey.trying = begin_try(*target, attempts.at_last_resort());
    if (!journey.trying) {
      attempts.postpone();
      continue;
    }
    const Outcome outcome = co_await attempt(journey, *target, attempts, pulse);
    if (outcome.answered) co_return;
    end_try(journey, outcome.skipped ? FailureClass::cancelled : outcome.failure,
            outcome.retry_after);
    if (outcome.skipped) {
      attempts.skip();
      continue;
    }
    if (!outcome.repaired) {
      attempts.failed(outcome.failure, outcome.retry_after);
    }
    if (!afford_next(journey)) break;
  }
  co_await give_up(journey, attempts, pulse);
}

/// Did the target that we liked best serve, or who stands in for it, and why?
void Relay::name_route(Journey& journey, const Target& target, const Attempts& attempts) {
  TraceRow& row = journey.row;
  row.fallback_from.clear();
  row.fallback_reason.clear();
  if (attempts.is_primary(target) && !journey.missed) {
    row.route = journey.automatic ? Route::automatic : Route::primary;
    return;
  }
  row.route = Route::fallback;
  if (journey.missed) {
    row.fallback_from = journey.missed->target;
    row.fallback_reason = to_string(journey.missed->why);
    return;
  }
  const Target& best = journey.plan.targets.front();
  row.fallback_from = best.endpoint->provider + "/" + best.name->upstream_model;
  row.fallback_reason = attempts.primary_reason();
}

/// The trace tells of this one from now on.
void Relay::step_up(Journey& journey, const Leg& leg, const Attempts& attempts) {
  const Target& target = leg.target;
  TraceRow& row = journey.row;
  row.dropped = leg.outgoing.dropped();
  row.provider = target.endpoint->provider;
  row.upstream_model = target.name->upstream_model;
  name_route(journey, target, attempts);
  journey.serving = target.name->model;
  row.attempts.push_back({.provider = row.provider,
                          .account = target.endpoint->account,
                          .upstream_model = row.upstream_model});
  journey.attempt_began = leg.began;
  row.upstream_request_id.clear();
}

upstream::Timeouts Relay::timeouts(const Journey& journey, const Target& target,
                                   bool others_left) const {
  const Settings& settings = journey.snapshot->data.settings;
  return {settings.connect_timeout, patience(journey, target, others_left), settings.idle_timeout,
          settings.total_timeout};
}

/// One try, told in the trace whatever comes of it: at one target, or, where that one is late and
/// the user wants it, at whoever of two answers first.
net::Task<Outcome> Relay::attempt(Journey& journey, const Target& asked, Attempts& attempts,
                                  Pulse& pulse) {
  Leg first(journey, asked);
  if (first.outgoing.refusal()) {
    journey.inexpressible = first.outgoing.refusal();
    co_return Outcome::passed_over();
  }
  TraceRow& row = journey.row;
  first.began = journey.now();
  step_up(journey, first, attempts);
  if (row.attempts.size() > 1) amend_intent(journey, asked);

  std::optional<Leg> second;
  std::optional<net::StopSignal::Listener> leaving;
  Leg* serving = &first;
  {
    const Waiting waiting(journey);
    const upstream::Timeouts limits = timeouts(journey, asked, attempts.others_left());
    if (const auto late = hedge_after(journey, asked)) {
      leaving.emplace(journey.exchange.gone(), [&] {
        first.stop.request();
        if (second) second->stop.request();
      });
      if (journey.exchange.gone().requested()) first.stop.request();
      net::Event came(journey.exchange.loop());
      first.news = &came;
      journey.exchange.loop().spawn(send(first, limits));
      const bool in_time = co_await came.wait_for(*late);
      if (!in_time) serving = co_await race(journey, first, second, attempts);
    } else {
      first.sent =
          co_await upstream_.send(first.outgoing.request(), limits, journey.exchange.gone());
    }
  }
  const Target& target = serving->target;
  const Outgoing& outgoing = serving->outgoing;
  upstream::Sent& sent = *serving->sent;

  Outcome outcome;
  if (!sent) {
    outcome = Outcome::failed(failure_of(sent.error().kind));
    outcome.worked_on = sent.error().sent && outcome.failure != FailureClass::cut &&
                        outcome.failure != FailureClass::bad_answer;
    journey.trying->given_up = sent.error().kind == upstream::FaultKind::first_byte_timeout;
    row.attempts.back().error_code = to_string(sent.error().kind);
    row.attempts.back().replayed = sent.error().replayed;
  } else {
    upstream::Reply& reply = **sent;
    row.attempts.back().status = reply.status;
    row.attempts.back().replayed = reply.replayed;
    row.upstream_request_id = printable(upstream_request_id(reply.fields), 128);
    amend_intent(journey, target);
    if (const auto left = dialect::headroom_of(reply.fields)) {
      routes_.health.set_headroom(health_name(target), *left);
    }
    pulse.beat();
    const dialect::AnswerForm form =
        reply.status == 200 ? outgoing.answer_form(reply.fields) : dialect::AnswerForm::whole;
    if (form == dialect::AnswerForm::events) {
      const auto scanner = outgoing.scan_stream();
      if (journey.envelope.asks_cost && (outgoing.translated() || !target.quirks.states_cost)) {
        scanner->tell_cost([&journey, &target](const Usage& usage) {
          return price(journey, target, usage).amount;
        });
      }
      pulse.follow(scanner.get());
      outcome = co_await relay_stream(journey, target, outgoing, reply, *scanner, pulse);
      pulse.follow(nullptr);
    } else {
      const bool hold = form == dialect::AnswerForm::whole;
      outcome = co_await relay_whole(journey, target, outgoing, reply, hold);
    }
  }
  if (!outcome.answered) note_debt(journey, target, outcome);
  if (outcome.failure == FailureClass::cancelled) {
    journey.end_attempt(FailureClass::cancelled);
    co_return co_await caller_left(journey, nullptr);
  }
  journey.end_attempt(outcome.failure);
  co_return outcome;
}

/// Nobody served: our own answer, or, where the head is already out, an error event.
net::Task<void> Relay::give_up(Journey& journey, const Attempts& attempts, Pulse& pulse) {
  pulse.stop();
  const bool never_asked = journey.row.attempts.empty() && journey.inexpressible;
  const Refusal refusal = never_asked ? *journey.inexpressible : attempts.refusal();
  journey.row.provider.clear();
  journey.row.upstream_model.clear();
  if (!journey.exchange.head_sent()) {
    co_await refuse(journey, refusal);
    co_return;
  }
  const auto scanner = journey.dialect.scan_stream(journey.operation, false);
  journey.row.error = to_string(refusal.kind);
  co_await settle(journey, nullptr, FinalState::upstream_failed);
  const std::string event = scanner->error_event(refusal);
  co_await journey.exchange.write(event);
  journey.exchange.abort();
}

net::Task<void> Relay::settle(Journey& journey, const Target* target, FinalState state) {
  CommitRecord record = close_books(journey, target, state);
  if (journey.trying) {
    const bool left = state == FinalState::client_gone;
    end_try(journey, left ? FailureClass::cancelled : journey.row.attempts.back().failure,
            journey.retry_after);
  }
  if (journey.key == nullptr) {
    recorder_.note(std::move(record));
    return nothing();
  }
  return recorder_.commit(std::move(record), journey.snapshot->data.settings.commit_wait);
}

net::Task<Outcome> Relay::caller_left(Journey& journey, const Target* target) {
  journey.row.error = "cancelled";
  co_await settle(journey, target, FinalState::client_gone);
  co_return Outcome::done();
}

net::Task<void> Relay::refuse(http::Exchange& exchange, const dialect::Match& match,
                              const Refusal& why) {
  static constexpr dialect::Operation none{"", "", "", dialect::OperationKind::count};
  Journey journey =
      begin(exchange, *match.dialect, match.operation == nullptr ? none : *match.operation);
  co_await refuse(journey, why);
}

net::Task<void> Relay::refuse(Journey& journey, const Refusal& why) {
  const dialect::WrittenRefusal written =
      journey.dialect.write_refusal(why, journey.row.id, journey.user_agent);
  AnswerFields fields(journey);
  for (const auto& [name, value] : written.fields) fields.add(name, value);
  const bool upstream_failed = why.kind == RefusalKind::upstream_failed ||
                               why.kind == RefusalKind::upstream_rate_limited ||
                               why.kind == RefusalKind::upstream_credential;
  journey.row.status = written.status;
  journey.row.error = to_string(why.kind);
  journey.answer_bytes = written.body.size();
  const FinalState state = upstream_failed                 ? FinalState::upstream_failed
                           : why.kind == RefusalKind::shed ? FinalState::shed
                                                           : FinalState::refused;
  co_await settle(journey, nullptr, state);
  http::AnswerHead head;
  head.status = written.status;
  head.fields = fields.list();
  head.body_length = written.body.size();
  co_await journey.exchange.reply(head, written.body);
}

http::Answer Relay::refuse_broken(const dialect::Match& match, const http::ProtocolFault& fault,
                                  const http::RequestHead* head, const Clock& clock) {
  const Refusal why{kind_of(fault.error), fault.message, "", {}};
  CommitRecord record;
  TraceRow& row = record.row;
  row = begin_row(head, match, clock.wall());
  row.status = fault.status;
  row.error = to_string(why.kind);
  row.state = why.kind == RefusalKind::shed ? FinalState::shed : FinalState::refused;
  if (head != nullptr) {
    if (const auto caller = authenticate(*head, clock)) sign(row, *caller->key);
  }
  const std::string_view agent =
      head == nullptr ? "" : http::find(head->fields, "user-agent").value_or("");
  dialect::WrittenRefusal written = match.dialect->write_refusal(why, row.id, agent);
  written.fields.emplace_back("x-request-id", row.id);
  written.fields.emplace_back("request-id", row.id);
  row.bytes_out = written.body.size();
  row.cost = Money{};
  requests_.fetch_add(1, std::memory_order_relaxed);
  recorder_.note(std::move(record));
  return {fault.status, std::move(written.fields), std::move(written.body), true};
}

tl::expected<Caller, Refusal> Relay::authenticate(const http::RequestHead& head,
                                                  const Clock& clock) const {
  const std::vector<std::string_view> credentials = credentials_of(head);
  auto caller = snapshot_->keys.authenticate(credentials, clock.wall());
  if (!caller) return tl::unexpected(key_refusal(caller.error()));
  return *caller;
}

Journey Relay::begin(http::Exchange& exchange, const dialect::Dialect& dialect,
                     const dialect::Operation& operation) {
  Journey journey{exchange, dialect, operation, snapshot_};
  const http::RequestHead& head = exchange.head();
  journey.row = begin_row(&head, {&dialect, &operation}, exchange.loop().clock().wall());
  journey.user_agent = http::find(head.fields, "user-agent").value_or("");
  return journey;
}

TraceRow Relay::begin_row(const http::RequestHead* head, const dialect::Match& match,
                          WallTime now) {
  TraceRow row;
  row.time = now;
  row.id = make_uuid_v7(now, random_);
  row.dialect = match.dialect->id();
  if (match.operation != nullptr) row.operation = match.operation->name;
  if (head != nullptr) row.client = dialect::client_program(head->fields);
  return row;
}

}  // namespace routerone
