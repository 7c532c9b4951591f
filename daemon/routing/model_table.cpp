#include "daemon/routing/model_table.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "common/core/text.h"
#include "daemon/routing/allowance.h"
#include "daemon/routing/contenders.h"
#include "daemon/routing/decide.h"
#include "daemon/routing/expected_cost.h"
#include "daemon/routing/name_table.h"
#include "daemon/routing/no_target.h"

namespace routerone::routing {
namespace {

/// What an answer is taken to be as long as none was seen.
constexpr double usual_output = 500;
/// Of a conversation that goes on, so much was in the request before.
constexpr double repeated = 0.9;
/// More targets than anybody would try cost only money to reserve for.
constexpr std::size_t most_targets = 16;

/// A name with one of these behind it asks for the model in a way of its own.
struct Suffix {
  std::string_view word;
  void (*apply)(RouteWords&);
};
constexpr Suffix suffixes[] = {
    {":floor", [](RouteWords& words) { words.sort = RouteWords::Sort::price; }},
    {":nitro", [](RouteWords& words) { words.sort = RouteWords::Sort::throughput; }},
    {":free", [](RouteWords& words) { words.max_prompt = words.max_completion = 0; }},
};

/// What a request's name and words lead to.
struct Course {
  std::deque<Step> steps;
  RouteWords words;
  bool chosen = false;  ///< We choose the model.
};

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
  target.model = one.model->model;
  target.upstream_model = way.upstream_model;
  target.price = way.price;
  target.price_source = way.price_source;
  target.context = way.context;
  target.max_output = way.max_output;
  target.quirks = quirks_of(way.provider->known);
  target.explicit_fallback = one.position > 0;
  return target;
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
  std::stable_sort(contenders.begin(), contenders.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  std::vector<int> tiers;
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

}  // namespace

struct ModelTable::Impl {
  NameTable names;
  std::map<std::string, std::vector<std::string>, std::less<>> fallbacks;
  std::vector<CandidatesRecord> lists;
  std::map<std::string, double, std::less<>> qualities;

