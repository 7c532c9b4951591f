#include <fmt/format.h>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/limits.h"
#include "daemon/control/route_calls.h"
#include "daemon/control/scopes.h"
#include "daemon/control/weights.h"
#include "daemon/exchange/routing_bounds.h"

namespace routerone::control {
namespace {

Json settings_view(std::string scope, const ControlData& data, const ProjectRecord* project,
                   const KeyRecord* key) {
  const auto now = routing::route_settings(data.settings, project, key);
  Json out = Json::object();
  out["scope"] = std::move(scope);
  out["weights"] = weights_view(now.weights);
  out["weights_from"] = to_word(now.weights_from);
  out["failover_switches"] = now.failover_switches;
  out["first_byte_floor_ms"] = now.first_byte_floor.count();
  out["first_byte_ceiling_ms"] = now.first_byte_ceiling.count();
  out["hedge"] = now.hedge;
  return out;
}

Result<std::optional<int>> read_switches(const std::string& text) {
  if (text == "none") return std::optional<int>();
  const auto number = parse_uint(text);
  if (!number || *number > std::uint64_t{most_switches})
    return fail(ErrorKind::invalid,
                fmt::format("failover switches are a whole number from 0 to {}, or none, not "
                            "\"{}\"",
                            most_switches, printable(text, 40)));
  return std::optional(static_cast<int>(*number));
}

Result<std::optional<Millis>> read_first_byte(const char* what, const std::string& text) {
  if (text == "none") return std::optional<Millis>();
  const auto time = parse_duration(text);
  if (!time || *time < least_first_byte || *time > most_first_byte)
    return fail(ErrorKind::invalid,
                fmt::format("the first-byte {} is a time from 1s to 1h, or none, not \"{}\"", what,
                            printable(text, 40)),
                "write it like 30s or 2m");
  return std::optional<Millis>(*time);
}

/// What was said beside weights, over what a project has of its own.
Status apply_rest(RoutingRecord& routing, const RouteSetWish& wish) {
  if (wish.switches) {
    TRY(routing.failover_switches, read_switches(*wish.switches));
  }
  if (wish.first_byte_floor) {
    TRY(routing.first_byte_floor, read_first_byte("floor", *wish.first_byte_floor));
  }
  if (wish.first_byte_ceiling) {
    TRY(routing.first_byte_ceiling, read_first_byte("ceiling", *wish.first_byte_ceiling));
  }
  if (wish.hedge) routing.hedge = *wish.hedge;
  return {};
}

/// A floor above the ceiling would say nothing.
Status check_times(const RoutingRecord& own, const Settings& settings) {
  const Millis floor = own.first_byte_floor.value_or(settings.first_byte_floor);
  const Millis ceiling = own.first_byte_ceiling.value_or(settings.first_byte_timeout);
  if (floor <= ceiling) return {};
  return fail(ErrorKind::invalid,
              fmt::format("the first-byte floor of {}s is above the ceiling of {}s",
                          floor.count() / 1'000, ceiling.count() / 1'000),
              "say both: --first-byte-floor 30s --first-byte-ceiling 290s");
}

Status set_project(ProjectRecord& project, const RouteSetWish& wish, const Settings& settings) {
  if (wish.weights)
    TRY_STATUS(apply_weights(project.routing.weights, *wish.weights, settings.weights));
  TRY_STATUS(apply_rest(project.routing, wish));
  return check_times(project.routing, settings);
}

Status set_key(KeyRecord& key, const RouteSetWish& wish, const ControlData& data) {
  if (wish.switches || wish.first_byte_floor || wish.first_byte_ceiling || wish.hedge)
    return fail(
        ErrorKind::invalid, "of a key only the weights can be set",
        fmt::format("the rest is its project's: routerone routes set --project {}", key.project));
  const auto now = routing::route_settings(data.settings, find_project(data, key.project), nullptr);
  return wish.weights ? apply_weights(key.weights, *wish.weights, now.weights) : Status();
}

/// The settings of all are a project's that always has a value; `none` is the value there was.
Status set_all(Settings& settings, const RouteSetWish& wish) {
  const Settings otherwise;
  RoutingRecord all{settings.weights, settings.failover_switches, settings.first_byte_floor,
                    settings.first_byte_timeout};
  if (wish.weights) TRY_STATUS(apply_weights(all.weights, *wish.weights, settings.weights));
  TRY_STATUS(apply_rest(all, wish));
  settings.weights = all.weights.value_or(otherwise.weights);
  settings.failover_switches = all.failover_switches.value_or(otherwise.failover_switches);
  settings.first_byte_floor = all.first_byte_floor.value_or(otherwise.first_byte_floor);
  settings.first_byte_timeout = all.first_byte_ceiling.value_or(otherwise.first_byte_timeout);
  return check_times({}, settings);
}

Result<Json> set_in(ControlData& data, const RouteSetWish& wish) {
  if (wish.key) {
    KeyRecord* key = live_key(data, *wish.key);
    if (!key) return no_such_key(data, *wish.key);
    TRY_STATUS(set_key(*key, wish, data));
    return route_settings_view(*key, data);
  }
  if (wish.project) {
    ProjectRecord* project = find_project(data, *wish.project);
    if (!project) return no_such_project(data, *wish.project);
    TRY_STATUS(set_project(*project, wish, data.settings));
    return route_settings_view(*project, data);
  }
  TRY_STATUS(set_all(data.settings, wish));
  return route_settings_view(data);
}

}  // namespace

std::string_view to_word(routing::RouteSettings::From from) {
  switch (from) {
    case routing::RouteSettings::From::key:
      return "key";
    case routing::RouteSettings::From::project:
      return "project";
    case routing::RouteSettings::From::settings:
      break;
  }
  return "all";
}

Json route_settings_view(const ControlData& data) {
  return settings_view("all", data, nullptr, nullptr);
}

Json route_settings_view(const ProjectRecord& project, const ControlData& data) {
  return settings_view("project:" + project.name, data, &project, nullptr);
}

Json route_settings_view(const KeyRecord& key, const ControlData& data) {
  return settings_view("key:" + key.name, data, find_project(data, key.project), &key);
}

Result<Json> set_routes(Desk desk, const Json& body) {
  TRY(const auto wish, read<RouteSetWish>(body));
  if (wish.project && wish.key) return fail(ErrorKind::invalid, "say a project or a key, not both");
  if (wish.hedge && !wish.project && !wish.key)
    return fail(ErrorKind::invalid,
                "hedging asks two providers at once and may pay for both: it is "
                "switched on for one project",
                "routerone routes set --project NAME --hedge on");
  if (!wish.weights && !wish.switches && !wish.first_byte_floor && !wish.first_byte_ceiling &&
      !wish.hedge)
    return fail(ErrorKind::invalid, "nothing was said to set", "routerone routes set --help");
  Json out = Json::object();
  out["schema"] = schema_version;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    TRY(const Json now, set_in(draft.data, wish));
    out.update(now);
    return {};
  }));
  return out;
}

}  // namespace routerone::control
