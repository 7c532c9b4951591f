#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "common/platform/files.h"
#include "daemon/control/pending.h"
#include "daemon/store/control_json.h"
#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using test::fault_of;
using test::PlaneWorld;
using test::says;

std::string text(const Json& config) { return config.dump(2); }

Json exported(const PlaneWorld& world, bool secrets = true) {
  const auto config = world.client.export_config({.secrets = secrets});
  REQUIRE_MESSAGE(config, fault_of(config));
  return *config;
}

Result<Json> put(const PlaneWorld& world, const Json& config, bool dry_run = false) {
  return world.client.apply_config({.config = text(config), .dry_run = dry_run});
}

/// A machine where everything is set that can be.
std::string furnish(PlaneWorld& world) {
  const auto& client = world.client;
  control::ProjectWish web;
  web.name = "web";
  web.limits.spend.max_spend = "5";
  web.limits.spend.every = "day";
  REQUIRE(client.create_project(web));
  control::ProviderWish mybox;
  mybox.id = "mybox";
  mybox.base_url = "http://127.0.0.1:11434/v1";
  mybox.key_from = "env:MYBOX";
  mybox.key = Secret("sk-upstream-very-secret");
  REQUIRE(client.add_provider(mybox));
  REQUIRE(client.add_credential({"mybox", "second", "env:OTHER", Secret("sk-upstream-second")}));
  REQUIRE(client.set_alias({"fast", "mybox/small"}));
  REQUIRE(client.set_price({"mybox/small", R"({"input":"0.1","output":"0.2"})"}));
  REQUIRE(client.set_fallback({"mybox/small", {"mybox/large"}}));
  REQUIRE(client.set_candidates({"auto", {"mybox/small", "mybox/large"}}));
  REQUIRE(client.set_quality({"mybox/large", "0.9"}));
  control::RouteSetWish routes;
  routes.project = "web";
  routes.weights = control::Strings{"latency=0.5", "cost=0.25"};
  REQUIRE(client.set_routes(routes));
  REQUIRE(client.top_up({"20", "birthday"}));
  control::KeyWish ci;
  ci.name = "ci";
  ci.project = "web";
  ci.limits.spend.max_spend = "2";
  ci.limits.models = control::Strings{"mybox/*"};
  const auto key = client.create_key(ci);
  REQUIRE(key);
  return (*key)["key"].get<std::string>();
}

bool opens(const PlaneWorld& world, const std::string& key) {
  const std::array<std::string_view, 1> credentials = {key};
  return world.snapshot()->keys.authenticate(credentials, world.clock.wall()).has_value();
}

