#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/model_names.h"
#include "daemon/control/nouns.h"

namespace routerone::control {
namespace {

constexpr std::size_t longest_chain = 16;

Json fallback_view(const FallbackRecord& record) {
  Json out = Json::object();
  out["model"] = record.model;
  out["chain"] = record.chain;
  return out;
}

Result<Json> show(Desk desk, const Json&) {
  const auto snapshot = desk.state.snapshot();
  Json out = Json::object();
  out["schema"] = schema_version;
  out["aliases"] = Json::array();
  for (const AliasRecord& alias : snapshot->data.aliases)
    out["aliases"].push_back(Json{{"alias", alias.name}, {"model", alias.model}});
  out["fallbacks"] = Json::array();
  for (const FallbackRecord& record : snapshot->data.fallbacks)
    out["fallbacks"].push_back(fallback_view(record));
  out["failover_switches"] = snapshot->data.settings.failover_switches;
  return out;
}

Result<Strings> read_chain(const FallbackWish& wish, const std::string& model,
                           const ControlData& data, Desk desk) {
  if (wish.chain.size() > longest_chain)
    return fail(ErrorKind::invalid, "a fallback chain has at most 16 models");
  Strings chain;
  for (const std::string& name : wish.chain) {
    TRY(std::string id, routed_model(name, data, desk));
    if (id == model)
      return fail(ErrorKind::invalid, fmt::format("{} cannot stand in for itself", model));
    if (std::find(chain.begin(), chain.end(), id) != chain.end())
      return fail(ErrorKind::invalid, fmt::format("{} stands in the chain twice", id));
    chain.push_back(std::move(id));
  }
  return chain;
}

Result<Json> fallback(Desk desk, const Json& body) {
  TRY(const auto wish, read<FallbackWish>(body));
  FallbackRecord after;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    TRY(after.model, canonical_model(wish.model, draft.data, desk));
    TRY(after.chain, read_chain(wish, after.model, draft.data, desk));
    const auto removed = std::erase_if(
        draft.data.fallbacks, [&](const FallbackRecord& r) { return r.model == after.model; });
    if (!after.chain.empty())
      draft.data.fallbacks.push_back(after);
    else if (removed == 0)
      return fail(ErrorKind::not_found, fmt::format("{} has no fallback chain", after.model),
                  "routerone routes show");
    return {};
  }));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["model"] = after.model;
  out["chain"] = after.chain;
  return out;
}

}  // namespace

void add_routes(Router& router, Desk desk) {
  router.on(path::route_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::route_fallback, [desk](const Json& body) { return fallback(desk, body); });
}

}  // namespace routerone::control
