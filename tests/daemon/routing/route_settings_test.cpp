#include "daemon/routing/route_settings.h"

#include <doctest/doctest.h>

namespace routerone::routing {
namespace {

using From = RouteSettings::From;

TEST_CASE("what a key has set goes before its project's, and that before what holds for all") {
  Settings settings;
  settings.weights = {1, 0, 0};
  ProjectRecord project;
  KeyRecord key;
  CHECK(route_settings(settings, nullptr, nullptr).weights == RouteWeights{1, 0, 0});
  CHECK(route_settings(settings, &project, &key).weights_from == From::settings);
  project.routing.weights = RouteWeights{0, 1, 0};
  CHECK(route_settings(settings, &project, &key).weights == RouteWeights{0, 1, 0});
  CHECK(route_settings(settings, &project, &key).weights_from == From::project);
  key.weights = RouteWeights{0, 0, 1};
  CHECK(route_settings(settings, &project, &key).weights == RouteWeights{0, 0, 1});
  CHECK(route_settings(settings, &project, &key).weights_from == From::key);
}

TEST_CASE("what a project does not say is as for all") {
  Settings settings;
  settings.failover_switches = 5;
  settings.first_byte_floor = Millis(7'000);
  settings.first_byte_timeout = Millis(70'000);
  ProjectRecord project;
  const auto as_all = route_settings(settings, &project, nullptr);
  CHECK(as_all.failover_switches == 5);
  CHECK(as_all.first_byte_floor == Millis(7'000));
  CHECK(as_all.first_byte_ceiling == Millis(70'000));
  CHECK_FALSE(as_all.hedge);
  project.routing = {{}, 0, Millis(1'000), Millis(9'000), true};
  const auto own = route_settings(settings, &project, nullptr);
  CHECK(own.failover_switches == 0);
  CHECK(own.first_byte_floor == Millis(1'000));
  CHECK(own.first_byte_ceiling == Millis(9'000));
  CHECK(own.hedge);
}

TEST_CASE("nobody waits longer for a first byte than the ceiling, whatever the floor") {
  Settings settings;
  settings.first_byte_timeout = Millis(10'000);
  CHECK(route_settings(settings, nullptr, nullptr).first_byte_floor == Millis(10'000));
}

}  // namespace
}  // namespace routerone::routing