TEST_CASE("what is exported with secrets makes another machine the same, and its keys work there") {
  PlaneWorld here, there;
  const std::string key = furnish(here);
  here.spend("ci", 300'000'000'000);
  REQUIRE(there.create_key("old"));
  CHECK_FALSE(opens(there, key));

  const Json config = exported(here);
  const auto applied = put(there, config);
  REQUIRE_MESSAGE(applied, fault_of(applied));
  CHECK((*applied)["warnings"].empty());
  CHECK(opens(there, key));
  CHECK(text(exported(there)) == text(config));
  CHECK(text(exported(there, false)) == text(exported(here, false)));

  const auto balance = [](const PlaneWorld& world) {
    return (*world.client.show_budget("wallet"))["balance_usd"];
  };
  CHECK(balance(here) == "19.700000");
  CHECK(balance(there) == balance(here));
  CHECK((*there.client.show_routes())["fallbacks"] == (*here.client.show_routes())["fallbacks"]);
  CHECK(*there.client.show_model("fast") == *here.client.show_model("fast"));

  there.start();  // from its files
  CHECK(opens(there, key));
  CHECK(text(exported(there)) == text(config));
  CHECK(*there.files.load_secret("mybox").map([](const Secret& s) { return s.reveal().size(); }) ==
        23);
}

TEST_CASE("an export without secrets holds none, and says nothing twice") {
  PlaneWorld world;
  const std::string key = furnish(world);
  const Json config = exported(world, false);
  const std::string all = text(config);
  for (const char* secret : {"very-secret", "upstream-second", "hmac", "pepper"})
    CHECK_FALSE(says(all, secret));
  CHECK_FALSE(says(all, key));
  CHECK(config["secrets"].is_null());
  CHECK(all == text(exported(world, false)));
}

TEST_CASE("a file without secrets leaves those of this machine, and tells which are missing") {
  PlaneWorld here, there;
  const std::string key = furnish(here);
  const Json config = exported(here, false);

  const auto again = put(here, config);
  REQUIRE(again);
  CHECK((*again)["changes"].empty());
  CHECK(opens(here, key));

  const auto applied = put(there, config);
  REQUIRE_MESSAGE(applied, fault_of(applied));
  CHECK_FALSE(opens(there, key));
  const std::string warnings = (*applied)["warnings"].dump();
  CHECK(says(warnings, "routerone keys rotate ci"));
  CHECK(says(warnings, "routerone providers update mybox --refresh"));
  const auto rotated = there.client.rotate_key("ci");
  REQUIRE(rotated);
  CHECK(opens(there, (*rotated)["key"].get<std::string>()));
  CHECK((*rotated)["max_spend"]["usd"] == "2.000000");
}

TEST_CASE("what would change is told, field by field, and a dry run changes nothing") {
  PlaneWorld world;
  const std::string key = furnish(world);
  Json config = exported(world, false);
  config["control"]["keys"][0]["spend"]["usd"] = "7";
  config["control"]["aliases"] = Json::object({{"slow", "mybox/large"}});
  config["control"]["settings"]["keepalive_after_ms"] = 5'000;
  const int published = world.published();

  const auto told = put(world, config, true);
  REQUIRE_MESSAGE(told, fault_of(told));
  const std::string changes = (*told)["changes"].dump();
  CHECK(says(changes, "spend.usd: 2.000000 -> 7.000000"));
  CHECK(says(changes, "alias slow"));
  CHECK(says(changes, "alias fast"));
  CHECK(says(changes, "keepalive_after_ms: 15000 -> 5000"));
  CHECK((*told)["changes"].size() == 4);
  CHECK(world.published() == published);

  REQUIRE(put(world, config));
  CHECK(world.published() == published + 1);
  CHECK(world.record_of("ci").limits.spend->amount == Money{7'000'000'000'000});
  CHECK(opens(world, key));
  CHECK((*put(world, config))["changes"].empty());
  CHECK(world.published() == published + 1);
}

TEST_CASE("a secret that changes is told of and not shown") {
  PlaneWorld world;
  furnish(world);
  Json config = exported(world);
  const std::string other(64, 'a');
  config["control"]["keys"][0]["hmac"] = other;
  config["secrets"]["credentials"]["mybox"] = "sk-another";
  const auto told = put(world, config, true);
  REQUIRE_MESSAGE(told, fault_of(told));
  const std::string changes = (*told)["changes"].dump();
  CHECK(says(changes, "its secret"));
  CHECK(says(changes, "credential mybox"));
  CHECK_FALSE(says(changes, other));
  CHECK_FALSE(says(changes, "sk-another"));
}

TEST_CASE("a half-broken file names the place and changes nothing") {
  PlaneWorld world;
  furnish(world);
  const Json sound = exported(world);
  const std::string before = text(sound);
  const auto broken = [&](const std::function<void(Json&)>& how) {
    Json config = sound;
    how(config);
    return fault_of(put(world, config));
  };
  const auto control = [](Json& config) -> Json& { return config["control"]; };
  using Edit = std::function<void(Json&)>;
  const std::vector<std::pair<std::string, Edit>> cases = {
      {"keys[0].project", [&](Json& c) { control(c)["keys"][0]["project"] = 3; }},
      {"keys[0] (\"ci\"): there is no project \"nowhere\"",
       [&](Json& c) { control(c)["keys"][0]["project"] = "nowhere"; }},
      {"control.keys[0].limts", [&](Json& c) { control(c)["keys"][0]["limts"] = Json::object(); }},
      {"keys[0].hmac", [&](Json& c) { control(c)["keys"][0]["hmac"] = "12"; }},
      {"keys[1] (\"ci\"): it stands there twice",
       [&](Json& c) { control(c)["keys"].push_back(control(c)["keys"][0]); }},
      {"providers[0] (\"mybox\"): the dialect \"klingon\"",
       [&](Json& c) { control(c)["providers"][0]["endpoints"][0]["dialect"] = "klingon"; }},
      {"providers[0] (\"mybox\"): --header cannot set authorization",
       [&](Json& c) {
         control(c)["providers"][0]["headers"] =
             Json::array({Json::array({"Authorization", "Bearer x"})});
       }},
      {"providers[0] (\"sandbox\")",
       [&](Json& c) { control(c)["providers"][0]["id"] = "sandbox"; }},
      {"projects[1] (\"web\"): there is no time zone \"Mars/Base\"",
       [&](Json& c) { control(c)["projects"][1]["spend"]["timezone"] = "Mars/Base"; }},
      {"lacks \"default\"", [&](Json& c) { control(c)["projects"].erase(0); }},
      {"control.prices.mybox/small",
       [&](Json& c) { control(c)["prices"]["mybox/small"] = "{\"input\":\"dear\"}"; }},
      {"control.wallet.spent_usd",
       [&](Json& c) {
         control(c)["wallet"]["spent_usd"] = "much";
         control(c)["wallet"]["topups"][0]["usd"] = "1";
       }},
      {"secrets.pepper", [](Json& c) { c["secrets"]["pepper"] = "ab"; }},
      {"secrets.credentials.stranger",
       [](Json& c) { c["secrets"]["credentials"]["stranger"] = "sk-1"; }},
      {"extras means nothing", [](Json& c) { c["extras"] = 1; }},
  };
  for (const auto& [place, edit] : cases) {
    const std::string fault = broken(edit);
    CHECK_MESSAGE(says(fault, place), place, " <- ", fault);
    CHECK_FALSE(says(fault, "sk-upstream"));
  }
  CHECK(text(exported(world)) == before);
}

TEST_CASE("what is no configuration, or one of a newer routerone, is refused as such") {
  PlaneWorld world;
  const auto fault = [&](const std::string& config) {
    return fault_of(world.client.apply_config({.config = config}));
  };
  CHECK(says(fault("{\n  \"format\": nonsense\n}"), "line 2, column"));
  CHECK(says(fault("{\"version\": 4, \"keys\": []}"), "routerone config export"));
  Json newer = exported(world);
  newer["version"] = 2;
  CHECK(fault(text(newer)).starts_with("conflict: it has version 2"));
  newer["version"] = 1;
  newer["control"]["version"] = store::control_version + 1;
  CHECK(fault(text(newer)).starts_with("conflict: control: it has version"));
}

TEST_CASE("an old file does not bring back what the wallet has spent since") {
  PlaneWorld world;
  furnish(world);
  const Json config = exported(world);
  world.spend("ci", 1'000'000'000'000);
  REQUIRE(put(world, config));
  CHECK((*world.client.show_budget("wallet"))["balance_usd"] == "19.000000");
}

TEST_CASE("a change that was cut off between its files is finished at the next start") {
  PlaneWorld here, there;
  const std::string key = furnish(here);
  const Json config = exported(here);
  REQUIRE(put(there, config));
  const auto data = there.files.load();
  const auto pepper = there.files.pepper(there.random);
  REQUIRE(data);
  REQUIRE(pepper);

  PlaneWorld third;
  const auto secret = [](const char* text) {
    return std::make_shared<const Secret>(std::string(text));
  };
  const control::PendingChange pending(third.paths.state_dir / "change.pending");
  REQUIRE(pending.note(*data, {{"mybox", secret("sk-upstream-very-secret")}}, *pepper));
  struct stat info {};
  REQUIRE(::stat((third.paths.state_dir / "change.pending").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  third.start();
  CHECK(opens(third, key));
  CHECK(third.files.load_secret("mybox"));
  CHECK_FALSE(std::filesystem::exists(third.paths.state_dir / "change.pending"));
}

TEST_CASE("a change that cannot be written whole is not made at all") {
  PlaneWorld here, there;
  furnish(here);
  const auto made = there.create_key("old");
  REQUIRE(made);
  const Json config = exported(here);
  const std::string before = text(exported(there));
  // The last file of the change: a folder is in its place.
  std::filesystem::remove(there.paths.control_file());
  std::filesystem::create_directory(there.paths.control_file());
  CHECK_FALSE(put(there, config));
  CHECK(text(exported(there)) == before);
  CHECK(opens(there, (*made)["key"].get<std::string>()));
  std::filesystem::remove(there.paths.control_file());
  CHECK_FALSE(std::filesystem::exists(there.paths.state_dir / "change.pending"));
  const auto pepper = there.files.pepper(there.random);
  REQUIRE(pepper);
  CHECK(says(before, to_hex({reinterpret_cast<const std::uint8_t*>(pepper->reveal().data()),
                             pepper->reveal().size()})));
}

}  // namespace
}  // namespace routerone
