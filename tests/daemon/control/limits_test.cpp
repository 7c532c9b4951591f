#include <doctest/doctest.h>
#include <stdlib.h>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::LimitsWish;
using test::fault_of;
using test::PlaneWorld;
using test::says;

LimitsWish spending(const std::string& usd) {
  LimitsWish limits;
  limits.spend.max_spend = usd;
  return limits;
}

Result<Json> update(const PlaneWorld& world, const LimitsWish& limits) {
  return world.client.update_key({"ci", {}, limits});
}

TEST_CASE("a limit is in force when its command returns, and after a restart") {
  PlaneWorld world;
  LimitsWish limits = spending("2.5");
  limits.spend.every = "day";
  limits.spend.timezone = "Europe/Berlin";
  limits.rate_limit = "60";
  limits.requests_per_day = "1000";
  limits.token_limit_tpm = "50000";
  limits.concurrency = "4";
  limits.on_limit = "refuse";
  const auto made = world.create_key("ci", limits);
  REQUIRE_MESSAGE(made, fault_of(made));
  for (int start = 0; start < 2; ++start) {
    const Limits held = world.record_of("ci").limits;
    REQUIRE(held.spend);
    CHECK(held.spend->amount == Money{2'500'000'000'000});
    CHECK(held.spend->period == Period::day);
    CHECK(held.spend->timezone == "Europe/Berlin");
    CHECK(held.spend->warn_percent == 80);
    CHECK(held.requests_per_minute == 60);
    CHECK(held.requests_per_day == 1000);
    CHECK(held.tokens_per_minute == 50'000);
    CHECK(held.concurrency == 4);
    CHECK(held.refuse_to_clamp);
    const auto state = world.admission.state(key_scope(world.record_of("ci").id));
    REQUIRE(state.limit);
    CHECK(state.limit->amount == Money{2'500'000'000'000});
    world.start();
  }
}

TEST_CASE("what is shown of a key names its limits as the options do, and what is left of them") {
  PlaneWorld world;
  LimitsWish limits = spending("2.5");
  limits.spend.every = "day";
  limits.spend.timezone = "UTC";
  REQUIRE(world.create_key("ci", limits));
  world.spend("ci", 1'000'000'000'000);
  const auto shown = world.client.show_key("ci");
  REQUIRE(shown);
  CHECK((*shown)["max_spend"] == Json::parse(R"({"usd":"2.500000","every":"day","rolling":false,
    "timezone":"UTC","warn_percent":80})"));
  CHECK((*shown)["rate_limit"].is_null());
  CHECK((*shown)["on_limit"] == "clamp");
  const Json& budget = (*shown)["budget"];
  CHECK(budget["scope"] == "key:ci");
  CHECK(budget["spent_usd"] == "1.000000");
  CHECK(budget["left_usd"] == "1.500000");
  CHECK(budget["used_percent"] == 40);
  CHECK(budget["resets"] == "2023-11-15T00:00:00.000000Z");
  CHECK(budget["reached"] == false);
}

TEST_CASE("an update changes what was said and leaves the rest; none takes a limit back") {
  PlaneWorld world;
  LimitsWish limits = spending("10");
  limits.spend.every = "week";
  limits.spend.timezone = "Asia/Kolkata";
  limits.rate_limit = "60";
  limits.concurrency = "2";
  limits.no_training = limits.unpriced = limits.dry_run = true;
  limits.require = "zdr";
  limits.region = "EU";
  REQUIRE(world.create_key("ci", limits));

  LimitsWish change = spending("20");
  change.spend.warn = "50";
  REQUIRE(update(world, change));
  Limits held = world.record_of("ci").limits;
  CHECK(held.spend->amount == Money{20'000'000'000'000});
  CHECK(held.spend->period == Period::week);
  CHECK(held.spend->timezone == "Asia/Kolkata");
  CHECK(held.spend->warn_percent == 50);
  CHECK(held.requests_per_minute == 60);
  CHECK(held.policy.region == "eu");

  change = spending("none");
  change.rate_limit = change.concurrency = change.require = change.region = "none";
  change.no_training = change.unpriced = change.dry_run = false;
  REQUIRE(update(world, change));
  held = world.record_of("ci").limits;
  CHECK_FALSE(held.spend);
  CHECK_FALSE(held.requests_per_minute);
  CHECK_FALSE(held.concurrency);
  CHECK_FALSE(held.policy.any());
  CHECK_FALSE((held.unpriced || held.dry_run));
}

TEST_CASE("a window that no longer goes by the calendar has no zone, and one that does gets one") {
  PlaneWorld world;
  LimitsWish limits = spending("1");
  limits.spend.every = "day";
  limits.spend.timezone = "Europe/Berlin";
  REQUIRE(world.create_key("ci", limits));
  LimitsWish change;
  change.spend.rolling = true;
  REQUIRE(update(world, change));
  CHECK(world.record_of("ci").limits.spend->timezone.empty());
  change = {};
  change.spend.every = "total";
  REQUIRE(update(world, change));
  CHECK_FALSE(world.record_of("ci").limits.spend->rolling);
  change = {};
  change.spend.every = "hour";
  ::setenv("TZ", "Asia/Kolkata", 1);
  REQUIRE(update(world, change));
  ::unsetenv("TZ");
  CHECK(world.record_of("ci").limits.spend->timezone == "Asia/Kolkata");
}

TEST_CASE("a limit that cannot be enforced is refused when it is set, and changes nothing") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci", spending("1")));
  const int published = world.published();
  const auto refused = [&](const LimitsWish& wish, const char* says_what) {
    const std::string fault = fault_of(update(world, wish));
    CAPTURE(fault);
    CHECK(fault.starts_with("invalid"));
    CHECK(says(fault, says_what));
    CHECK_FALSE(fault.ends_with("/ "));  // there is a hint
    CHECK(world.published() == published);
  };
  for (const char* usd : {"0", "-1", "1e-13", "1000000.000001", "much", "", "$", "NaN"})
    refused(spending(usd), "");
  const auto with = [](auto field, const char* value) {
    LimitsWish wish;
    field(wish) = value;
    return wish;
  };
  for (const char* count : {"0", "-5", "1.5", "many", "", "99999999999999999999"}) {
    refused(with(
                [](auto& w) -> auto& { return w.rate_limit; }, count),
            "--rate-limit");
    refused(with(
                [](auto& w) -> auto& { return w.requests_per_day; }, count),
            "--requests-per-day");
    refused(with(
                [](auto& w) -> auto& { return w.token_limit_tpm; }, count),
            "--token-limit-tpm");
    refused(with(
                [](auto& w) -> auto& { return w.concurrency; }, count),
            "--concurrency");
  }
  for (const char* warn : {"0", "101%", "-1", "%", "half"})
    refused(with(
                [](auto& w) -> auto& { return w.spend.warn; }, warn),
            "--warn");
  refused(with(
              [](auto& w) -> auto& { return w.spend.every; }, "year"),
          "--every takes");
  refused(with(
              [](auto& w) -> auto& { return w.on_limit; }, "explode"),
          "--on-limit");
  refused(with(
              [](auto& w) -> auto& { return w.require; }, "gdpr"),
          "zdr");
  refused(with(
              [](auto& w) -> auto& { return w.region; }, "e u"),
          "region");
  refused(with(
              [](auto& w) -> auto& { return w.spend.timezone; }, "UTC"),
          "calendar");

  LimitsWish wish;
  wish.spend.rolling = true;
  refused(wish, "--rolling");
  wish.spend.every = "day";
  wish.spend.timezone = "UTC";
  refused(wish, "--rolling");
  wish = {};
  wish.spend.every = "day";
  for (const char* zone : {"Europe/Berlim", "../../etc/passwd", "/etc/localtime", ""}) {
    wish.spend.timezone = zone;
    refused(wish, "time zone");
  }
  wish = spending("none");
  wish.spend.every = "day";
  refused(wish, "none");
}

