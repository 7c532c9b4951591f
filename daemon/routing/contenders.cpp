#include "daemon/routing/contenders.h"

#include <algorithm>

#include "common/core/text.h"

namespace routerone::routing {
namespace {

/// `together/turbo` is a provider of its own to OpenRouter; here the provider's name counts.
std::string_view provider_in(std::string_view word) { return word.substr(0, word.find('/')); }

std::optional<int> place_in(const std::vector<std::string>& words, std::string_view provider) {
  if (words.empty()) return std::nullopt;  // as most are
  const auto found = std::find_if(words.begin(), words.end(), [&](const std::string& word) {
    return iequals(provider_in(word), provider);
  });
  if (found == words.end()) return std::nullopt;
  return static_cast<int>(found - words.begin());
}

/// Reads the request's words itself, and obeys them among those that stand behind it.
bool routes_itself(const Way& way, const ModelTable::Wish& wish, const Endpoint& endpoint) {
  return way.provider->known != nullptr && way.provider->known->has(catalog::Quirk::routes) &&
         endpoint.dialect == wish.dialect;
}

bool dearer(const catalog::Price* price, const RouteWords& words) {
  if (!words.max_prompt && !words.max_completion) return false;
  if (price == nullptr || !price->table.input || !price->table.output) return true;
  return (words.max_prompt && *price->table.input > *words.max_prompt) ||
         (words.max_completion && *price->table.output > *words.max_completion);
}

/// Does a list of names mean anybody here? If not, whoever routes itself knows them.
bool means_ours(const std::vector<std::string>& words, const std::vector<Step>& steps) {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    const auto& ways = step.model->ways();
    return std::any_of(ways.begin(), ways.end(), [&](const Way& way) {
      return place_in(words, way.provider_id()).has_value();
    });
  });
}

/// What the request itself says against a target; empty: nothing.
std::string_view unwanted(const Contender& one, const ModelTable::Wish& wish,
                          const RouteWords& words, bool only_ours, bool order_ours) {
  const std::string& provider = one.way->provider_id();
  if (place_in(words.ignore, provider)) return reason::ignored;
  if (dearer(one.way->price, words)) return reason::max_price;
  const bool routes = routes_itself(*one.way, wish, *one.endpoint);
  const bool only = !words.only.empty() && (only_ours || !routes);
  if (only && !place_in(words.only, provider)) return reason::not_only;
  const bool in_order = !words.allow_fallbacks && !words.order.empty() && (order_ours || !routes);
  if (in_order && !place_in(words.order, provider)) return reason::not_in_order;
  if (routes) return {};
  const auto kept = [&](const DataPolicy& policy) {
    return Allowance::keeps_policy(policy, *one.way, *one.endpoint);
  };
  if (words.no_collection && !kept({.no_training = true})) return reason::collection;
  if (words.zero_retention && !kept({.zero_retention = true})) return reason::retention;
  // Nobody tells; only who takes that as an answer is served.
  const bool any_quantization = words.quantizations.empty() ||
                                std::find(words.quantizations.begin(), words.quantizations.end(),
                                          "unknown") != words.quantizations.end();
  if (!any_quantization) return reason::quantization;
  if (words.require_parameters && one.translated) return reason::parameters;
  return {};
}

/// What the catalog says against a model for this request; empty: nothing.
std::string_view incapable(const Contender& one, const catalog::Model* known,
                           const ModelTable::Wish& wish) {
  if (one.way->context && wish.input_tokens > *one.way->context) return reason::context;
  if (one.way->max_output && wish.output_cap.value_or(0) > *one.way->max_output) {
    return reason::max_output;
  }
  if (known == nullptr) return {};
  const auto lacks = [known](catalog::Trait trait) {
    return std::find(known->traits.begin(), known->traits.end(), trait) == known->traits.end();
  };
  if (wish.needs.tools && lacks(catalog::Trait::tools)) return reason::tools;
  if (wish.needs.images && lacks(catalog::Trait::images)) return reason::images;
  if (wish.needs.reasoning && lacks(catalog::Trait::reasoning)) return reason::reasoning;
  return {};
}

