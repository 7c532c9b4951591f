#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/daemon/control/plane_fixture.h"
#include "tests/daemon/control/provider_wishes.h"

namespace routerone {
namespace {

using control::ProviderWish;
using test::custom;
using test::fault_of;
using test::PlaneWorld;
using test::says;
using test::secret;
using test::wish_for;
using test::with_key;

control::Pairs pair(std::string name, std::string value) {
  control::Pairs one;
  one.emplace_back(std::move(name), std::move(value));
  return one;
}

std::filesystem::path secret_file(const PlaneWorld& world, const std::string& id) {
  return world.paths.secrets_dir() / (id + ".key");
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The endpoint that a chat request for one of the provider's own models would go to.
const Endpoint* endpoint_of(const Snapshot& snapshot, const std::string& id,
                            std::string_view dialect = "openai-chat") {
  const std::string model = id + "/any";
  const auto plan = snapshot.models.plan({model, dialect, nullptr, 1});
  return plan ? plan->targets.front().endpoint : nullptr;
}

TEST_CASE("a provider of the catalog is added by its id and a key, and is there at once") {
  PlaneWorld world;
  const auto added = world.client.add_provider(with_key("openai"));
  REQUIRE_MESSAGE(added, fault_of(added));
  CHECK((*added)["id"] == "openai");
  CHECK((*added)["auth"] == "bearer");
  CHECK((*added)["has_key"] == true);
  CHECK((*added)["enabled"] == true);
  CHECK((*added)["key_from"] == "env:THEIR_KEY");
  CHECK((*added)["warnings"].empty());
  const auto snapshot = world.snapshot();
  const Endpoint* endpoint = endpoint_of(*snapshot, "openai");
  REQUIRE(endpoint != nullptr);
  CHECK(endpoint->host == "api.openai.com");
  CHECK(endpoint->credential->reveal() == secret);
  CHECK(snapshot->models.plan({"openai/gpt-5", "openai-chat", nullptr, 1}).has_value());
}

TEST_CASE("the fixed headers of a provider of the catalog come along") {
  PlaneWorld world;
  const auto added = world.client.add_provider(with_key("anthropic"));
  REQUIRE_MESSAGE(added, fault_of(added));
  CHECK((*added)["auth"] == "x-api-key");
  CHECK((*added)["headers"].contains("anthropic-version"));
}

TEST_CASE("a provider's key stands in its own 0600 file and nowhere else, and no answer has it") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(with_key("openai")));
  struct stat info {};
  REQUIRE(::stat(secret_file(world, "openai").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0600);
  CHECK(says(text_of(secret_file(world, "openai")), secret));
  REQUIRE(::stat(world.paths.secrets_dir().c_str(), &info) == 0);
  CHECK((info.st_mode & 07777U) == 0700);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(world.folder.path())) {
    if (!entry.is_regular_file() || entry.path() == secret_file(world, "openai")) continue;
    CHECK_MESSAGE(!says(text_of(entry.path()), secret), entry.path().string());
  }
  for (const auto& answer : {world.client.show_provider("openai"),
                             world.client.list_providers(true), world.client.status()}) {
    REQUIRE(answer);
    CHECK_FALSE(says(answer->dump(), secret));
  }
}

TEST_CASE("a provider and its key are there after a restart") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(with_key("openai")));
  world.start();
  CHECK((*world.client.show_provider("openai"))["has_key"] == true);
  const auto snapshot = world.snapshot();
  CHECK(endpoint_of(*snapshot, "openai")->credential->reveal() == secret);
}

TEST_CASE("a provider whose key file is gone is there, and says so") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(with_key("openai")));
  std::filesystem::remove(secret_file(world, "openai"));
  world.start();
  const auto shown = world.client.show_provider("openai");
  REQUIRE(shown);
  CHECK((*shown)["has_key"] == false);
  CHECK(says((*shown)["warnings"].dump(), "--key-from"));
}