  const CandidatesRecord* list_of(std::string_view name) const;
  tl::expected<Course, Refusal> course_of(const Wish&, const Allowance&) const;
  bool add_steps(std::string_view name, Course&) const;
  void add_step(std::string_view name, int position, Course&) const;
  DecidedCandidate candidate_of(const Contender&, int tier, const HealthView&, const Wish&,
                                bool sticks) const;
  Planned plan(Field, const Course&, const Wish&) const;
};

ModelTable::ModelTable(const ControlData& data, const catalog::Catalog& catalog,
                       const Credentials& credentials, const std::vector<BuiltIn>& built_in)
    : impl_(new Impl{{data, catalog, credentials, built_in}, {}, data.candidates, {}}) {
  for (const FallbackRecord& fallback : data.fallbacks) {
    impl_->fallbacks.emplace(fallback.model, fallback.chain);
  }
  for (const QualityRecord& record : data.qualities) {
    impl_->qualities.emplace(record.model, record.quality);
  }
}

ModelTable::~ModelTable() = default;

/// `auto`, `auto:NAME`; null: no such list.
const CandidatesRecord* ModelTable::Impl::list_of(std::string_view name) const {
  if (name != "auto" && !name.starts_with("auto:")) return nullptr;
  const std::string_view wanted = name == "auto" ? name : name.substr(5);
  const auto found = std::find_if(lists.begin(), lists.end(),
                                  [&](const CandidatesRecord& one) { return one.name == wanted; });
  return found == lists.end() ? nullptr : &*found;
}

void ModelTable::Impl::add_step(std::string_view name, int position, Course& course) const {
  auto resolved = names.resolve(name);
  if (!resolved) return;
  const bool there = std::any_of(course.steps.begin(), course.steps.end(), [&](const Step& step) {
    return step.model.model == resolved->model && step.model.pinned == resolved->pinned;
  });
  if (!there) course.steps.push_back({*std::move(resolved), position});
}

/// What a name as it is written leads to; false: nowhere.
bool ModelTable::Impl::add_steps(std::string_view name, Course& course) const {
  const auto& aliases = names.user_aliases();
  const bool alias = std::find(aliases.begin(), aliases.end(), name) != aliases.end();
  if (const CandidatesRecord* const list = alias ? nullptr : list_of(name)) {
    course.chosen = true;
    for (const std::string& model : list->models) add_step(model, 0, course);
  } else {
    add_step(name, 0, course);
  }
  return !course.steps.empty();
}

tl::expected<Course, Refusal> ModelTable::Impl::course_of(const Wish& wish,
                                                          const Allowance& allowance) const {
  Course course;
  if (wish.words != nullptr) course.words = *wish.words;
  bool known = add_steps(wish.model, course);
  for (const Suffix& suffix : suffixes) {
    if (known || !wish.model.ends_with(suffix.word)) continue;
    known = add_steps(wish.model.substr(0, wish.model.size() - suffix.word.size()), course);
    if (known) suffix.apply(course.words);
  }
  int position = 0;
  for (const std::string& other : course.words.models) add_step(other, ++position, course);
  if (course.steps.empty()) {
    return tl::unexpected(explain_missing(names, wish.model, allowance, lists));
  }
  if (course.chosen || position > 0) return course;
  const auto chain = fallbacks.find(course.steps.front().model.model);
  if (chain == fallbacks.end()) return course;
  for (const std::string& next : chain->second) add_step(next, ++position, course);
  return course;
}

DecidedCandidate ModelTable::Impl::candidate_of(const Contender& one, int tier,
                                                const HealthView& health, const Wish& wish,
                                                bool sticks) const {
  double output = health.output_tokens.value_or(usual_output);
  if (wish.output_cap) output = std::min(output, static_cast<double>(*wish.output_cap));
  const auto cached =
      sticks ? static_cast<std::int64_t>(static_cast<double>(wish.input_tokens) * repeated) : 0;
  DecidedCandidate candidate;
  candidate.provider = one.endpoint->provider;
  candidate.account = one.endpoint->account;
  candidate.model = one.model->model;
  candidate.upstream_model = one.way->upstream_model;
  candidate.tier = tier;
  candidate.out = is_out(health);
  candidate.point = standpoint_of(health, output);
  candidate.point.dollars = expected_dollars(one.way->price, wish.input_tokens, cached, output);
  const auto quality = qualities.find(one.model->model);
  if (quality != qualities.end()) candidate.point.quality = quality->second;
  candidate.point.share = std::max(one.way->provider->record->weight, 0);
  if (candidate.point.share <= 0) candidate.point.trial = false;  // nobody wants to know
  round_off(candidate.point);
  return candidate;
}

Planned ModelTable::Impl::plan(Field field, const Course& course, const Wish& wish) const {
  std::vector<Contender>& all = field.contenders;
  const std::vector<int> tiers = put_by_tier(all, course.chosen);
  std::vector<Target> targets;
  std::vector<std::string> watched;
  for (const Contender& one : all) {
    targets.push_back(target_of(one));
    watched.push_back(health_name(targets.back()));
  }
  std::vector<HealthView> health(all.size());
  if (wish.health != nullptr) health = wish.health->view(watched);

  const std::string keeper = all.size() > 1 && wish.keeper ? wish.keeper() : std::string();
  Decision decision;
  decision.weights = weights_for(course.words, wish.weights);
  decision.dice = wish.dice;
  decision.excluded = std::move(field.excluded);
  for (std::size_t i = 0; i < all.size(); ++i) {
    // What stands in for the model asked for keeps nobody once that one is back.
    const bool first_choice = all[i].position == all.front().position;
    const bool sticks = !keeper.empty() && first_choice && watched[i] == keeper;
    if (sticks) decision.sticky = keeper;
    decision.candidates.push_back(candidate_of(all[i], tiers[i], health[i], wish, sticks));
  }
  ChoiceOptions options;
  if (course.words.sort != RouteWords::Sort::none) options = {.margin = 0, .trials = 0};
  decide(decision, options);

  Planned planned;
  planned.automatic = course.chosen;
  planned.one_only = !course.words.allow_fallbacks && course.words.order.empty();
  const auto take = [&](std::size_t i) {
    planned.targets.push_back(std::move(targets[i]));
    planned.standings.push_back(standing_of(health[i], decision.candidates[i].point, wish.steady));
    planned.health.push_back(health[i]);
  };
  const std::size_t best = preferred(decision);
  if (decision.candidates[best].point.reserve) {
    planned.missed = Missed{health_name(targets[best]), health[best].why};
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

tl::expected<Planned, Refusal> ModelTable::plan(const Wish& wish) const {
  const Allowance allowance(wish.key != nullptr ? &wish.key->limits : nullptr, wish.project,
                            wish.outer);
  if (wish.now && allowance.expired(*wish.now)) {
    return tl::unexpected(
        Refusal{RefusalKind::bad_key, "the key or its project has expired", {}, {}});
  }
  const auto course = impl_->course_of(wish, allowance);
  if (!course) return tl::unexpected(course.error());
  Field field =
      contenders_of(course->steps, course->chosen, wish, course->words, allowance, impl_->names);
  if (field.contenders.empty()) {
    return tl::unexpected(explain_no_target(course->steps, field.excluded, wish, allowance));
  }
  return impl_->plan(std::move(field), *course, wish);
}

bool ModelTable::is_choice(std::string_view model) const {
  return impl_->list_of(model) != nullptr;
}

std::vector<ModelTable::Listed> ModelTable::list(const KeyRecord* key, const Limits* project,
                                                 std::span<const Limits* const> outer) const {
  const Allowance allowance(key != nullptr ? &key->limits : nullptr, project, outer);
  std::vector<Listed> listed;
  const auto add_providers = [&](const Resolved& resolved, std::vector<std::string>& providers) {
    for (const Way& way : resolved.ways()) {
      const std::string& provider = way.provider_id();
      const bool there = std::find(providers.begin(), providers.end(), provider) != providers.end();
      if (!there && allowance.names(resolved.model, provider)) providers.push_back(provider);
    }
  };
  const auto add = [&](const std::string& shown, const Resolved& resolved) {
    Listed one{shown, resolved.model, "", 0, {}};
    if (resolved.served != nullptr) {
      one.name = resolved.served->name;
      one.lab = resolved.served->lab;
      one.released = resolved.served->released;
    }
    add_providers(resolved, one.providers);
    if (!one.providers.empty()) listed.push_back(std::move(one));
  };
  const std::set<std::string> aliases(impl_->names.user_aliases().begin(),
                                      impl_->names.user_aliases().end());
  for (const auto& [id, served] : impl_->names.models()) {
    if (!aliases.contains(id)) add(id, {id, &served, {}, {}});
  }
  for (const std::string& alias : aliases) {
    if (const auto resolved = impl_->names.resolve(alias)) add(alias, *resolved);
  }
  for (const CandidatesRecord& list : impl_->lists) {
    const std::string id = list.name == "auto" ? "auto" : "auto:" + list.name;
    if (aliases.contains(id)) continue;
    Listed one{id, id, "routerone", 0, {}};
    for (const std::string& model : list.models) {
      if (const auto resolved = impl_->names.resolve(model))
        add_providers(*resolved, one.providers);
    }
    if (!one.providers.empty()) listed.push_back(std::move(one));
  }
  std::sort(listed.begin(), listed.end(),
            [](const Listed& a, const Listed& b) { return a.id < b.id; });
  return listed;
}

}  // namespace routerone::routing
