#include "daemon/store/control_store.h"

#include <sys/stat.h>

#include <fstream>

#include "common/json/json.h"
#include "common/platform/files.h"
#include "daemon/store/control_json.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;
namespace fs = std::filesystem;

namespace {

struct Files {
  fs::path folder;
  SystemRandom random;
  Files() {
    std::string pattern = (fs::temp_directory_path() / "routerone-control-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Files() { fs::remove_all(folder); }
  fs::path control() const { return folder / "control.json"; }
  ControlStore store() const { return {control(), folder / "pepper", folder / "secrets"}; }
  void put(const std::string& text) const { std::ofstream(control()) << text; }
  unsigned mode(const char* name) const {
    struct stat info {};
    ::stat((folder / name).c_str(), &info);
    return info.st_mode & 0777;
  }
};

ControlData full_data() {
  ControlData data;
  KeyRecord key;
  key.id = "id-1";
  key.name = "ci";
  key.hint = "sk-rk-AbC1";
  for (std::size_t i = 0; i < key.hmac.size(); ++i) key.hmac[i] = static_cast<std::uint8_t>(i * 8);
  key.created = wall_from_micros(1'795'176'000'123'456);
  key.limits.expires = wall_from_micros(1'895'176'000'000'000);
  key.limits.models = {"openai/*", "\"quoted\\\""};
  key.limits.providers = {"openai"};
  key.limits.spend = SpendLimit{Money{1}, Period::week, true, "Europe/Berlin", 55};
  key.limits.requests_per_minute = 1;
  key.limits.requests_per_day = 2;
  key.limits.tokens_per_minute = 3;
  key.limits.concurrency = 4;
  key.limits.policy = {true, true, "eu"};
  key.limits.unpriced = key.limits.refuse_to_clamp = key.limits.dry_run = true;
  key.weights = RouteWeights{0.1, 0, 1e6};
  data.keys = {key};
  Limits of_web;
  of_web.spend = SpendLimit{Money{999'999'999'999'999'999}, Period::total, false, "", 80};
  data.projects = {{"default", wall_from_micros(1), {}}, {"web", wall_from_micros(2), of_web}};
  data.projects.back().routing = {RouteWeights{0.5, 0.3, 0.2}, 3, Millis(20'000), Millis(90'000),
                                  true};
  data.wallet.limits.spend = SpendLimit{Money{5}, Period::month, false, "Asia/Kolkata", 1};
  data.wallet.topups = {{wall_from_micros(7), Money{20'000'000'000'001}, "first"},
                        {wall_from_micros(8), Money{-1}, ""}};
  data.wallet.settled_before = Money{123'456'789'012};
  ProviderRecord provider;
  provider.id = "mybox";
  provider.endpoints = {{"openai-chat", "http://127.0.0.1:8080/v1"}, {"anthropic", "http://x/v1"}};
  provider.auth = AuthScheme::x_goog_api_key;
  provider.headers = {{"X-A", "1"}, {"X-A", "2"}};
  provider.variables = {{"REGION", "eu"}};
  provider.key_from = "env:MY_KEY";
  provider.more_keys = {{"second", "env:OTHER", wall_from_micros(9)}, {"third", "cmd:pass x", {}}};
  provider.ca_file = "/etc/ca.pem";
  provider.proxy = "socks5://127.0.0.1:1080";
  provider.enabled = false;
  provider.priority = -3;
  provider.weight = 7;
  data.providers = {provider};
  data.aliases = {{"fast", "openai/gpt-5-mini"}, {"a.b", "c"}};
  data.prices = {{"mybox/llama", R"({"input":0.10000000000000001,"output":"3"})"}};
  data.fallbacks = {{"openai/gpt-5", {"a/b", "c/d"}}};
  data.candidates = {{"auto", {"a/b", "c/d@mybox"}}, {"coding", {"e/f"}}};
  data.qualities = {{"a/b", 0.9}, {"mybox/llama", 0}};
  data.settings.weights = {1, 8, 1};
  data.settings.first_byte_floor = Millis(10'000);
  data.settings.commit_wait = Millis(55);
  data.settings.retention_bytes = 12345;
  return data;
}

}  // namespace

TEST_CASE("without a file there is the default project and nothing else") {
  const Files f;
  const auto data = f.store().load();
  REQUIRE(data.has_value());
  REQUIRE(data->projects.size() == 1);
  CHECK(data->projects.front().name == "default");
  CHECK(data->keys.empty());
  CHECK_FALSE(fs::exists(f.control()));
}

TEST_CASE("control data is read back as it was saved, every field") {
  const Files f;
  REQUIRE(f.store().save(full_data()).has_value());
  CHECK(f.mode("control.json") == 0600);
  const auto read = f.store().load();
  REQUIRE(read.has_value());
  CHECK(control_to_json(*read).dump() == control_to_json(full_data()).dump());
  CHECK(read->keys.front().hmac == full_data().keys.front().hmac);
  CHECK(read->keys.front().limits.expires == full_data().keys.front().limits.expires);
  CHECK_FALSE(read->keys.front().revoked.has_value());
  CHECK(read->providers.front().headers == full_data().providers.front().headers);
  CHECK(read->prices.front().price_json == full_data().prices.front().price_json);
  CHECK(read->settings.commit_wait == Millis(55));
}

TEST_CASE("limits are read back to the picodollar") {
  const Files f;
  REQUIRE(f.store().save(full_data()).has_value());
  const auto read = f.store().load();
  REQUIRE(read.has_value());
  const Limits& limits = read->keys.front().limits;
  REQUIRE(limits.spend.has_value());
  CHECK(limits.spend->amount == Money{1});
  CHECK(limits.spend->period == Period::week);
  CHECK(limits.spend->rolling);
  CHECK(limits.spend->timezone == "Europe/Berlin");
  CHECK(limits.spend->warn_percent == 55);
  CHECK(limits.requests_per_minute == 1);
  CHECK(limits.requests_per_day == 2);
  CHECK(limits.tokens_per_minute == 3);
  CHECK(limits.concurrency == 4);
  CHECK(limits.policy.zero_retention);
  CHECK(limits.policy.no_training);
  CHECK(limits.policy.region == "eu");
  CHECK((limits.unpriced && limits.refuse_to_clamp && limits.dry_run));
  CHECK_FALSE(read->projects.front().limits.spend.has_value());
  CHECK(read->projects.back().limits.spend->amount == Money{999'999'999'999'999'999});
  CHECK(read->wallet.limits.spend->period == Period::month);
  REQUIRE(read->wallet.topups.size() == 2);
  CHECK(read->wallet.topups.front().amount == Money{20'000'000'000'001});
  CHECK(read->wallet.topups.front().note == "first");
  CHECK(read->wallet.topups.back().amount == Money{-1});
  CHECK(read->wallet.settled_before == Money{123'456'789'012});
}

TEST_CASE("what is set of routing is read back") {
  const Files f;
  REQUIRE(f.store().save(full_data()).has_value());
  const auto read = f.store().load();
  REQUIRE(read.has_value());
  CHECK(read->keys.front().weights == RouteWeights{0.1, 0, 1e6});
  CHECK(read->projects.front().routing == RoutingRecord{});
  CHECK(read->projects.back().routing == full_data().projects.back().routing);
  CHECK(read->settings.weights == RouteWeights{1, 8, 1});
  CHECK(read->settings.first_byte_floor == Millis(10'000));
  REQUIRE(read->candidates.size() == 2);
  CHECK(read->candidates.front().name == "auto");
  CHECK(read->candidates.front().models == std::vector<std::string>{"a/b", "c/d@mybox"});
  REQUIRE(read->qualities.size() == 2);
  CHECK(read->qualities.front().quality == 0.9);
  REQUIRE(read->providers.front().more_keys.size() == 2);
  CHECK(read->providers.front().more_keys.front().name == "second");
  CHECK(read->providers.front().more_keys.front().key_from == "env:OTHER");
  CHECK(read->providers.front().more_keys.front().created == wall_from_micros(9));
}

TEST_CASE("a file from before routes were weighed is read, and all is as it was") {
  const Files f;
  f.put(R"({"version":3,"keys":[{"id":"a","name":"ci","hmac":")" + std::string(64, '0') +
        R"("}],"projects":[{"name":"default"}],
          "providers":[{"id":"x","endpoints":[{"dialect":"openai-chat","base_url":"http://x"}]}],
          "settings":{"failover_switches":1}})");
  const auto read = f.store().load();
  REQUIRE(read.has_value());
  CHECK_FALSE(read->keys.front().weights.has_value());
  CHECK(read->projects.front().routing == RoutingRecord{});
  CHECK(read->providers.front().more_keys.empty());
  CHECK(read->candidates.empty());
  CHECK(read->settings.weights == RouteWeights{1, 1, 1});
  CHECK(read->settings.first_byte_floor == Millis(30'000));
  CHECK(read->settings.failover_switches == 1);
}

TEST_CASE("what no one may set of routing is not read either") {
  const Files f;
  for (const std::string spoilt :
       {R"("settings":{"weights":{"cost":-1}})", R"("settings":{"weights":{"cost":1000001}})",
        R"("settings":{"weights":{"cost":"1"}})", R"("settings":{"weights":3})",
        R"("settings":{"first_byte_floor_ms":0})", R"("settings":{"first_byte_floor_ms":3600001})",
        R"("projects":[{"name":"a","routing":{"failover_switches":-1}}])",
        R"("projects":[{"name":"a","routing":{"failover_switches":17}}])",
        R"("projects":[{"name":"a","routing":{"first_byte_ceiling_ms":-5}}])",
        R"("projects":[{"name":"a","routing":{"hedge":"on"}}])",
        R"("projects":[{"name":"a","routing":[]}])", R"("candidates":{"auto":[]})",
        R"("candidates":{"auto":"a/b"})", R"("candidates":{"auto":[1]})",
        R"("qualities":{"a/b":1.1})", R"("qualities":{"a/b":"good"})",
        R"("qualities":{"a/b":-0.1})",
        R"("providers":[{"id":"x","endpoints":[{}],"more_keys":[{"key_from":"env:A"}]}])"}) {
    CAPTURE(spoilt);
    f.put(R"({"version":4,)" + spoilt + "}");
    const auto read = f.store().load();
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message.find(spoilt.substr(1, spoilt.find('"', 1) - 1)) !=
          std::string::npos);
  }
}

TEST_CASE("a file from before there were limits is read, and has none") {
  const Files f;
  f.put(R"({"version":1,"keys":[{"id":"a","name":"ci","hmac":")" + std::string(64, '0') +
        R"(","expires":null,"models":["x"]}],"projects":[{"name":"default"}]})");
  const auto read = f.store().load();
  REQUIRE(read.has_value());
  CHECK_FALSE(read->keys.front().limits.spend.has_value());
  CHECK_FALSE(read->keys.front().limits.concurrency.has_value());
  CHECK(read->keys.front().limits.models.size() == 1);
  CHECK(read->wallet.topups.empty());
}

TEST_CASE("a limit that was spoilt by hand does not pass for none") {
  const Files f;
  for (const std::string spoilt :
       {R"("spend":{})", R"("spend":5)", R"("spend":{"usd":"-1"})", R"("spend":{"usd":1})",
        R"("spend":{"usd":"1","every":"year"})", R"("spend":{"usd":"1","rolling":"no"})",
        R"("concurrency":0)", R"("requests_per_day":-3)", R"("tokens_per_minute":"9")"}) {
    CAPTURE(spoilt);
    f.put(R"({"version":2,"projects":[{"name":"web",)" + spoilt + "}]}");
    const auto read = f.store().load();
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message.find("projects[0].") != std::string::npos);
  }
  f.put(R"({"version":2,"wallet":{"topups":[{"usd":"much"}]}})");
  CHECK(f.store().load().error().message.find("wallet.topups[0].usd") != std::string::npos);
}

TEST_CASE("the version before the last save is kept") {
  const Files f;
  REQUIRE(f.store().save({}).has_value());
  const auto before = *read_file(f.control());
  REQUIRE(f.store().save(full_data()).has_value());
  REQUIRE(f.store().save(full_data()).has_value());  // no change: the backup stays
  CHECK(*read_file(f.folder / "control.json.bak") == before);
}

TEST_CASE("a broken control file is an error that names it, and it is not touched") {
  const Files f;
  for (const std::string text :
       {"", "{", "[]", "null", "{}", R"({"version":"1"})", R"({"version":1,"keys":{}})",
        R"({"version":1,"keys":[{"id":"x","name":"y","hmac":"zz"}]})",
        R"({"version":1,"keys":[3]})", R"({"version":1,"providers":[{"id":"x"}]})",
        R"({"version":1,"providers":[{"id":"x","endpoints":[{}],"auth":"magic"}]})",
        R"({"version":1,"settings":{"retention_days":"90"}})",
        R"({"version":1,"settings":{"max_body":-1}})",
        R"({"version":1,"projects":[{"name":"a","created":"yesterday"}]})",
        R"({"version":1,"aliases":{"a":1}})"}) {
    CAPTURE(text);
    f.put(text);
    const auto read = f.store().load();
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().message.find("control.json") != std::string::npos);
    CHECK_FALSE(read.error().hint.empty());
    CHECK(*read_file(f.control()) == text);
  }
}

TEST_CASE("a control file of a newer version is refused with both versions") {
  const Files f;
  f.put(R"({"version":7,"keys":"of another kind"})");
  const auto read = f.store().load();
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().kind == ErrorKind::conflict);
  CHECK(read.error().message.find("version 7") != std::string::npos);
}

TEST_CASE("the pepper is made once, for the owner alone, and a wrong one is an error") {
  Files f;
  const auto first = f.store().pepper(f.random);
  REQUIRE(first.has_value());
  CHECK(first->reveal().size() == 32);
  CHECK(f.mode("pepper") == 0600);
  CHECK(f.store().pepper(f.random)->reveal() == first->reveal());
  REQUIRE(write_file_atomic(f.folder / "pepper", "short").has_value());
  CHECK_FALSE(f.store().pepper(f.random).has_value());
}

TEST_CASE("a provider's secret has its own file and no id leads out of the folder") {
  const Files f;
  const auto store = f.store();
  CHECK(store.load_secret("openai").error().kind == ErrorKind::not_found);
  REQUIRE(store.save_secret("openai", Secret(std::string("sk-1"))).has_value());
  CHECK(f.mode("secrets/openai.key") == 0600);
  CHECK(f.mode("secrets") == 0700);
  CHECK(store.load_secret("openai")->reveal() == "sk-1");
  CHECK(store.remove_secret("openai").has_value());
  CHECK(store.remove_secret("openai").has_value());
  CHECK_FALSE(store.load_secret("openai").has_value());
  REQUIRE(store.save_secret("openai#second", Secret(std::string("sk-2"))).has_value());
  CHECK(f.mode("secrets/openai#second.key") == 0600);
  CHECK(store.load_secret("openai#second")->reveal() == "sk-2");
  CHECK_FALSE(store.load_secret("openai").has_value());
  for (const std::string id :
       {"", ".", "..", "../pepper", "a/b", "/etc/passwd", ".hidden", "a b", "a\nb", "\xc3\xa9",
        "a#", "#a", "a#b/c", "a#..", "a#.b", "a#b#c", "a@b#c"}) {
    CHECK(store.save_secret(id, Secret(std::string("x"))).error().kind == ErrorKind::invalid);
    CHECK_FALSE(store.load_secret(id).has_value());
    CHECK_FALSE(store.remove_secret(id).has_value());
  }
  CHECK_FALSE(store.save_secret(std::string("a\0b", 3), Secret(std::string("x"))).has_value());
}
