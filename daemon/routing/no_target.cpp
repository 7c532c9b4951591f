#include "daemon/routing/no_target.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone::routing {
namespace {

constexpr std::size_t nearest_shown = 3;
constexpr std::size_t reasons_shown = 8;

Refusal unknown_model(std::string message) {
  return {RefusalKind::unknown_model, std::move(message), "model", {}};
}

Refusal bad_model(std::string message) {
  return {RefusalKind::bad_request, std::move(message), "model", {}};
}

void add_once(std::string& list, std::string_view word) {
  for (const std::string_view there : split(list, ',')) {
    if (trim(there) == word) return;
  }
  if (!list.empty()) list += ", ";
  list += word;
}

/// May the caller use the model with any of its providers?
bool allowed_anywhere(const Allowance& allowance, std::string_view model,
                      const std::vector<Way>& ways) {
  return std::any_of(ways.begin(), ways.end(),
                     [&](const Way& way) { return allowance.names(model, way.provider_id()); });
}

Refusal missing_list(std::string_view name, const std::vector<std::string>& lists) {
  const std::string wanted(name == "auto" ? name : name.substr(name.find(':') + 1));
  std::string there;
  for (const std::string& list : lists) add_once(there, list);
  return unknown_model("'" + printable(name) +
                       "' has no candidates yet; name them with: routerone routes candidates " +
                       printable(wanted) + " MODEL,MODEL" +
                       (there.empty() ? "" : "; there are: " + there));
}

Refusal in_other_dialects(const Resolved& model, std::string_view dialect) {
  std::string dialects;
  for (const Way& way : model.ways()) {
    for (const Endpoint& endpoint : way.provider->endpoints) {
      if (way.only_dialect.empty() || way.only_dialect == endpoint.dialect) {
        add_once(dialects, endpoint.dialect);
      }
    }
  }
  if (dialects.empty()) {
    return unknown_model("no base URL of the providers of '" + printable(model.model) +
                         "' can be used; see: routerone providers list");
  }
  return bad_model("the providers of '" + printable(model.model) + "' do not speak " +
                   std::string(dialect) +
                   ", and this path is not translated; it can be asked in: " + dialects);
}

Refusal unpriced(std::string_view model, const ModelTable::Wish& wish) {
  const bool named = wish.key != nullptr && !wish.key->name.empty();
  const std::string key = named ? printable(wish.key->name) : "NAME";
  return bad_model("the price of '" + printable(model) +
                   "' is not known, so no spend limit can hold; set it with `routerone models "
                   "price`, or allow it with `routerone keys update " +
                   key + " --unpriced`");
}

/// Each with its own reason.
Refusal one_by_one(std::string_view asked, const std::vector<Exclusion>& excluded) {
  std::string message = "nobody who serves '" + printable(asked) + "' can take this request: ";
  for (std::size_t i = 0; i < std::min(excluded.size(), reasons_shown); ++i) {
    const Exclusion& one = excluded[i];
    if (i > 0) message += "; ";
    message += printable(one.model) + " at " + one.provider + ": ";
    message.append(reason_in_words(one.reason));
  }
  if (excluded.size() > reasons_shown) {
    message += "; and " + std::to_string(excluded.size() - reasons_shown) + " more";
  }
  const bool by_words = std::all_of(excluded.begin(), excluded.end(), [](const Exclusion& one) {
    return one.reason.starts_with("provider.");
  });
  return {RefusalKind::bad_request, std::move(message), by_words ? "provider" : "model", {}};
}

}  // namespace

std::string_view reason_in_words(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> words{{
      {reason::not_allowed, "this key may not use it"},
      {reason::data_policy, "it is not known to keep the data policy required"},
      {reason::dialect, "it does not speak this dialect, and the path is not translated"},
      {reason::pinned, "another provider was named"},
      {reason::unpriced, "its price is not known, so no spend limit can hold"},
      {reason::not_only, "it is not in provider.only"},
      {reason::ignored, "it is in provider.ignore"},
      {reason::not_in_order, "it is not in provider.order, and fallbacks are not allowed"},
      {reason::max_price, "it costs more than provider.max_price, or nobody knows"},
      {reason::collection, "it is not known to leave requests out of training"},
      {reason::retention, "it is not known to keep nothing (zero data retention)"},
      {reason::quantization, "its quantization is not known"},
      {reason::parameters, "the request would have to be translated for it"},
      {reason::context, "the request is longer than its context"},
      {reason::max_output, "the answer asked for is longer than it gives"},
      {reason::tools, "it is not known to call tools"},
      {reason::reasoning, "it is not known to reason"},
      {reason::images, "it is not known to read images"},
  }};
  for (const auto& [known, said] : words) {
    if (known == word) return said;
  }
  return word;
}

Refusal explain_missing(const NameTable& names, std::string_view name, const Allowance& allowance,
                        const std::vector<std::string>& lists) {
  if (name == "auto" || name.starts_with("auto:")) return missing_list(name, lists);
  const std::string shown = printable(name);
  if (const catalog::Model* known = names.known(name); known && !known->offers.empty()) {
    std::string providers_of;
    for (const catalog::Offer& offer : known->offers) add_once(providers_of, offer.provider);
    return unknown_model("no provider that serves '" + std::string(known->id) +
                         "' is added and enabled; add one of: " + providers_of +
                         " (routerone providers add " +
                         std::string(known->offers.front().provider) + ")");
  }
  std::vector<std::string> candidates;
  for (const std::string& alias : names.user_aliases()) {
    const auto resolved = names.resolve(alias);
    if (resolved && allowed_anywhere(allowance, resolved->model, resolved->ways())) {
      candidates.push_back(alias);
    }
  }
  for (const auto& [id, served] : names.models()) {
    if (allowed_anywhere(allowance, id, served.ways)) candidates.push_back(id);
  }
  std::string message = "there is no model '" + shown + "'";
  const std::vector<std::string> close = nearest(name, candidates, nearest_shown);
  for (std::size_t i = 0; i < close.size(); ++i) {
    message += (i == 0 ? "; nearest: " : ", ") + close[i];
  }
  return unknown_model(std::move(message));
}

Refusal explain_no_target(const std::vector<Step>& steps, const std::vector<Exclusion>& excluded,
                          const ModelTable::Wish& wish, const Allowance& allowance) {
  std::string providers;  // that the caller may use
  std::vector<Exclusion> told;
  for (const Exclusion& one : excluded) {
    if (one.reason == reason::not_allowed) continue;
    add_once(providers, one.provider);
    if (one.reason != reason::pinned) told.push_back(one);
  }
  const Resolved& asked = *steps.front().model;
  if (providers.empty()) {
    return unknown_model("this key may not use the model '" + printable(wish.model) + "'");
  }
  if (told.empty()) {
    return unknown_model("the provider '" + asked.pinned + "' does not serve '" +
                         printable(asked.model) + "' here; it is served by: " + providers);
  }
  const auto all = [&](std::string_view why) {
    return std::all_of(told.begin(), told.end(),
                       [why](const Exclusion& one) { return one.reason == why; });
  };
  if (all(reason::dialect)) return in_other_dialects(asked, wish.dialect);
  if (all(reason::unpriced)) return unpriced(asked.model, wish);
  if (all(reason::data_policy)) {
    return bad_model("no provider of '" + printable(wish.model) +
                     "' is known to keep the data policy required (" + allowance.data_in_words() +
                     "); it is served by: " + providers);
  }
  return one_by_one(wish.model, told);
}

}  // namespace routerone::routing
