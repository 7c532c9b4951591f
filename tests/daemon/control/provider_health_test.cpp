#include "daemon/control/provider_health.h"

#include <doctest/doctest.h>

#include "tests/daemon/control/plane_fixture.h"
#include "tests/daemon/control/provider_wishes.h"

namespace routerone {
namespace {

using namespace std::chrono_literals;
using test::custom;
using test::fault_of;
using test::PlaneWorld;
using test::with_key;

struct Watched : PlaneWorld {
  Watched() { REQUIRE(client.add_provider(custom("mine", "https://mine.test/v1"))); }

  void ended(const std::string& target, FailureClass how,
             std::optional<std::chrono::seconds> retry_after = {}) {
    const auto began = health.begin(target, true);
    REQUIRE(began);
    const bool failed = how != FailureClass::none;
    health.ended(target, *began, how, retry_after,
                 {.failed = failed, .first_byte = routing::Seconds(0.25)});
  }
  Json shown() const {
    const auto provider = client.show_provider("mine");
    REQUIRE_MESSAGE(provider, fault_of(provider));
    return *provider;
  }
  std::string at(std::chrono::seconds later) const { return format_rfc3339(clock.wall() + later); }
};

TEST_CASE("of a provider that was never asked nothing is known") {
  const Watched world;
  CHECK(world.shown()["health"].is_null());
  CHECK(world.shown()["targets"].empty());
}

TEST_CASE("a target that serves is ok, with what is known of its speed") {
  Watched world;
  world.ended("mine/m", FailureClass::none);
  const Json target = world.shown()["targets"][0];
  CHECK(target["target"] == "mine/m");
  CHECK(target["model"] == "m");
  CHECK(target["credential"].is_null());
  CHECK(target["state"] == "ok");
  CHECK(target["first_byte_ms"] == 250.0);
  CHECK(target["failure_share"] == 0.0);
  for (const char* field : {"since", "why", "next_probe"}) CHECK(target[field].is_null());
}

TEST_CASE("a target its provider told away is cooling until then, and half-open from then on") {
  Watched world;
  world.ended("mine/m", FailureClass::rate_limited, 42s);
  const std::string began = world.at(0s), end = world.at(42s);
  world.clock.advance(10s);
  Json health = world.shown()["health"];
  CHECK(health["state"] == "cooling");
  CHECK(health["told"] == true);
  CHECK(health["why"] == "rate_limited");
  CHECK(health["since"] == began);
  CHECK(health["next_probe"] == end);
  world.clock.advance(40s);
  health = world.shown()["health"];
  CHECK(health["state"] == "half-open");
  CHECK(health["next_probe"] == world.at(0s));
}

TEST_CASE("a target that keeps failing is open, and says by which failure") {
  Watched world;
  for (int i = 0; i < 3; ++i) world.ended("mine/m", FailureClass::connect);
  const Json health = world.shown()["health"];
  CHECK(health["state"] == "open");
  CHECK(health["why"] == "connect");
  CHECK(health["told"] == false);
  CHECK(health["next_probe"] == world.at(1s));
}

TEST_CASE("a provider is told by the worst of its targets, and how many are affected") {
  Watched world;
  REQUIRE(world.client.add_credential({"mine", "two", "env:X", Secret("pk-another-one")}));
  world.ended("mine/m", FailureClass::none);
  world.ended("mine#two/m", FailureClass::credential_refused);
  world.ended("mine#two/n/deep", FailureClass::rate_limited, 5s);
  world.ended("mine#gone/m", FailureClass::rate_limited, 3600s);  // a key that was removed
  world.ended("mine2/m", FailureClass::rate_limited, 3600s);
  const Json provider = world.shown();
  CHECK(provider["health"]["why"] == "credential_refused");
  CHECK(provider["health"]["targets"] == 3);
  CHECK(provider["health"]["affected"] == 2);
  REQUIRE(provider["targets"].size() == 3);
  CHECK(provider["targets"][1]["credential"] == "two");
  CHECK(provider["targets"][1]["model"] == "n/deep");

  const auto keys = world.client.list_credentials("mine");
  CHECK((*keys)[0]["health"]["state"] == "ok");
  CHECK((*keys)[1]["health"]["affected"] == 2);
}

TEST_CASE("a reset forgets all targets of one provider, at once") {
  Watched world;
  for (const char* target : {"mine/m", "mine#two/m", "other/m"})
    world.ended(target, FailureClass::rate_limited, 3600s);
  const auto done = world.client.reset_provider("mine");
  REQUIRE_MESSAGE(done, fault_of(done));
  CHECK((*done)["targets"] == 2);
  CHECK(world.shown()["health"].is_null());
  CHECK(world.health.view("other/m").state == routing::Breaker::State::open);
  CHECK(fault_of(world.client.reset_provider("mien")).starts_with("not_found"));
  CHECK(world.client.reset_provider("sandbox"));
}

TEST_CASE("a provider whose key or address changes starts anew; other changes keep what is known") {
  Watched world;
  world.ended("mine/m", FailureClass::credential_refused);
  control::ProviderWish wish = test::wish_for("mine");
  wish.priority = 3;
  REQUIRE(world.client.update_provider(wish));
  CHECK(world.shown()["health"]["why"] == "credential_refused");
  REQUIRE(world.client.update_provider(with_key("mine", "pk-fresh")));
  CHECK(world.shown()["health"].is_null());
}

}  // namespace
}  // namespace routerone
