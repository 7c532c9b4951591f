#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/nouns.h"
#include "daemon/control/whatif.h"
#include "daemon/routing/weights_text.h"
#include "daemon/trace/filter.h"

namespace routerone::control {
namespace {

/// Signals that are not named count nothing: other settings are to be seen, not half of them.
Result<std::optional<RouteWeights>> weights_of(const ReplayWish& wish) {
  if (!wish.weights) return std::nullopt;
  return routing::read_weights(fmt::format("{}", fmt::join(*wish.weights, ",")), {0, 0, 0});
}

/// A name that no provider here ever had would change nothing, and say nothing.
Status check_known(const Strings& providers, const ControlData& data) {
  for (const std::string& name : providers) {
    const bool known = std::any_of(data.providers.begin(), data.providers.end(),
                                   [&](const ProviderRecord& one) { return one.id == name; });
    if (!known)
      return fail(ErrorKind::not_found,
                  fmt::format("there is no provider \"{}\"", printable(name, 64)),
                  "routerone providers list");
  }
  return {};
}

Json weights_json(const std::optional<RouteWeights>& weights) {
  if (!weights) return nullptr;
  return {{"latency", weights->latency}, {"cost", weights->cost}, {"quality", weights->quality}};
}

Result<Json> replay(Desk desk, const Json& body) {
  TRY(const auto wish, read<ReplayWish>(body));
  TRY(const auto query, trace::parse_filter(wish.terms, desk.services.clock.wall()));
  const auto snapshot = desk.state.snapshot();
  TRY(const auto weights, weights_of(wish));
  TRY_STATUS(check_known(wish.without, snapshot->data));
  std::vector<ReplayLimit> limits;
  for (const std::string& text : wish.limits) {
    TRY(auto limit, ReplayLimit::read(text, snapshot->data));
    limits.push_back(std::move(limit));
  }
  WhatIf whatif({weights, wish.without, {}}, std::move(limits));
  TRY_STATUS(desk.services.traces.visit_past(
      query, [&](const store::PastRequest& past) { whatif.add(past); }));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["weights"] = weights_json(weights);
  out["without"] = wish.without;
  out.update(whatif.done());
  return out;
}

}  // namespace

void add_replay(Router& router, Desk desk) {
  router.on(path::route_replay, [desk](const Json& body) { return replay(desk, body); });
}

}  // namespace routerone::control