TEST_CASE("a provider of one's own takes its base URL, and a slip in it is pointed out") {
  PlaneWorld world;
  const auto good = world.client.add_provider(custom("good", "https://good.test/v1/"));
  REQUIRE_MESSAGE(good, fault_of(good));
  CHECK((*good)["endpoints"][0]["base_url"] == "https://good.test/v1");
  CHECK((*good)["dialects"] == Json::array({"openai-chat"}));
  CHECK((*good)["warnings"].empty());
  const auto warned = [&](const std::string& id, const std::string& url) {
    const auto added = world.client.add_provider(custom(id, url));
    return added ? (*added)["warnings"].dump() : fault_of(added);
  };
  CHECK(says(warned("a", "https://a.test"), "no path"));
  CHECK(says(warned("b", "https://b.test/v1/v1"), "once is enough"));
  CHECK(says(warned("c", "https://c.test/v1/chat/completions"), "leave it off"));
  CHECK(says(warned("d", "http://d.test/v1"), "unencrypted"));
  CHECK(warned("e", "http://127.0.0.1:8000/v1") == "[]");
}

TEST_CASE("the catalog's own base URLs are not called slips") {
  PlaneWorld world;
  for (const char* id : {"deepseek", "openai", "openrouter", "groq", "mistral"}) {
    CAPTURE(id);
    const auto added = world.client.add_provider(with_key(id));
    REQUIRE_MESSAGE(added, fault_of(added));
    CHECK_MESSAGE((*added)["warnings"].empty(), (*added)["warnings"].dump());
  }
}

TEST_CASE("a base URL that cannot be used is refused, and nothing is kept") {
  PlaneWorld world;
  for (const char* url : {"", "x.test/v1", "ftp://x.test/v1", "https://", "https://u:p@x.test/v1",
                          "https://x.test:99999/v1", "https://x.test/v1?key=1"}) {
    CAPTURE(url);
    CHECK(fault_of(world.client.add_provider(custom("x", url))).starts_with("invalid"));
  }
  CHECK(fault_of(world.client.show_provider("x")).starts_with("not_found"));
  CHECK_FALSE(std::filesystem::exists(secret_file(world, "x")));
}

TEST_CASE("a provider that is not supported yet is listed with the reason and refused with it") {
  PlaneWorld world;
  int unsupported = 0;
  const auto listed = world.client.list_providers(true);
  REQUIRE(listed);
  for (const Json& row : *listed) {
    if (row.value("added", false) || row["unsupported"].is_null()) continue;
    ++unsupported;
    const std::string id = row["id"];
    CAPTURE(id);
    const std::string reason = row["unsupported"];
    CHECK_FALSE(reason.empty());
    CHECK((*world.client.describe_provider(id))["unsupported"] == reason);
    const std::string fault = fault_of(world.client.add_provider(with_key(id)));
    CHECK(fault.starts_with("invalid"));
    CHECK(says(fault, reason));
  }
  CHECK(unsupported > 0);
}

TEST_CASE("a name that nobody knows needs a base URL; the nearest known one is named") {
  PlaneWorld world;
  const std::string fault = fault_of(world.client.add_provider(with_key("opnai")));
  CHECK(fault.starts_with("not_found"));
  CHECK(says(fault, "openai"));
  CHECK((*world.client.describe_provider("nobodys"))["known"] == false);
  CHECK((*world.client.describe_provider("openai"))["env"][0] == "OPENAI_API_KEY");
}

TEST_CASE("ids that a model name or a file would misread are refused") {
  PlaneWorld world;
  for (const std::string& id :
       {std::string(), std::string("a/b"), std::string("../x"), std::string("A"),
        std::string("auto"), std::string("a b"), std::string("a@b"), std::string(".x"),
        std::string(65, 'a'), std::string("a\n")}) {
    CAPTURE(id);
    CHECK(fault_of(world.client.add_provider(custom(id, "https://x.test/v1")))
              .starts_with("invalid"));
  }
  CHECK(fault_of(world.client.add_provider(custom("sandbox", "https://x.test/v1")))
            .starts_with("invalid"));
}

TEST_CASE("a provider is added once, and needs a key unless its auth is none") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(with_key("openai")));
  CHECK(fault_of(world.client.add_provider(with_key("openai"))).starts_with("conflict"));
  const std::string fault = fault_of(world.client.add_provider(wish_for("groq")));
  CHECK(fault.starts_with("invalid"));
  CHECK(says(fault, "--key-from"));
  CHECK(world.add_local("mybox"));
  CHECK(world.client.add_provider(wish_for("ollama")));
  CHECK_FALSE(std::filesystem::exists(secret_file(world, "mybox")));
}

