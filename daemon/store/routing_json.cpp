#include "daemon/store/routing_json.h"

#include <cmath>

#include "common/json/json.h"
#include "daemon/exchange/routing_bounds.h"
#include "daemon/store/json_fields.h"

namespace routerone::store {
namespace {

void read_between(JsonFields& in, const char* name, double most, double& into) {
  in.read(name, into);
  if (!std::isfinite(into) || into < 0 || into > most) in.note(name, "is out of range");
}

Json millis_to_json(const std::optional<Millis>& time) {
  return time ? Json(time->count()) : Json(nullptr);
}

void read_own_first_byte(JsonFields& in, const char* name, std::optional<Millis>& into) {
  if (in.has(name)) read_first_byte(in, name, into.emplace(least_first_byte));
}

}  // namespace

Json weights_to_json(const std::optional<RouteWeights>& weights) {
  if (!weights) return nullptr;
  Json out = Json::object();
  out["latency"] = weights->latency;
  out["cost"] = weights->cost;
  out["quality"] = weights->quality;
  return out;
}

void read_weights(JsonFields& record, std::optional<RouteWeights>& into) {
  if (!record.has("weights")) return;
  JsonFields in = record.part("weights");
  RouteWeights& weights = into.emplace();
  read_between(in, "latency", most_weight, weights.latency);
  read_between(in, "cost", most_weight, weights.cost);
  read_between(in, "quality", most_weight, weights.quality);
}

void read_first_byte(JsonFields& record, const char* name, Millis& into) {
  record.read_millis(name, into);
  if (into < least_first_byte || into > most_first_byte) record.note(name, "is out of range");
}

Json routing_to_json(const RoutingRecord& routing) {
  Json out = Json::object();
  out["weights"] = weights_to_json(routing.weights);
  out["failover_switches"] =
      routing.failover_switches ? Json(*routing.failover_switches) : Json(nullptr);
  out["first_byte_floor_ms"] = millis_to_json(routing.first_byte_floor);
  out["first_byte_ceiling_ms"] = millis_to_json(routing.first_byte_ceiling);
  out["hedge"] = routing.hedge;
  return out;
}

void read_routing(JsonFields in, RoutingRecord& routing) {
  read_weights(in, routing.weights);
  if (in.has("failover_switches")) {
    int& switches = routing.failover_switches.emplace(0);
    in.read("failover_switches", switches);
    if (switches < 0 || switches > most_switches) in.note("failover_switches", "is out of range");
  }
  read_own_first_byte(in, "first_byte_floor_ms", routing.first_byte_floor);
  read_own_first_byte(in, "first_byte_ceiling_ms", routing.first_byte_ceiling);
  in.read("hedge", routing.hedge);
}

void write_choices(Json& whole, const ControlData& data) {
  whole["candidates"] = Json::object();
  for (const auto& list : data.candidates) whole["candidates"][list.name] = list.models;
  whole["qualities"] = Json::object();
  for (const auto& one : data.qualities) whole["qualities"][one.model] = one.quality;
}

void read_choices(JsonFields& whole, ControlData& data) {
  JsonFields lists = whole.part("candidates");
  for (const auto& [name, models] : whole.object("candidates").items()) {
    CandidatesRecord& list = data.candidates.emplace_back();
    list.name = name;
    lists.read(name.c_str(), list.models);
    if (list.models.empty() || list.models.size() > most_candidates)
      lists.note(name.c_str(), "has no models, or more than 64");
  }
  JsonFields qualities = whole.part("qualities");
  for (const auto& [model, quality] : whole.object("qualities").items()) {
    QualityRecord& one = data.qualities.emplace_back();
    one.model = model;
    read_between(qualities, model.c_str(), 1, one.quality);
  }
}

}  // namespace routerone::store
