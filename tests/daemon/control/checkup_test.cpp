#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/daemon/control/plane_fixture.h"
#include "tests/daemon/control/provider_wishes.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;
using test::custom;
using test::PlaneWorld;
using test::says;

void write(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

Json look(const PlaneWorld& world) {
  const auto found = world.client.checkup();
  REQUIRE_MESSAGE(found, test::fault_of(found));
  return *found;
}

TEST_CASE("a sound daemon finds nothing wrong with itself, and how much it uses") {
  PlaneWorld world;
  const Json found = look(world);
  CHECK(found["pepper"] == Json::parse(R"({"trouble":null,"same":true})"));
  CHECK(found["spend_floor"]["trouble"].is_null());
  CHECK(found["program"]["replaced"] == false);
  CHECK(found["descriptors"]["open"] > 3);
  CHECK(found["orphans"].empty());
  CHECK(found["dangling"].empty());
}

TEST_CASE("each port is given a question of its own that is answered once") {
  PlaneWorld world;
  const Json proof = look(world)["proofs"][0];
  CHECK(proof["address"] == "127.0.0.1:7411");
  CHECK(world.proofs.redeem(proof["question"].get<std::string>()) == proof["answer"]);
  CHECK(look(world)["proofs"][0]["question"] != proof["question"]);
}

TEST_CASE("a key is told from its file: not stored any more, or another than came from a file") {
  PlaneWorld world;
  const fs::path source = world.folder.path() / "source";
  write(source, "pk-from-a-file-3141\n");
  control::ProviderWish wish = custom("mine", "https://mine.test/v1");
  wish.key.reset();
  wish.key_from = "file:" + source.string();
  REQUIRE(world.client.add_provider(wish));
  const auto credential = [&] { return look(world)["providers"][0]["credentials"][0]; };
  CHECK(credential()["stored"] == true);
  CHECK(credential()["source"] == Json::parse(R"({"trouble":null,"same":true})"));
  write(source, "pk-another-2718\n");
  CHECK(credential()["source"]["same"] == false);
  fs::remove(source);
  CHECK(says(credential()["source"]["trouble"].get<std::string>(), "source"));
  fs::remove(world.paths.secrets_dir() / "mine.key");
  CHECK(credential()["stored"] == false);
  CHECK(credential()["in_use"] == true);
}

TEST_CASE("places that lead back to us, over a network in the clear or past the path are told") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("loop", "http://localhost:7411/v1")));
  REQUIRE(world.client.add_provider(custom("plain", "http://plain.test/v1")));
  REQUIRE(world.client.add_provider(custom("slip", "https://slip.test/v1/v1")));
  const Json found = look(world)["providers"];
  const auto said = [&](const char* id, const char* field) {
    for (const Json& provider : found)
      if (provider["id"] == id) return provider["places"][0][field];
    return Json();
  };
  CHECK(said("loop", "ourselves") == true);
  CHECK(said("loop", "exposed") == false);
  CHECK(said("plain", "exposed") == true);
  CHECK(said("plain", "ourselves") == false);
  CHECK(said("plain", "slip").is_null());
  CHECK(said("slip", "slip").is_string());
}

TEST_CASE("what a removed provider leaves behind is told: its model's names, its key's file") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  REQUIRE(world.client.set_alias({"fast", "mine/m"}));
  REQUIRE(world.client.remove_provider("mine"));
  write(world.paths.secrets_dir() / "mine.key", test::secret);
  const Json found = look(world);
  CHECK(found["orphans"] == Json::parse(R"(["mine.key"])"));
  CHECK(found["dangling"][0] == Json::parse(R"({"what":"alias","name":"fast","model":"mine/m"})"));
}

TEST_CASE("a bundle of certificates that does not load is told by its file") {
  PlaneWorld world;
  const fs::path bundle = world.folder.path() / "own.pem";
  write(bundle, "no certificate");
  control::ProviderWish wish = custom("mine", "https://mine.test/v1");
  wish.ca_file = bundle.string();
  REQUIRE(world.client.add_provider(wish));
  const Json found = look(world);
  bool told = false;
  for (const Json& one : found["certificates"])
    if (one["file"] == bundle.string()) told = says(one["trouble"].get<std::string>(), "own.pem");
  CHECK(told);
}

TEST_CASE("no answer holds a key, a pepper or a secret") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  const auto key = world.create_key("ci");
  REQUIRE(key);
  const std::string said = look(world).dump();
  CHECK(!says(said, test::secret));
  CHECK(!says(said, (*key)["key"].get<std::string>()));
}

}  // namespace
}  // namespace routerone