TEST_CASE("a login of an app and what no header can carry are no keys, and are not repeated") {
  PlaneWorld world;
  for (const char* key : {"", "sk-ant-oat01-abcdef", "eyJhbGciOiJIUzI1NiJ9.a.b", "gho_abcdef",
                          "with space", "with\nline",
                          "with\x01"
                          "control"}) {
    const std::string fault = fault_of(world.client.add_provider(with_key("openai", key)));
    CHECK(fault.starts_with("invalid"));
    if (key[0] != '\0') CHECK_FALSE(says(fault, key));
  }
  CHECK_FALSE(std::filesystem::exists(secret_file(world, "openai")));
}

TEST_CASE("a key may come from an owner-only file, which the daemon reads itself") {
  PlaneWorld world;
  const auto file = world.folder.path() / "their-key";
  std::ofstream(file) << "\n" << secret << "\n";
  std::ofstream(file) << secret << " \n";
  ::chmod(file.c_str(), 0600);
  ProviderWish wish = wish_for("openai");
  wish.key_from = "file:" + file.string();
  const auto added = world.client.add_provider(wish);
  REQUIRE_MESSAGE(added, fault_of(added));
  const auto snapshot = world.snapshot();
  CHECK(endpoint_of(*snapshot, "openai")->credential->reveal() == secret);
  CHECK((*added)["key_from"] == "file:" + file.string());

  ::chmod(file.c_str(), 0644);
  wish.id = "groq";
  CHECK_FALSE(world.client.add_provider(wish));
  wish.key_from = "file:relative";
  CHECK(fault_of(world.client.add_provider(wish)).starts_with("invalid"));
  wish.key_from = "file:" + (world.folder.path() / "nowhere").string();
  CHECK_FALSE(world.client.add_provider(wish));
}

TEST_CASE("removing a provider removes its key") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(with_key("openai")));
  REQUIRE(std::filesystem::exists(secret_file(world, "openai")));
  const auto removed = world.client.remove_provider("openai");
  REQUIRE(removed);
  CHECK((*removed)["removed"] == true);
  CHECK_FALSE(std::filesystem::exists(secret_file(world, "openai")));
  CHECK(endpoint_of(*world.snapshot(), "openai") == nullptr);
  const std::string fault = fault_of(world.client.remove_provider("openai"));
  CHECK(fault.starts_with("not_found"));
  CHECK(says(fault, "routerone providers add openai"));
}

TEST_CASE("a provider is switched off and on without losing anything") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(with_key("openai")));
  ProviderWish wish = wish_for("openai");
  wish.enabled = false;
  const auto off = world.client.update_provider(wish);
  REQUIRE(off);
  CHECK((*off)["enabled"] == false);
  CHECK(endpoint_of(*world.snapshot(), "openai") == nullptr);
  wish.enabled = true;
  REQUIRE(world.client.update_provider(wish));
  const auto snapshot = world.snapshot();
  CHECK(endpoint_of(*snapshot, "openai")->credential->reveal() == secret);
}

TEST_CASE("an update changes what it says and leaves the rest") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  ProviderWish wish = wish_for("mine");
  wish.base_url = "https://other.test/v2";
  wish.priority = 7;
  wish.weight = 3;
  wish.headers = pair("X-Team", "blue");
  const auto updated = world.client.update_provider(wish);
  REQUIRE_MESSAGE(updated, fault_of(updated));
  CHECK((*updated)["endpoints"][0]["base_url"] == "https://other.test/v2");
  CHECK((*updated)["priority"] == 7);
  CHECK((*updated)["weight"] == 3);
  CHECK((*updated)["headers"]["X-Team"] == "blue");
  CHECK((*updated)["has_key"] == true);
  ProviderWish key = with_key("mine", "pk-another");
  REQUIRE(world.client.update_provider(key));
  const auto snapshot = world.snapshot();
  CHECK(endpoint_of(*snapshot, "mine")->credential->reveal() == "pk-another");
  CHECK(endpoint_of(*snapshot, "mine")->host == "other.test");
  CHECK(says(text_of(secret_file(world, "mine")), "pk-another"));
}

