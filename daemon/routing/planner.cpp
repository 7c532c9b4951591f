#include "daemon/routing/planner.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "daemon/exchange/health_name.h"
#include "daemon/routing/accounts.h"
#include "daemon/routing/decide.h"
#include "daemon/routing/expected_cost.h"

namespace routerone::routing {
namespace {

/// What an answer is taken to be as long as none was seen.
constexpr double usual_output = 500;
/// Of a conversation that goes on, so much was in the request before.
constexpr double repeated = 0.9;
/// More targets than anybody would try cost only money to reserve for.
constexpr std::size_t most_targets = 16;

RouteWeights weights_for(const RouteWords& words, const RouteWeights& usual) {
  switch (words.sort) {
    case RouteWords::Sort::none:
      return usual;
    case RouteWords::Sort::price:
      return {0, 1, 0};
    case RouteWords::Sort::throughput:
    case RouteWords::Sort::latency:
      return {1, 0, 0};
  }
  return usual;
}

Quirks quirks_of(const catalog::Provider* known) {
  Quirks quirks;
  if (known == nullptr) return quirks;
  quirks.max_completion_tokens = known->has(catalog::Quirk::max_completion_tokens);
  quirks.states_cost = known->has(catalog::Quirk::states_cost);
  quirks.routes = known->has(catalog::Quirk::routes);
  return quirks;
}

Target target_of(const Contender& one) {
  const Way& way = *one.way;
  Target target;
  target.endpoint = one.endpoint;
  target.name = way.name_at(*one.endpoint);
  target.price = way.price;
  target.price_source = way.price_source;
  target.context = way.context;
  target.max_output = way.max_output;
  target.quirks = quirks_of(way.provider->known);
  target.explicit_fallback = one.position > 0;
  return target;
}

/// What whoever was not seen to answer yet is taken to answer: as much as the others do.
double output_of_others(const std::vector<HealthView>& health) {
  double sum = 0, known = 0;
  for (const HealthView& one : health) {
    if (!one.output_tokens) continue;
    sum += *one.output_tokens;
    ++known;
  }
  return known > 0 ? sum / known : usual_output;
}

Standing standing_of(const HealthView& health, const Standpoint& point, SteadyTime now) {
  if (!point.reserve) return {};
  const auto kind = is_out(health) ? Standing::Kind::cooling : Standing::Kind::last_resort;
  const auto left = std::chrono::ceil<std::chrono::seconds>(health.until - now);
  return {kind, health.why, std::max(left, std::chrono::seconds(0))};
}

/// Puts the contenders by tier and gives each its number. Who takes the caller's bytes as they are
/// comes first among those of one model; between models that is no reason.
std::vector<int> put_by_tier(std::vector<Contender>& contenders, bool chosen) {
  const auto rank = [chosen](const Contender& one) {
    return std::tuple(one.position, one.place, one.way->provider->record->priority,
                      !chosen && one.translated);
  };
  const auto before = [&](const auto& a, const auto& b) { return rank(a) < rank(b); };
  if (!std::is_sorted(contenders.begin(), contenders.end(), before)) {
    std::stable_sort(contenders.begin(), contenders.end(), before);
  }
  std::vector<int> tiers;
  tiers.reserve(contenders.size());
  int tier = 0;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    if (i > 0 && rank(contenders[i - 1]) != rank(contenders[i])) ++tier;
    tiers.push_back(tier);
  }
  return tiers;
}

/// Decided by what a trace keeps of it, which is no finer than this.
void round_off(Standpoint& point) {
  const auto to = [](double value, double parts) { return std::round(value * parts) / parts; };
  if (point.seconds) point.seconds = to(*point.seconds, 1e6);
  if (point.dollars) point.dollars = to(*point.dollars, 1e9);
  point.failure_share = to(point.failure_share, 1e4);
  point.headroom = to(point.headroom, 1e4);
}

/// Whoever would be first if nobody had failed lately.
std::size_t preferred(const Decision& decision) {
  const RouteWeights by = normalised(decision.weights);
  const auto merit = [&](const DecidedCandidate& one) {
    return by.latency * one.score.latency + by.cost * one.score.cost +
           by.quality * one.score.quality;
  };
  const auto& all = decision.candidates;
  const auto best = std::max_element(all.begin(), all.end(), [&](const auto& a, const auto& b) {
    return a.tier != b.tier ? a.tier > b.tier : merit(a) < merit(b);
  });
  return static_cast<std::size_t>(best - all.begin());
}

DecidedCandidate candidate_of(const Contender& one, int tier, const HealthView& health,
                              double output, const ModelTable::Wish& wish, bool sticks,
                              const Qualities& qualities) {
  const auto cached =
      sticks ? static_cast<std::int64_t>(static_cast<double>(wish.input_tokens) * repeated) : 0;
  DecidedCandidate candidate;
  candidate.name = one.way->name_at(*one.endpoint);
  candidate.tier = tier;
  candidate.out = is_out(health);
  candidate.point = standpoint_of(health, output);
  candidate.point.dollars = expected_dollars(one.way->price, wish.input_tokens, cached, output);
  const auto quality = qualities.find(one.model->model);
  if (quality != qualities.end()) candidate.point.quality = quality->second;
  candidate.point.share = std::max(one.way->provider->record->weight, 0);
  if (candidate.point.share <= 0) candidate.point.trial = false;  // nobody wants to know
  return candidate;
}

}  // namespace

