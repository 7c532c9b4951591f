#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/daemon/control/plane_fixture.h"
#include "tests/daemon/control/provider_wishes.h"

namespace routerone {
namespace {

using control::CredentialWish;
using test::custom;
using test::fault_of;
using test::PlaneWorld;
using test::says;
using test::wish_for;
using test::with_key;

constexpr const char* second_secret = "pk-second-77aa31";

CredentialWish key_wish(const std::string& name, const char* key = second_secret,
                        const std::string& provider = "mine") {
  CredentialWish wish;
  wish.provider = provider;
  wish.name = name;
  wish.key_from = "env:OTHER_KEY";
  wish.key = Secret(key);
  return wish;
}

/// A world where `mine` has its first key and one called `two`.
struct TwoKeys : PlaneWorld {
  TwoKeys() {
    REQUIRE(client.add_provider(custom("mine", "https://mine.test/v1")));
    const auto added = client.add_credential(key_wish("two"));
    REQUIRE_MESSAGE(added, fault_of(added));
  }
  std::filesystem::path secret_file(const std::string& name) const {
    return paths.secrets_dir() / (name + ".key");
  }
  /// The names of its keys that may be used, by the snapshot.
  std::string in_use(const std::string& provider = "mine") const {
    const auto all = client.list_credentials(provider);
    REQUIRE_MESSAGE(all, fault_of(all));
    std::string text;
    for (const Json& key : *all) {
      if (!text.empty()) text += " ";
      text += key["name"].is_null() ? "first" : key["name"].get<std::string>();
      if (key["has_key"] != true) text += "?";
    }
    return text;
  }
};

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

void fail_at(PlaneWorld& world, const std::string& target, FailureClass how,
             std::optional<std::chrono::seconds> retry_after = {}) {
  const auto began = world.health.begin(target);
  REQUIRE(began);
  world.health.ended(target, *began, how, retry_after, {.failed = true});
}

TEST_CASE("a further key is listed beside the first, with where each came from") {
  const TwoKeys world;
  const auto keys = world.client.list_credentials("mine");
  REQUIRE(keys);
  REQUIRE(keys->size() == 2);
  CHECK((*keys)[0]["name"].is_null());
  CHECK((*keys)[0]["key_from"] == "env:THEIR_KEY");
  CHECK((*keys)[1]["name"] == "two");
  CHECK((*keys)[1]["key_from"] == "env:OTHER_KEY");
  CHECK((*keys)[1]["health"].is_null());
  const auto shown = world.client.show_provider("mine");
  CHECK((*shown)["more_keys"][0]["name"] == "two");
  CHECK(world.client.list_credentials("sandbox")->empty());
}

TEST_CASE("a further key stands in its own 0600 file and nowhere else, and no answer has it") {
  TwoKeys world;
  struct stat info {};
  REQUIRE(::stat(world.secret_file("mine#two").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0600);
  CHECK(text_of(world.secret_file("mine#two")) == second_secret);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder.path())) {
    if (!entry.is_regular_file() || entry.path() == world.secret_file("mine#two")) continue;
    CHECK_MESSAGE(!says(text_of(entry.path()), second_secret), entry.path().string());
  }
  for (const auto& answer :
       {world.client.show_provider("mine"), world.client.list_providers(true),
        world.client.list_credentials("mine"), world.client.update_credential(key_wish("two"))}) {
    REQUIRE_MESSAGE(answer, fault_of(answer));
    CHECK_FALSE(says(answer->dump(), second_secret));
  }
}

TEST_CASE("further keys are there after a restart, and one whose file is gone is told") {
  TwoKeys world;
  REQUIRE(world.client.add_credential(key_wish("three", "pk-third")));
  std::filesystem::remove(world.secret_file("mine#two"));
  world.start();
  CHECK(world.in_use() == "first two? three");
  CHECK(says((*world.client.show_provider("mine"))["warnings"].dump(), "--key two --key-from"));

  std::filesystem::remove(world.secret_file("mine"));
  world.start();
  CHECK(world.in_use() == "first? two? three");
  control::ProviderWish wish = wish_for("mine");
  wish.weight = 2;
  const auto updated = world.client.update_provider(wish);
  CHECK_MESSAGE(updated, fault_of(updated));  // what it has left is enough
}

TEST_CASE("a further key without a name gets the next number") {
  TwoKeys world;
  CHECK((*world.client.add_credential(key_wish("", "pk-a")))["name"] == "2");
  CHECK((*world.client.add_credential(key_wish("", "pk-b")))["name"] == "3");
}

TEST_CASE("a further key that makes no sense is refused, and nothing is kept") {
  TwoKeys world;
  const auto refused = [&](const CredentialWish& wish) {
    return fault_of(world.client.add_credential(wish));
  };
  for (const char* name : {"first", "Two", "a/b", "a#b", "..", "a b"}) {
    CAPTURE(name);
    CHECK(refused(key_wish(name, "pk-new")).starts_with("invalid"));
  }
  CHECK(refused(key_wish("two", "pk-new")).starts_with("conflict"));
  CHECK(says(refused(key_wish("again")), "has that key already, as two"));
  CHECK(says(refused(key_wish("again", test::secret)), "has that key already, as first"));
  const std::string login = refused(key_wish("app", "sk-ant-oat01-abcdef"));
  CHECK(login.starts_with("invalid"));
  CHECK_FALSE(says(login, "abcdef"));
  CHECK(refused(key_wish("x", "pk-new", "nobody")).starts_with("not_found"));
  CHECK(refused(key_wish("x", "pk-new", "sandbox")).starts_with("invalid"));
  CredentialWish without = key_wish("x");
  without.key.reset();
  CHECK(says(refused(without), "--key-from"));
  REQUIRE(world.add_local("keyless"));
  CHECK(says(refused(key_wish("x", "pk-new", "keyless")), "its auth is none"));
  CHECK(world.in_use() == "first two");
}

TEST_CASE("a further key is replaced by name, and what was known of it is forgotten") {
  TwoKeys world;
  fail_at(world, "mine#two/m", FailureClass::credential_refused);
  fail_at(world, "mine/m", FailureClass::rate_limited);
  REQUIRE(world.client.update_credential(key_wish("two", "pk-fresh")));
  CHECK(text_of(world.secret_file("mine#two")) == "pk-fresh");
  CHECK(world.health.view("mine#two/m").state == routing::Breaker::State::closed);
  CHECK(world.health.view("mine/m").state == routing::Breaker::State::open);
  const std::string fault = fault_of(world.client.update_credential(key_wish("twoo")));
  CHECK(fault.starts_with("not_found"));
  CHECK(says(fault, "two"));
}

TEST_CASE("a further key is removed with its file; the first is not") {
  TwoKeys world;
  const auto first = world.client.remove_credential(key_wish("first"));
  CHECK(says(fault_of(first), "routerone providers update mine --key-from"));
  const auto gone = world.client.remove_credential(key_wish("two"));
  REQUIRE_MESSAGE(gone, fault_of(gone));
  CHECK((*gone)["removed"] == true);
  CHECK(world.in_use() == "first");
  CHECK_FALSE(std::filesystem::exists(world.secret_file("mine#two")));
  CHECK(fault_of(world.client.remove_credential(key_wish("two"))).starts_with("not_found"));
}

TEST_CASE("with its provider, or its provider's need of keys, a further key goes too") {
  TwoKeys world;
  SUBCASE("removed") {
    REQUIRE(world.client.remove_provider("mine"));
    REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
    CHECK(world.in_use() == "first");
  }
  SUBCASE("auth none") {
    control::ProviderWish wish = wish_for("mine");
    wish.auth = "none";
    REQUIRE(world.client.update_provider(wish));
    CHECK(world.in_use().empty());
  }
  CHECK_FALSE(std::filesystem::exists(world.secret_file("mine#two")));
}

TEST_CASE("a test of a provider tries each of its keys and says which is refused") {
  TwoKeys world;
  world.probe_answer = [](const control::ProbeRequest& request) {
    control::ProbeAnswer answer;
    answer.status = request.endpoint->credential->reveal() == second_secret ? 401 : 200;
    answer.body = "{}";
    return answer;
  };
  const auto result = world.client.test_provider({"mine", ""});
  REQUIRE(result);
  CHECK((*result)["ok"] == false);
  const Json& checks = (*result)["checks"];
  REQUIRE(checks.size() == 2);
  CHECK(checks[0]["credential"].is_null());
  CHECK(checks[0]["ok"] == true);
  CHECK(checks[1]["credential"] == "two");
  CHECK(says(checks[1]["hint"].get<std::string>(), "update mine --key two --key-from"));
}

TEST_CASE("a proxy's login is kept apart, goes with every endpoint and never to another proxy") {
  TwoKeys world;
  control::ProviderWish wish = wish_for("mine");
  wish.proxy_login = Secret("me:pw-canary-12");
  CHECK(says(fault_of(world.client.update_provider(wish)), "--proxy"));
  wish.proxy = "http://proxy.test:3128";
  for (const char* login : {"nocolon", ":x", "a:b\nc"}) {
    wish.proxy_login = Secret(login);
    CHECK(says(fault_of(world.client.update_provider(wish)), "user:password"));
  }
  wish.proxy_login = Secret("me:pw-canary-12");
  const auto updated = world.client.update_provider(wish);
  REQUIRE_MESSAGE(updated, fault_of(updated));
  CHECK((*updated)["proxy_login"] == true);
  CHECK_FALSE(says(updated->dump(), "canary"));
  CHECK_FALSE(says(text_of(world.paths.control_file()), "canary"));

  const auto login = [&world]() -> std::string {
    REQUIRE(world.client.test_provider({"mine", ""}));
    const auto& proxy = world.probed().back().endpoint->proxy;
    return proxy && proxy->credential ? std::string(proxy->credential->reveal()) : "";
  };
  CHECK(login() == "me:pw-canary-12");
  world.start();
  CHECK(login() == "me:pw-canary-12");

  control::ProviderWish change = wish_for("mine");
  SUBCASE("another proxy") { change.proxy = "http://other.test:3128"; }
  SUBCASE("no proxy") { change.proxy = ""; }
  SUBCASE("taken back") { change.proxy_login = Secret(""); }
  REQUIRE(world.client.update_provider(change));
  CHECK(login().empty());
  CHECK_FALSE(std::filesystem::exists(world.secret_file("mine@proxy")));
}

}  // namespace
}  // namespace routerone
