#include <algorithm>
#include <utility>

#include "common/core/text.h"
#include "daemon/metering/worst_case.h"
#include "daemon/relay/relay.h"
#include "daemon/tokens/bound.h"
#include "daemon/tokens/estimate.h"

// What a request may cost, what is held for it, and what it came to.

namespace routerone {
namespace {

/// How long a request waits for money that only others hold, and how often it looks.
constexpr Millis longest_wait{2'000}, between_looks{10};

constexpr std::int64_t fewest_tokens = 256;

/// Where neither the caller nor the catalog says how long an answer may get.
constexpr std::int64_t unknown_cap = 32'768;

/// More than any request comes near. Whoever claims more is taken at this much: it stops a limit
/// just as well, and one line of nonsense does not fill the ledger for good.
constexpr std::int64_t most_tokens = 100'000'000, most_searches = 1'000'000;
constexpr Money most_stated{100'000'000'000'000'000};

Refusal bad_request(std::string message, std::string param) {
  return {RefusalKind::bad_request, std::move(message), std::move(param), {}};
}

/// Of a run inside others, none may be without: what it spends is theirs.
bool may_be_unpriced(const Journey& journey) {
  if (journey.project != nullptr && journey.project->unpriced) return true;
  return journey.key->limits.unpriced &&
         std::all_of(journey.outer.begin(), journey.outer.end(),
                     [](const Limits* limits) { return limits->unpriced; });
}

Refusal not_durable() {
  return {RefusalKind::shed,
          "spend cannot be recorded just now, so nothing may be spent under a limit", "",
          std::chrono::seconds(1)};
}

Intent intent_of(const Journey& journey, const Target& target) {
  const TraceRow& row = journey.row;
  return {row.id,
          row.time,
          row.key_id,
          row.key_name,
          row.project,
          row.client,
          row.session,
          row.dialect,
          row.operation,
          row.requested_model,
          target.name->model,
          target.endpoint->provider,
          target.name->upstream_model,
          row.stream,
          journey.pass.reserved()};
}

/// About what it will use in all. Of a form's files only their size is looked at.
std::int64_t guess_tokens(const Journey& journey) {
  constexpr std::int64_t file_bytes_a_token = 1'024;  // sound and pictures as they are usually sent
  if (!journey.form) return tokens::best_guess(journey.body, journey.envelope.output_cap);
  std::int64_t sum = tokens::best_guess("", std::nullopt);
  for (const dialect::FormPart& part : journey.form->parts) {
    sum += part.file ? static_cast<std::int64_t>(part.value.size()) / file_bytes_a_token
                     : tokens::guess_input(part.value);
  }
  return sum;
}

tl::expected<Demand, Refusal> measure(const Journey& journey) {
  if (!journey.form) return journey.dialect.measure(journey.operation, journey.body);
  return journey.dialect.measure_form(journey.operation, *journey.form);
}

/// A provider's own tools run only where its dialect is the caller's: translated, they are left
/// out.
void forget_tools_nobody_runs(Demand& demand, const Journey& journey) {
  const auto& targets = journey.plan.targets;
  const bool some_run = std::any_of(targets.begin(), targets.end(), [&](const Target& target) {
    return target.endpoint->dialect == journey.dialect.id();
  });
  if (some_run) return;
  demand.unbounded_tool.clear();
  demand.web_searches = 0;
}

/// What no bound can be given for.
std::optional<Refusal> refuse_unbounded(const Demand& demand) {
  if (demand.background) {
    return bad_request(
        "a background request goes on after its answer, which a spend limit cannot follow; send it "
        "without 'background'",
        "background");
  }
  if (!demand.unbounded_tool.empty()) {
    return bad_request("the provider's tool '" + printable(demand.unbounded_tool) +
                           "' can cost any amount, which a spend limit does not allow; bound its "
                           "uses or leave it out",
                       "tools");
  }
  return std::nullopt;
}

/// What one attempt could cost at worst, at the dearest of the targets.
tl::expected<metering::WorstCase, Refusal> worst_leg(Journey& journey, const Demand& demand) {
  metering::Bounds bounds;
  bounds.web_searches = demand.web_searches;
  bounds.choices = demand.choices;
  bounds.images_made = demand.images_made;
  bounds.requests = demand.requests;
  bounds.now = journey.exchange.loop().clock().wall();
  for (const Target& target : journey.plan.targets) {
    const auto bound = tokens::input_bound(demand, target.name->model, target.context);
    if (!bound) {
      return tl::unexpected(bad_request(
          "'" + printable(demand.refers_to.empty() ? "model" : demand.refers_to) +
              "' refers to what only the provider has, and nobody knows how much '" +
              printable(target.name->model) + "' can read: no spend limit can hold; send it inline",
          demand.refers_to));
    }
    bounds.input_tokens = std::max(bounds.input_tokens, *bound);
  }
  journey.most_input = bounds.input_tokens;
  return metering::worst_of(journey.plan, bounds);
}

std::int64_t longest_answer(const RoutePlan& plan) {
  std::int64_t longest = 0;
  for (const Target& target : plan.targets) {
    longest = std::max(longest, target.max_output.value_or(target.context.value_or(0)));
  }
  return longest;
}

bool all_tell_their_longest(const RoutePlan& plan) {
  return std::all_of(plan.targets.begin(), plan.targets.end(),
                     [](const Target& target) { return target.max_output || target.context; });
}

std::int64_t tokens_of(const Usage& usage) {
  std::int64_t sum = 0;
  for (const auto& count :
       {usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h, usage.output,
        usage.input_audio, usage.output_audio, usage.cache_read_audio, usage.input_image,
        usage.output_image}) {
    sum += count.value_or(0);
  }
  return sum;
}

void keep_sane(Usage& usage) {
  for (auto* count : {&usage.input, &usage.cache_read, &usage.cache_write_5m, &usage.cache_write_1h,
                      &usage.output, &usage.reasoning, &usage.input_audio, &usage.output_audio,
                      &usage.cache_read_audio, &usage.input_image, &usage.output_image}) {
    if (*count) *count = std::min(**count, most_tokens);
  }
  for (auto* count : {&usage.web_searches, &usage.images_made, &usage.requests}) {
    if (*count) *count = std::min(**count, most_searches);
  }
  if (usage.stated_cost > most_stated) usage.stated_cost.reset();
}

/// Our own guess never comes to more than was held: it would stop a limit for nothing.
std::int64_t within(std::int64_t guess, std::int64_t held) {
  return held > 0 ? std::min(guess, held) : guess;
}

/// Usage as reported; what was not, by our estimate. The count of an answer that broke off is of
/// its beginning only: some providers tell one output token in their first event.
void fill_in(Journey& journey, std::uint64_t answer_bytes, bool whole) {
  Usage& usage = journey.row.usage;
  keep_sane(usage);
  if (journey.operation.kind == dialect::OperationKind::media) {
    if (whole && !usage.images_made) usage.images_made = journey.envelope.images;
    const bool told = usage.known() || usage.stated_cost;
    journey.row.usage_source = told ? UsageSource::upstream : UsageSource::none;
    return;
  }
  journey.row.usage_source = UsageSource::upstream;
  const bool generates = journey.operation.kind == dialect::OperationKind::generate;
  const bool told = usage.output.has_value() || !generates;
  if (whole && told && usage.input) return;
  const Usage guess = tokens::estimate(journey.body, answer_bytes, journey.row.stream);
  if (!usage.input) {
    usage.input = within(*guess.input, journey.most_input);
    journey.row.usage_source = UsageSource::estimate;
  }
  const std::int64_t output = within(*guess.output, journey.most_output);
  if ((whole && told) || usage.output.value_or(0) >= output) return;
  usage.output = output;
  journey.row.usage_source = UsageSource::estimate;
}

}  // namespace

/// Under a spend limit nobody may be sent to whose price is not known, unless the user said so.
bool Relay::must_be_priced(const Journey& journey) const {
  const bool free = journey.operation.kind == dialect::OperationKind::count;
  return !free && admission_.limits_spend(*journey.key) && !may_be_unpriced(journey);
}

/// Its place in the rates; free operations have no limits.
std::optional<Refusal> Relay::enter(Journey& journey) {
  if (journey.operation.kind == dialect::OperationKind::count) return std::nullopt;
  const bool counts_tokens = journey.key->limits.tokens_per_minute ||
                             (journey.project != nullptr && journey.project->tokens_per_minute);
  auto pass = admission_.enter(*journey.key, counts_tokens ? guess_tokens(journey) : 0);
  journey.rates = admission_.rates(*journey.key);
  if (!pass) return pass.error().refusal;
  journey.pass = *std::move(pass);
  return std::nullopt;
}

/// Holds what the dearest target of the plan could cost, in all scopes or in none; where only
/// others hold what is missing, it waits a moment for them.
net::Task<std::optional<Refusal>> Relay::reserve(Journey& journey) {
  const bool free = journey.operation.kind == dialect::OperationKind::count;
  if (free || !admission_.limits_spend(*journey.key)) co_return std::nullopt;
  if (!recorder_.spend_is_durable()) co_return not_durable();
  auto demand = measure(journey);
  if (!demand) co_return demand.error();
  forget_tools_nobody_runs(*demand, journey);
  if (auto refused = refuse_unbounded(*demand)) co_return refused;

  const bool generates = journey.operation.kind == dialect::OperationKind::generate;
  const bool writes = generates || journey.operation.kind == dialect::OperationKind::media;
  const bool bounded = demand->output_cap || all_tell_their_longest(journey.plan) || !writes;
  const auto worst = worst_leg(journey, *demand);
  if (!worst) co_return worst.error();
  admission::Bill bill;
  bill.input = worst->input;
  bill.output_rate = writes ? worst->output_rate : 0;
  bill.cap = demand->output_cap.value_or(bounded ? longest_answer(journey.plan) : unknown_cap);
  // The last cents of a limit are not worth an answer of a word.
  bill.least_cap = std::min(bill.cap, fewest_tokens);
  if (demand->thinking_budget > 0) bill.least_cap = demand->thinking_budget + 1'025;
  bill.clampable = generates;

  const SteadyTime until = journey.now() + longest_wait;
  for (;;) {
    const auto grant = admission_.reserve(journey.pass, *journey.key, bill);
    if (grant) {
      if (generates && (grant->clamped || !bounded)) journey.row.clamped = grant->cap;
      journey.most_output = saturating_multiply(grant->cap, demand->choices);
      break;
    }
    const bool wait = grant.error().may_pass_soon && journey.now() < until &&
                      !journey.exchange.gone().requested();
    if (!wait) co_return grant.error().refusal;
    const Waiting waiting(journey);
    co_await net::sleep_for(journey.exchange.loop(), between_looks);
  }
  journey.worst_leg = journey.pass.reserved();
  journey.row.reserved = journey.worst_leg;
  co_return std::nullopt;
}

/// From here on it is found again, whatever becomes of this process.
std::optional<Refusal> Relay::note_intent(Journey& journey) {
  const auto slot = recorder_.begin(intent_of(journey, journey.plan.targets.front()));
  if (slot) {
    journey.intent = *slot;
    return std::nullopt;
  }
  // Without a limit nothing is promised that the journal would have to keep.
  if (!journey.row.reserved) return std::nullopt;
  return not_durable();
}

/// Before another attempt goes out, which more may be held for, and once a provider answers, whose
/// own books know the request by an id.
void Relay::amend_intent(const Journey& journey, const Target& target) {
  if (!journey.row.reserved) return;
  recorder_.amend(journey.intent, intent_of(journey, target), journey.row.upstream_request_id);
}

/// A failed attempt may be charged for if the provider was at work: what it told, else our
/// estimate.
void Relay::note_debt(Journey& journey, const Target& target, const Outcome& outcome) {
  if (journey.operation.kind == dialect::OperationKind::count) return;
  if (!outcome.worked_on && !outcome.usage.known()) return;
  TraceRow& row = journey.row;
  row.usage = outcome.usage;
  fill_in(journey, outcome.bytes, !outcome.worked_on);
  row.model = target.name->model;
  const metering::Cost cost = price_or_held(journey, target);
  row.price_source = cost.source;
  row.attempts.back().cost = cost.amount;
  journey.owed += cost.amount.value_or(Money{});
  journey.owed_tokens += tokens_of(row.usage);
}

/// Without money for one more attempt beside what is owed already, there is none.
bool Relay::afford_next(Journey& journey) {
  if (!journey.row.reserved || journey.owed.picousd == 0) return true;
  const bool covered = journey.pass.cover(journey.owed, journey.worst_leg);
  if (covered) journey.row.reserved = journey.pass.reserved();
  return covered;
}

/// The same for one more attempt at the same time.
bool Relay::afford_beside(Journey& journey) {
  if (!journey.row.reserved) return true;
  const bool covered = journey.pass.cover(journey.owed + journey.worst_leg, journey.worst_leg);
  if (covered) journey.row.reserved = journey.pass.reserved();
  return covered;
}

/// What a caller is told in the stream is what is recorded behind it: no nonsense is priced.
metering::Cost Relay::price(const Journey& journey, const Target& target, Usage usage) {
  keep_sane(usage);
  const WallTime now = journey.exchange.loop().clock().wall();
  return metering::cost_of(usage, target.price, target.price_source, now);
}

/// What the row's usage costs. Where nobody told what media came to, its size does not tell either:
/// the cost is unknown then, but under a limit nothing is free that was paid for, so it is what was
/// held for it.
metering::Cost Relay::price_or_held(Journey& journey, const Target& target) {
  metering::Cost cost = price(journey, target, journey.row.usage);
  const bool media = journey.operation.kind == dialect::OperationKind::media;
  if (cost.amount || !media || !journey.row.reserved || target.price == nullptr) return cost;
  journey.row.usage_source = UsageSource::estimate;
  cost.amount = journey.worst_leg;
  cost.source = target.price_source;
  return cost;
}

/// What the served target counted, or our estimate of it, at the price of today.
void Relay::charge(Journey& journey, const Target& target, bool whole) {
  TraceRow& row = journey.row;
  fill_in(journey, journey.answer_bytes, whole);
  const metering::Cost cost = price_or_held(journey, target);
  row.cost = cost.amount;
  row.price_source = cost.source;
}

/// The row as it is committed. What was held is let go of, and what it cost is counted in its
/// place.
CommitRecord Relay::close_books(Journey& journey, const Target* target, FinalState state) {
  journey.end_attempt(FailureClass::none);
  requests_.fetch_add(1, std::memory_order_relaxed);
  TraceRow& row = journey.row;
  row.state = state;
  row.latency = journey.elapsed();
  row.overhead = row.latency - journey.waited;
  row.bytes_out = journey.answer_bytes;
  if (target != nullptr) row.model = target->name->model;
  std::int64_t tokens = journey.owed_tokens;
  row.cost = Money{};
  if (target != nullptr && journey.operation.kind != dialect::OperationKind::count) {
    charge(journey, *target,
           state == FinalState::completed || state == FinalState::completed_unmarked);
    tokens += tokens_of(row.usage);
  }
  if (row.cost) *row.cost += journey.owed;

  const bool never_sent = row.attempts.empty();
  if (never_sent) {
    journey.pass = {};  // a refusal costs nothing, not even its place in the rates
  } else {
    row.overrun = journey.pass.settle(row.cost.value_or(Money{}), tokens);
  }
  CommitRecord record;
  record.row = row;
  record.intent = std::exchange(journey.intent, 0);
  if (journey.key != nullptr && row.cost.value_or(Money{}).picousd > 0) {
    for (std::string& scope : scopes_of(row.key_id, row.project)) {
      record.moves.push_back({std::move(scope), *row.cost});
    }
  }
  return record;
}

}  // namespace routerone