/// The dialect to ask a way in: the caller's if it can be, else one that can be translated to.
std::string_view dialect_for(const Way& way, const ModelTable::Wish& wish) {
  const auto fits = [&way](std::string_view dialect) {
    return way.only_dialect.empty() || way.only_dialect == dialect;
  };
  if (fits(wish.dialect) && way.provider->speaking(wish.dialect) != nullptr) return wish.dialect;
  for (const Endpoint& endpoint : way.provider->endpoints) {
    const bool known =
        std::find(wish.others.begin(), wish.others.end(), endpoint.dialect) != wish.others.end();
    if (known && fits(endpoint.dialect)) return endpoint.dialect;
  }
  return {};
}

struct Judge {
  const bool chosen;
  const ModelTable::Wish& wish;
  const RouteWords& words;
  const Allowance& allowance;
  const bool only_ours, order_ours;  ///< The words' lists mean somebody here.
  Field field = {};
  std::vector<std::pair<Contender, std::string_view>> doubted = {};  // by the catalog alone

  void leave_out(const Step& step, const Way& way, std::string_view why) {
    const auto same = [&](const Exclusion& one) {
      return one.provider == way.provider_id() && one.model == step.model->model;
    };
    // Several credentials, and what goes for one goes for all.
    if (std::any_of(field.excluded.begin(), field.excluded.end(), same)) return;
    field.excluded.push_back({step.model->model, way.provider_id(), std::string(why)});
  }

  /// What holds for all of a way's endpoints.
  std::string_view barred(const Step& step, const Way& way) const {
    if (!step.model->pinned.empty() && way.provider_id() != step.model->pinned) {
      return reason::pinned;
    }
    if (!allowance.names(step.model->model, way.provider_id())) return reason::not_allowed;
    if (wish.must_be_priced && way.price == nullptr) return reason::unpriced;
    return {};
  }

  void look_at(const Step& step, const Way& way) {
    if (const auto why = barred(step, way); !why.empty()) return leave_out(step, way, why);
    const std::string_view dialect = dialect_for(way, wish);
    if (dialect.empty()) return leave_out(step, way, reason::dialect);
    for (const Endpoint& endpoint : way.provider->endpoints) {
      if (endpoint.dialect != dialect) continue;
      Contender one{&way, &endpoint, step.model, step.position, 0, dialect != wish.dialect};
      one.place =
          place_in(words.order, way.provider_id()).value_or(static_cast<int>(words.order.size()));
      if (!allowance.data(way, endpoint)) {
        leave_out(step, way, reason::data_policy);
      } else if (const auto why = unwanted(one, wish, words, only_ours, order_ours); !why.empty()) {
        leave_out(step, way, why);
      } else if (const auto lack = incapable(one, step.model->known, wish); !lack.empty()) {
        doubted.emplace_back(one, lack);
      } else {
        field.contenders.push_back(one);
      }
    }
  }

  /// A step whose every contender only the catalog speaks against.
  void judge_doubted(const Step& step) {
    const bool named = !chosen && step.position == 0;
    const bool nobody_else = field.contenders.empty();
    for (const auto& [one, why] : doubted) {
      if (named && nobody_else) {
        field.contenders.push_back(one);
      } else {
        leave_out(step, *one.way, why);
      }
    }
    doubted.clear();
  }
};

}  // namespace

Field contenders_of(const std::vector<Step>& steps, bool chosen, const ModelTable::Wish& wish,
                    const RouteWords& words, const Allowance& allowance) {
  Judge judge{chosen,
              wish,
              words,
              allowance,
              !words.only.empty() && means_ours(words.only, steps),
              !words.order.empty() && means_ours(words.order, steps)};
  judge.field.contenders.reserve(steps.size());
  for (const Step& step : steps) {
    for (const Way& way : step.model->ways()) judge.look_at(step, way);
    judge.judge_doubted(step);
  }
  return std::move(judge.field);
}

}  // namespace routerone::routing
