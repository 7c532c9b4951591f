#include "daemon/trace/routing_json.h"

#include <algorithm>
#include <vector>

#include "common/json/json.h"
#include "daemon/exchange/health_name.h"

namespace routerone::trace {
namespace {

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json or_null(const std::optional<double>& number) { return number ? Json(*number) : nullptr; }

Json candidate_json(const DecidedCandidate& one) {
  const Standpoint& point = one.point;
  Json out = Json::object();
  out["provider"] = one.name->provider;
  out["account"] = or_null(one.name->account);
  out["model"] = one.name->model;
  out["upstream_model"] = one.name->upstream_model;
  out["target"] = health_name(one);
  out["score"] = one.score.total;
  out["latency_ms"] = point.seconds ? Json(*point.seconds * 1e3) : Json(nullptr);
  out["cost"] = or_null(point.dollars);
  out["quality"] = or_null(point.quality);
  out["health"] = one.score.health;
  out["terms"] = {
      {"latency", one.score.latency}, {"cost", one.score.cost}, {"quality", one.score.quality}};
  out["failure_share"] = point.failure_share;
  out["headroom"] = point.headroom;
  out["in_flight"] = point.in_flight;
  out["share"] = point.share;
  out["tier"] = one.tier;
  out["untried"] = point.trial;
  out["last_resort"] = point.reserve;
  out["out"] = one.out;
  return out;
}

Json exclusion_json(const Exclusion& one) {
  Json out = Json::object();
  out["model"] = or_null(one.model);
  out["provider"] = or_null(one.provider);
  out["reason"] = one.reason;
  return out;
}

/// The order, then what is not in it.
std::vector<std::size_t> places_of(const Decision& decision) {
  std::vector<std::size_t> places = decision.order;
  std::vector<bool> has(decision.candidates.size());
  for (const std::size_t place : places) has[place] = true;
  for (std::size_t i = 0; i < has.size(); ++i)
    if (!has[i]) places.push_back(i);
  return places;
}

}  // namespace

Json to_json(const Decision& decision) {
  const RouteWeights& weights = decision.weights;
  Json out = Json::object();
  out["weights"] = {
      {"latency", weights.latency}, {"cost", weights.cost}, {"quality", weights.quality}};
  out["sticky"] = or_null(decision.sticky);
  out["trial"] = decision.trial;
  out["sorted"] = decision.sorted;
  out["candidates"] = Json::array();
  for (const std::size_t place : places_of(decision))
    out["candidates"].push_back(candidate_json(decision.candidates[place]));
  out["excluded"] = Json::array();
  for (const Exclusion& one : decision.excluded) out["excluded"].push_back(exclusion_json(one));
  return out;
}

Json routing_json(const store::StoredTrace& stored) {
  Json out = to_json(*stored.row.decision);
  out["candidates_left_out"] = stored.candidates_left_out;
  out["exclusions_left_out"] = stored.exclusions_left_out;
  return out;
}

}  // namespace routerone::trace