TEST_CASE("how often a limit begins anew needs a limit") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  LimitsWish wish;
  wish.spend.every = "day";
  CHECK(says(fault_of(update(world, wish)), "--max-spend"));
  CHECK(says(fault_of(world.create_key("other", wish)), "--max-spend"));
  CHECK(fault_of(world.client.show_key("other")).starts_with("not_found"));
}

TEST_CASE("money is limited only where a price is known, or where that is waived") {
  PlaneWorld world;
  REQUIRE(world.add_local("mybox"));
  LimitsWish limits = spending("1");
  limits.providers = control::Strings{"mybox"};
  const std::string fault = fault_of(world.create_key("ci", limits));
  CHECK(fault.starts_with("invalid"));
  CHECK(says(fault, "routerone models price mybox/MODEL"));
  CHECK(says(fault, "--unpriced"));

  limits.unpriced = true;
  CHECK(world.create_key("waived", limits));
  limits.unpriced.reset();
  limits.providers = control::Strings{"*"};  // the built-in provider has a price
  const auto some = world.create_key("some", limits);
  REQUIRE(some);
  REQUIRE((*some)["warnings"].size() == 1);
  CHECK(says((*some)["warnings"][0].get<std::string>(), "mybox/*"));

  REQUIRE(world.client.set_price({"mybox/llama", R"({"input":1,"output":2})"}));
  limits.models = control::Strings{"mybox/lla*"};
  const auto priced = world.create_key("priced", limits);
  REQUIRE_MESSAGE(priced, fault_of(priced));
  CHECK((*priced)["warnings"].empty());
  limits.models = control::Strings{"mybox/mistral"};
  CHECK(fault_of(world.create_key("other", limits)).starts_with("invalid"));
}

}  // namespace
}  // namespace routerone
