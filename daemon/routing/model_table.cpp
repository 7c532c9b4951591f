#include "daemon/routing/model_table.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <set>
#include <tuple>
#include <utility>

#include "common/core/text.h"
#include "daemon/routing/accounts.h"
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
  std::vector<Step> steps;
  std::list<Resolved> resolved;  // what steps point at, but for those of a user's list
  RouteWords words;
  bool chosen = false;  ///< We choose the model.
};

bool stands_in(const Course& course, const Resolved& model) {
  return std::any_of(course.steps.begin(), course.steps.end(), [&](const Step& step) {
    return step.model->model == model.model && step.model->pinned == model.pinned;
  });
}

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

/// Its health_name(), in one piece.
std::string watched_as(const Contender& one) {
  const Endpoint& endpoint = *one.endpoint;
  std::string name;
  name.reserve(endpoint.provider.size() + endpoint.account.size() + one.way->upstream_model.size() +
               2);
  name += endpoint.provider;
  if (!endpoint.account.empty()) (name += '#') += endpoint.account;
  return (name += '/') += one.way->upstream_model;
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

}  // namespace

struct ModelTable::Impl {
  NameTable names;
  std::map<std::string, std::vector<std::string>, std::less<>> fallbacks;
  std::vector<CandidatesRecord> lists;
  std::vector<std::vector<Resolved>> listed;  ///< The models of each list.
  std::map<std::string, double, std::less<>> qualities;

  const CandidatesRecord* list_of(std::string_view name) const;
  tl::expected<Course, Refusal> course_of(const Wish&, const Allowance&) const;
  bool is_alias(std::string_view name) const;
  std::string_view without_suffix(std::string_view name, RouteWords&) const;
  void add_steps(std::string_view name, Course&) const;
  void add_step(std::string_view name, int position, Course&) const;
  DecidedCandidate candidate_of(const Contender&, int tier, const HealthView&, double output,
                                const Wish&, bool sticks) const;
  Planned plan(Field, const Course&, const Wish&) const;
};

ModelTable::ModelTable(const ControlData& data, const catalog::Catalog& catalog,
                       const Credentials& credentials, const std::vector<BuiltIn>& built_in)
    : impl_(new Impl{{data, catalog, credentials, built_in}, {}, data.candidates, {}, {}}) {
  for (const CandidatesRecord& list : data.candidates) {
    std::vector<Resolved>& models = impl_->listed.emplace_back();
    for (const std::string& name : list.models) {
      if (auto resolved = impl_->names.resolve(name)) models.push_back(*std::move(resolved));
    }
  }
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
  if (!resolved || stands_in(course, *resolved)) return;
  course.resolved.push_back(*std::move(resolved));
  course.steps.push_back({&course.resolved.back(), position});
}

void ModelTable::Impl::add_steps(std::string_view name, Course& course) const {
  if (const CandidatesRecord* const list = is_alias(name) ? nullptr : list_of(name)) {
    course.chosen = true;
    const auto& models = listed[static_cast<std::size_t>(list - lists.data())];
    course.steps.reserve(models.size());
    for (const Resolved& model : models) {
      if (!stands_in(course, model)) course.steps.push_back({&model, 0});
    }
  } else {
    add_step(name, 0, course);
  }
}

bool ModelTable::Impl::is_alias(std::string_view name) const {
  const auto& aliases = names.user_aliases();
  return std::find(aliases.begin(), aliases.end(), name) != aliases.end();
}

/// The name without the suffix that it has; what the suffix says is added to the words. A name that
/// somebody gave as a whole is taken as it is, but a provider's own id is not: no provider knows
/// the suffix of a model that it shares with others.
std::string_view ModelTable::Impl::without_suffix(std::string_view name, RouteWords& words) const {
  const auto is_named = [&](std::string_view one) {
    if (is_alias(one) || list_of(one) != nullptr) return true;
    const auto resolved = names.resolve(one);
    return resolved && resolved->served != nullptr;
  };
  for (const Suffix& suffix : suffixes) {
    if (!name.ends_with(suffix.word)) continue;
    const std::string_view plain = name.substr(0, name.size() - suffix.word.size());
    if (is_named(name) || !is_named(plain)) return name;
    suffix.apply(words);
    return plain;
  }
  return name;
}

tl::expected<Course, Refusal> ModelTable::Impl::course_of(const Wish& wish,
                                                          const Allowance& allowance) const {
  Course course;
  if (wish.words != nullptr) course.words = *wish.words;
  const std::string_view plain = without_suffix(wish.model, course.words);
  add_steps(plain, course);
  int position = 0;
  for (const std::string& other : course.words.models) add_step(other, ++position, course);
  if (course.steps.empty()) {
    return tl::unexpected(explain_missing(names, wish.model, allowance, lists));
  }
  if (course.chosen || position > 0) return course;
  const auto chain = fallbacks.find(course.steps.front().model->model);
  if (chain == fallbacks.end()) return course;
  for (const std::string& next : chain->second) add_step(next, ++position, course);
  return course;
}

DecidedCandidate ModelTable::Impl::candidate_of(const Contender& one, int tier,
                                                const HealthView& health, double output,
                                                const Wish& wish, bool sticks) const {
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
  return candidate;
}

Planned ModelTable::Impl::plan(Field field, const Course& course, const Wish& wish) const {
  std::vector<Contender>& all = field.contenders;
  const std::vector<int> tiers = put_by_tier(all, course.chosen);
  std::vector<std::string> watched;
  watched.reserve(all.size());
  for (const Contender& one : all) watched.push_back(watched_as(one));
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
    decision.candidates.push_back(candidate_of(all[i], tiers[i], health[i], answer, wish, sticks));
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
    planned.missed = Missed{watched[best], health[best].why};
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
  Field field = contenders_of(course->steps, course->chosen, wish, course->words, allowance);
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
