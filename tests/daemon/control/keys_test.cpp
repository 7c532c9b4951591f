#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using control::KeyWish;
using test::fault_of;
using test::PlaneWorld;
using test::says;

KeyWish named(const std::string& name) {
  KeyWish wish;
  wish.name = name;
  return wish;
}

/// Who a key is, by the snapshot that every loop has.
std::string owner_of(const PlaneWorld& world, const std::string& key) {
  const std::string_view sent = key;
  const auto caller = world.snapshot()->keys.authenticate({&sent, 1}, world.clock.wall());
  return caller ? caller->key->name : "";
}

TEST_CASE("a key works as soon as it is made, and is shown that once") {
  PlaneWorld world;
  const auto made = world.create_key("ci");
  REQUIRE(made);
  const std::string key = (*made)["key"];
  CHECK(auth::well_formed(key));
  CHECK(owner_of(world, key) == "ci");
  for (const auto& answer : {world.client.show_key("ci"), world.client.list_keys(true)}) {
    REQUIRE(answer);
    CHECK_FALSE(says(answer->dump(), key));
    CHECK_FALSE(says(answer->dump(), key.substr(10)));
    CHECK_FALSE(says(answer->dump(), "hmac"));
  }
  const auto shown = world.client.show_key("ci");
  CHECK((*shown)["hint"] == key.substr(0, 10));
  CHECK((*shown)["state"] == "active");
  CHECK((*shown)["project"] == "default");
  CHECK((*shown)["schema"] == 1);
}

TEST_CASE("no file holds the key") {
  PlaneWorld world;
  const std::string key = (*world.create_key("ci"))["key"];
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder.path())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    std::ifstream in(entry.path());
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    CHECK_MESSAGE(!says(text, key), entry.path().string());
  }
  CHECK(files > 1);
}

TEST_CASE("a key is what it was after a restart") {
  PlaneWorld world;
  const std::string key = (*world.create_key("ci"))["key"];
  world.start();
  CHECK(owner_of(world, key) == "ci");
  CHECK(world.client.list_keys(false)->size() == 1);
}

TEST_CASE("rotating gives another key and ends the old one at once") {
  PlaneWorld world;
  const std::string old = (*world.create_key("ci"))["key"];
  const auto id = (*world.client.show_key("ci"))["id"];
  const auto rotated = world.client.rotate_key("ci");
  REQUIRE(rotated);
  const std::string fresh = (*rotated)["key"];
  CHECK(fresh != old);
  CHECK(owner_of(world, fresh) == "ci");
  CHECK(owner_of(world, old).empty());
  CHECK((*rotated)["id"] == id);
}

TEST_CASE("a revoked key is refused, still known, and gives its name free") {
  PlaneWorld world;
  const std::string old = (*world.create_key("ci"))["key"];
  REQUIRE(world.client.revoke_key("ci"));
  CHECK(owner_of(world, old).empty());
  CHECK(world.client.list_keys(false)->empty());
  CHECK(world.client.list_keys(true)->size() == 1);
  CHECK((*world.client.show_key("ci"))["state"] == "revoked");
  CHECK(says(fault_of(world.client.revoke_key("ci")), "not_found"));
  CHECK(says(fault_of(world.client.rotate_key("ci")), "not_found"));
  REQUIRE(world.create_key("ci"));
  CHECK((*world.client.show_key("ci"))["state"] == "active");
  CHECK(world.client.list_keys(true)->size() == 2);
}

TEST_CASE("a name is taken once") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  const std::string fault = fault_of(world.create_key("ci"));
  CHECK(fault.starts_with("conflict"));
  CHECK(says(fault, "keys rotate ci"));
}

TEST_CASE("a key that is not there is not found, and the nearest is named") {
  PlaneWorld world;
  REQUIRE(world.create_key("laptop"));
  for (const auto& answer :
       {world.client.show_key("labtop"), world.client.rotate_key("labtop"),
        world.client.revoke_key("labtop"), world.client.update_key(named("labtop"))}) {
    CHECK(fault_of(answer).starts_with("not_found"));
    CHECK(says(fault_of(answer), "laptop"));
  }
}

TEST_CASE("names that a shell or a filter would misread are refused, and nothing is made") {
  PlaneWorld world;
  for (const std::string& name :
       {std::string(), std::string("-x"), std::string(".x"), std::string("a b"), std::string("a/b"),
        std::string("a,b"), std::string("a\nb"), std::string("\xc3\xa9"), std::string("a=b"),
        std::string(65, 'a')}) {
    CAPTURE(name);
    CHECK(fault_of(world.create_key(name)).starts_with("invalid"));
  }
  CHECK(world.create_key(std::string(64, 'a')));
  CHECK(world.create_key("A-b_c.9"));
  CHECK(world.client.list_keys(true)->size() == 2);
}

TEST_CASE("what a key may use is set, changed, and set free again") {
  PlaneWorld world;
  KeyWish wish = named("ci");
  wish.limits.models = control::Strings{"openai/*", "sandbox/echo"};
  wish.limits.providers = control::Strings{"sandbox"};
  wish.limits.expires = "30d";
  const auto made = world.client.create_key(wish);
  REQUIRE(made);
  CHECK((*made)["models"] == Json::array({"openai/*", "sandbox/echo"}));
  CHECK((*made)["providers"] == Json::array({"sandbox"}));
  CHECK((*made)["expires"] == format_rfc3339(world.clock.wall() + std::chrono::hours(30 * 24)));

  KeyWish change = named("ci");
  change.limits.models = control::Strings{"*"};
  const auto changed = world.client.update_key(change);
  REQUIRE(changed);
  CHECK((*changed)["models"].empty());
  CHECK((*changed)["providers"] == Json::array({"sandbox"}));
  change.limits.expires = "never";
  CHECK((*world.client.update_key(change))["expires"].is_null());
  CHECK_FALSE(world.client.update_key(change)->contains("key"));
}

TEST_CASE("a key ends at its time without anybody doing anything") {
  PlaneWorld world;
  KeyWish wish = named("ci");
  wish.limits.expires = "90s";
  const std::string key = (*world.client.create_key(wish))["key"];
  world.clock.advance(std::chrono::seconds(89));
  CHECK(owner_of(world, key) == "ci");
  world.clock.advance(std::chrono::seconds(1));
  CHECK(owner_of(world, key).empty());
  CHECK((*world.client.show_key("ci"))["state"] == "expired");
}

TEST_CASE("an end that is past or no time, an unknown provider or project changes nothing") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  const int published = world.published();
  for (const char* when : {"2001-01-01", "soon", "", "-1d", "2026-13-01"}) {
    KeyWish wish = named("ci");
    wish.limits.expires = when;
    CAPTURE(when);
    CHECK(fault_of(world.client.update_key(wish)).starts_with("invalid"));
  }
  KeyWish wish = named("ci");
  wish.limits.providers = control::Strings{"sandbocks"};
  CHECK(says(fault_of(world.client.update_key(wish)), "sandbox"));
  wish = named("ci");
  wish.project = "nowhere";
  CHECK(fault_of(world.client.update_key(wish)).starts_with("not_found"));
  wish = named("ci");
  wish.limits.models = control::Strings{"a\nb"};
  CHECK(fault_of(world.client.update_key(wish)).starts_with("invalid"));
  CHECK(world.published() == published);
}

}  // namespace
}  // namespace routerone