TEST_CASE("a provider that needs no key any more keeps none") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  ProviderWish wish = wish_for("mine");
  wish.auth = "none";
  const auto updated = world.client.update_provider(wish);
  REQUIRE_MESSAGE(updated, fault_of(updated));
  CHECK((*updated)["key_from"].is_null());
  CHECK((*updated)["has_key"] == false);
  CHECK_FALSE(std::filesystem::exists(secret_file(world, "mine")));
}

TEST_CASE("an update that makes no sense changes nothing") {
  PlaneWorld world;
  REQUIRE(world.client.add_provider(custom("mine", "https://mine.test/v1")));
  const auto before = world.client.show_provider("mine");
  const auto refused = [&](auto set) {
    ProviderWish wish = wish_for("mine");
    set(wish);
    return fault_of(world.client.update_provider(wish)).starts_with("invalid");
  };
  CHECK(refused([](auto& wish) { wish.base_url = "nonsense"; }));
  CHECK(refused([](auto& wish) { wish.dialect = "gopher"; }));
  CHECK(refused([](auto& wish) { wish.auth = "aws-sigv4"; }));
  CHECK(refused([](auto& wish) { wish.weight = 0; }));
  CHECK(refused([](auto& wish) { wish.weight = -4; }));
  CHECK(refused([](auto& wish) { wish.ca_file = "/no/such/file.pem"; }));
  CHECK(refused([](auto& wish) { wish.proxy = "proxy.test:3128"; }));
  CHECK(refused([](auto& wish) { wish.headers = pair("Authorization", "x"); }));
  CHECK(refused([](auto& wish) { wish.headers = pair("Content-Length", "1"); }));
  CHECK(refused([](auto& wish) { wish.headers = pair("X-A", "b\r\nX-C: d"); }));
  CHECK(refused([](auto& wish) { wish.headers = pair("bad name", "x"); }));
  CHECK(refused([](auto& wish) { wish.variables = pair("X", "a b"); }));
  CHECK(refused([](auto& wish) { wish.key = Secret("with space"); }));
  CHECK(*world.client.show_provider("mine") == *before);
  CHECK(fault_of(world.client.update_provider(wish_for("mien"))).starts_with("not_found"));
  CHECK(says(fault_of(world.client.update_provider(wish_for("mien"))), "mine"));
  CHECK(fault_of(world.client.update_provider(wish_for("sandbox"))).starts_with("invalid"));
  CHECK(fault_of(world.client.remove_provider("sandbox")).starts_with("invalid"));
}

TEST_CASE("the variables of a base URL must be given, and are put in") {
  PlaneWorld world;
  ProviderWish wish = with_key("azure");
  const std::string fault = fault_of(world.client.add_provider(wish));
  CHECK(fault.starts_with("invalid"));
  CHECK(says(fault, "--set AZURE_RESOURCE_NAME="));
  wish.variables = pair("AZURE_RESOURCE_NAME", "acme");
  const auto added = world.client.add_provider(wish);
  REQUIRE_MESSAGE(added, fault_of(added));
  const auto snapshot = world.snapshot();
  CHECK(endpoint_of(*snapshot, "azure")->host == "acme.openai.azure.com");
}

TEST_CASE("one of one's own may speak several dialects") {
  PlaneWorld world;
  ProviderWish wish = custom("mine", "https://mine.test/v1");
  wish.dialect = "openai-chat,anthropic-messages";
  const auto added = world.client.add_provider(wish);
  REQUIRE_MESSAGE(added, fault_of(added));
  CHECK((*added)["dialects"] == Json::array({"openai-chat", "anthropic"}));
  const auto snapshot = world.snapshot();
  CHECK(endpoint_of(*snapshot, "mine", "anthropic") != nullptr);
  CHECK(endpoint_of(*snapshot, "mine", "openai-responses") == nullptr);
}

TEST_CASE("the built-in provider is listed as such") {
  PlaneWorld world;
  const auto listed = world.client.list_providers(false);
  REQUIRE(listed);
  REQUIRE(listed->size() == 1);
  CHECK((*listed)[0]["id"] == "sandbox");
  CHECK((*listed)[0]["built_in"] == true);
  CHECK(world.client.list_providers(true)->size() >= world.catalog.providers().size());
}

}  // namespace
}  // namespace routerone
