#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/model_names.h"
#include "daemon/control/route_calls.h"

namespace routerone::control {
namespace {

constexpr std::size_t longest_chain = 16;

Json fallback_view(const FallbackRecord& record) {
  Json out = Json::object();
  out["model"] = record.model;
  out["chain"] = record.chain;
  return out;
}

/// What holds for all, and who has settings of its own.
void add_settings(Json& out, const ControlData& data) {
  out.update(route_settings_view(data));
  out["projects"] = Json::array();
  for (const ProjectRecord& project : data.projects)
    if (!(project.routing == RoutingRecord{}))
      out["projects"].push_back(route_settings_view(project, data));
  out["keys"] = Json::array();
  for (const KeyRecord& key : data.keys)
    if (key.weights && !key.revoked) out["keys"].push_back(route_settings_view(key, data));
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
  add_settings(out, snapshot->data);
  out["candidates"] = Json::array();
  for (const CandidatesRecord& list : snapshot->data.candidates)
    out["candidates"].push_back(candidates_view(list));
  out["qualities"] = Json::array();
  for (const QualityRecord& one : snapshot->data.qualities)
    out["qualities"].push_back(Json{{"model", one.model}, {"quality", one.quality}});
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
  router.on(path::route_set, [desk](const Json& body) { return set_routes(desk, body); });
  router.on(path::route_explain, [desk](const Json& body) { return explain_route(desk, body); });
  router.on(path::route_candidates,
            [desk](const Json& body) { return set_candidates(desk, body); });
}

}  // namespace routerone::control