Planned plan_among(Field field, const Course& course, const ModelTable::Wish& wish,
                   const Qualities& qualities) {
  std::vector<Contender>& all = field.contenders;
  const std::vector<int> tiers = put_by_tier(all, course.chosen);
  std::vector<std::string_view> watched;
  watched.reserve(all.size());
  for (const Contender& one : all) watched.push_back(one.way->name_at(*one.endpoint)->health);
  const std::vector<HealthView> health =
      wish.health != nullptr ? wish.health->view(watched) : std::vector<HealthView>(all.size());

  const std::string keeper = all.size() > 1 && wish.keeper ? wish.keeper() : std::string();
  Decision decision;
  decision.weights = weights_for(course.words, wish.weights);
  decision.dice = wish.dice;
  decision.excluded = std::move(field.excluded);
  decision.candidates.reserve(all.size());
  const double others = output_of_others(health);
  const double most = wish.output_cap ? static_cast<double>(*wish.output_cap) : HUGE_VAL;
  for (std::size_t i = 0; i < all.size(); ++i) {
    // What stands in for the model asked for keeps nobody once that one is back.
    const bool first_choice = all[i].position == all.front().position;
    const bool sticks = !keeper.empty() && first_choice && watched[i] == keeper;
    if (sticks) decision.sticky = keeper;
    const double answer = std::min(health[i].output_tokens.value_or(others), most);
    decision.candidates.push_back(
        candidate_of(all[i], tiers[i], health[i], answer, wish, sticks, qualities));
  }
  decision.sorted = course.words.sort != RouteWords::Sort::none;
  even_out(decision.candidates);
  for (DecidedCandidate& one : decision.candidates) round_off(one.point);
  decide(decision);

  Planned planned;
  planned.automatic = course.chosen;
  planned.one_only = !course.words.allow_fallbacks && course.words.order.empty();
  planned.targets.reserve(std::min(all.size(), most_targets));
  planned.standings.reserve(std::min(all.size(), most_targets));
  planned.health.reserve(std::min(all.size(), most_targets));
  const auto take = [&](std::size_t i) {
    planned.targets.push_back(target_of(all[i]));
    planned.standings.push_back(standing_of(health[i], decision.candidates[i].point, wish.steady));
    planned.health.push_back(health[i]);
  };
  const std::size_t best = preferred(decision);
  if (decision.candidates[best].point.reserve) {
    planned.missed = Missed{std::string(watched[best]), health[best].why};
  }
  for (const std::size_t i : decision.order) {
    if (planned.targets.size() < most_targets) take(i);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (decision.candidates[i].out && planned.targets.size() < most_targets) take(i);
  }
  planned.decision = std::move(decision);
  return planned;
}

}  // namespace routerone::routing
