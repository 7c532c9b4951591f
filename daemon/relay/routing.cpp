#include <algorithm>
#include <utility>

#include "daemon/exchange/health_name.h"
#include "daemon/relay/relay.h"
#include "daemon/routing/weights_text.h"
#include "daemon/tokens/estimate.h"

// Where a request goes, and what it tells of its target once it is over.

namespace routerone {
namespace {

constexpr std::string_view weights_header = "x-routerone-weights";

/// Up to here a token is taken for four bytes: no need to look closer.
constexpr std::size_t short_body = 16 << 10;
constexpr std::int64_t bytes_a_token = 4;

std::int64_t input_tokens(const Journey& journey) {
  if (journey.form) return 0;
  if (journey.body.size() > short_body) return tokens::guess_input(journey.body);
  return static_cast<std::int64_t>(journey.body.size()) / bytes_a_token;
}

/// The request's own, else its key's, else its project's, else those of all.
tl::expected<RouteWeights, Refusal> weights_of(const Journey& journey) {
  const RouteWeights weights = journey.settings().weights;
  const auto asked = http::find(journey.exchange.head().fields, weights_header);
  if (!asked) return weights;
  auto read = routing::read_weights(*asked, weights);
  if (read) return *read;
  const Error& error = read.error();
  return tl::unexpected(Refusal{RefusalKind::bad_request,
                                error.message + (error.hint.empty() ? "" : "; " + error.hint),
                                std::string(weights_header),
                                {}});
}

bool is_unwell(FailureClass how) {
  return how != FailureClass::none && how != FailureClass::caller_fault &&
         how != FailureClass::cancelled;
}

/// Who was only there to be measured keeps no session.
bool was_trial(const Journey& journey, const std::string& target) {
  const auto& decision = journey.row.decision;
  return decision && decision->trial &&
         health_name(decision->candidates[decision->order.front()]) == target;
}

/// What the try that is over tells of its target's speed.
routing::Sample sample_of(const Journey& journey, FailureClass how, const Trying& trying) {
  routing::Sample sample;
  sample.failed = is_unwell(how);
  const routing::Seconds all = journey.now() - trying.began;
  if (trying.given_up) sample.silent = all;
  const TraceRow& row = journey.row;
  if (how != FailureClass::none || row.state == FinalState::client_gone) return sample;
  const auto tokens = static_cast<double>(row.usage.output.value_or(0));
  if (tokens > 0 && row.usage_source == UsageSource::upstream) sample.output_tokens = tokens;
  if (!row.stream || !row.ttft) {
    if (tokens > 0) sample.per_token = all / tokens;
    return sample;
  }
  const routing::Seconds first = journey.exchange.started() + *row.ttft - trying.began;
  sample.first_byte = std::max(first, routing::Seconds(0));
  if (tokens > 1) sample.per_token = std::max(all - first, routing::Seconds(0)) / tokens;
  return sample;
}

}  // namespace

std::optional<Refusal> Relay::plan(Journey& journey) {
  const auto weights = weights_of(journey);
  if (!weights) return weights.error();
  std::uint32_t dice = 0;
  random_.fill({reinterpret_cast<std::uint8_t*>(&dice), sizeof dice});
  const auto others = dialect::translatable_to(journey.dialect, journey.operation);
  routing::ModelTable::Wish wish{.model = journey.envelope.model,
                                 .dialect = journey.dialect.id(),
                                 .key = journey.key,
                                 .dice = dice,
                                 .project = journey.project,
                                 .now = journey.row.time,
                                 .others = others,
                                 .outer = journey.outer,
                                 .must_be_priced = must_be_priced(journey),
                                 .words = &journey.envelope.routes,
                                 .needs = journey.envelope.needs,
                                 .input_tokens = input_tokens(journey),
                                 .output_cap = journey.envelope.output_cap,
                                 .weights = *weights,
                                 .health = &routes_.health,
                                 .steady = journey.now(),
                                 .keeper = [&] { return find_keeper(journey); }};
  if (journey.snapshot->models.is_choice(wish.model)) {
    if (auto refused = look_closer(journey, wish.needs)) return refused;
  }
  auto planned = journey.snapshot->models.plan(wish);
  if (!planned) return planned.error();
  journey.plan.targets = std::move(planned->targets);
  journey.standings = std::move(planned->standings);
  journey.health = std::move(planned->health);
  journey.missed = std::move(planned->missed);
  const bool choice =
      planned->decision->candidates.size() > 1 || !planned->decision->excluded.empty();
  if (choice) journey.row.decision = std::move(planned->decision);
  journey.automatic = planned->automatic;
  journey.switches = planned->one_only ? 0 : journey.settings().failover_switches;
  return std::nullopt;
}

/// What only the body's depths tell of what a model must be able to read.
std::optional<Refusal> Relay::look_closer(const Journey& journey, RequestNeeds& needs) {
  if (journey.form) return std::nullopt;
  const auto demand = journey.dialect.measure(journey.operation, journey.body);
  if (!demand) return demand.error();
  needs.images = !demand->images.empty();
  needs.documents = demand->document_pages > 0;
  needs.audio = demand->audio_bytes > 0;
  return std::nullopt;
}

/// Who served the session before; asked only where there is a choice.
std::string Relay::find_keeper(Journey& journey) {
  const dialect::Envelope& envelope = journey.envelope;
  if (journey.form || !Sessions::worth_staying(journey.body)) return {};
  journey.session_name = routes_.sessions.name_of({.key_id = journey.key->id,
                                                   .model = envelope.model,
                                                   .session = journey.row.session,
                                                   .body = journey.body,
                                                   .opening = envelope.opening});
  if (journey.session_name.empty()) return {};
  return routes_.sessions.targets().find(journey.session_name).value_or("");
}

/// None: the target is better left alone just now.
std::optional<Trying> Relay::begin_try(const Target& target, bool last_resort) {
  std::string name = health_name(target);
  const auto began = routes_.health.begin(name, last_resort);
  if (!began) return std::nullopt;
  return Trying{std::move(name), *began};
}

/// The try under way has come to its end: what it told is remembered. Only the first call counts.
void Relay::end_try(Journey& journey, FailureClass how,
                    std::optional<std::chrono::seconds> retry_after) {
  if (!journey.trying) return;
  const Trying trying = *std::exchange(journey.trying, std::nullopt);
  const routing::Sample sample = sample_of(journey, how, trying);
  routes_.health.ended(trying.target, trying.began, how, retry_after, sample);
  const bool served = how == FailureClass::none && journey.row.state != FinalState::client_gone;
  if (!served || journey.session_name.empty() || was_trial(journey, trying.target)) return;
  const bool long_lived = journey.row.usage.cache_write_1h.value_or(0) > 0;
  routes_.sessions.targets().remember(
      journey.session_name, trying.target,
      long_lived ? routing::Affinity::longest : routing::Affinity::usual);
}

/// A target that usually answers soon is not awaited for as long as one that nobody knows, if
/// another stands ready.
Millis Relay::patience(const Journey& journey, const Target& target, bool others_left) {
  const routing::RouteSettings settings = journey.settings();
  if (!others_left) return settings.first_byte_ceiling;
  const auto at = static_cast<std::size_t>(&target - journey.plan.targets.data());
  // A whole answer's first byte comes with its last: how long that takes is not known.
  if (!journey.envelope.stream || at >= journey.health.size()) return settings.first_byte_ceiling;
  return routing::first_byte_timeout(journey.health[at], settings.first_byte_floor,
                                     settings.first_byte_ceiling);
}

}  // namespace routerone
