#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>

#include "cli/commands/doctor_check.h"
#include "common/control/contract.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Kind = Verdict::Kind;
using State = DaemonFindings::State;

FileFacts file(const std::string& path, unsigned mode = 0600, std::uint64_t bytes = 32) {
  return {path, true, true, false, false, mode, bytes};
}
FileFacts folder(const std::string& path) { return {path, true, true, true, false, 0700, 4096}; }

constexpr const char* checkup = R"({"schema":1,
  "program":{"file":"/opt/routeroned","replaced":false},"descriptors":{"open":30,"limit":20000},
  "pepper":{"trouble":null,"same":true},"spend_floor":{"trouble":null},
  "database":{"finished":true,"sound":true,"detail":"","schema":9},
  "providers":[{"id":"box","enabled":true,"ca_file":"/ca.pem","proxy":null,
    "credentials":[{"name":null,"key_from":"file:/key","in_use":true,"stored":true,"trouble":null,
                    "source":{"trouble":null,"same":true}}],
    "places":[{"dialect":"openai-chat","slip":null,"exposed":false,"local":false,
               "ourselves":false}]}],
  "orphans":[],"certificates":[{"file":null,"count":144,"trouble":null},
                               {"file":"/ca.pem","count":1,"trouble":null}],
  "dangling":[],"proofs":[]})";

/// What is found where nothing is wrong: one provider, one key, one tool that is set up.
Findings sound() {
  Findings found;
  found.now = *parse_rfc3339("2026-11-22T12:00:00Z");
  found.user = 1000;
  found.paths = {"/home/me/config", "/home/me/state", "/home/me/run"};
  found.programs = {"/opt/routerone", "/opt/routeroned", ROUTERONE_VERSION, {"/opt/routerone"}};
  found.state.folder = folder("/home/me/state");
  found.state.writable = true;
  found.state.control_file = file("/home/me/state/control.json");
  found.state.stored_keys = 1;
  found.state.pepper = file("/home/me/state/pepper");
  found.state.log = file("/home/me/state/routeroned.log");
  found.state.write_ahead_log = file("/home/me/state/routerone.db-wal");
  found.state.secrets = {found.state.pepper, file("/home/me/state/secrets/box.key")};
  found.state.private_files = {file("/home/me/state/routerone.db")};
  found.state.file_system = "ext4";
  found.state.free_bytes = 1ull << 40;
  found.state.free_inodes = found.state.inodes = 1u << 20;
  found.runtime.folder = folder("/home/me/run");
  found.runtime.socket = file("/home/me/run/control.sock");
  found.runtime.scratch = {folder("/home/me/run/runs/run-1")};
  found.runtime.holder = 42;
  found.daemon.state = State::answers;
  found.daemon.status = Json::parse(R"({"version":")" ROUTERONE_VERSION R"(","contract":1,"pid":42,
    "listening":["127.0.0.1:7411","[::1]:7411"],"warning":null,"manager":"systemd",
    "catalog":{"generated":"2026-11-10","trouble":null},
    "store":{"writable":true,"trouble":null,"rows_written":1000,"rows_waiting":0,"rows_lost":0,
             "rows_late":0,"rows_interrupted":0}})");
  found.daemon.checkup = Json::parse(checkup);
  found.daemon.keys = Json::parse(R"([
    {"name":"ci","id":"k1","kind":"key","state":"active","hint":"sk-rk-AbCd","providers":["box"],
     "expires":null},
    {"name":"old","id":"k0","kind":"key","state":"revoked","hint":"sk-rk-Gone","providers":[]},
    {"name":"refactor","id":"run-1","kind":"run","state":"active","hint":"sk-rk-RuNs"}])");
  found.daemon.providers = Json::parse(R"([{"id":"box","added":true,"built_in":false,
    "enabled":true,"health":{"state":"ok","why":null}}])");
  found.daemon.budgets = Json::parse(R"([{"scope":"wallet","limit":{"usd":"20.000000",
    "timezone":"UTC","warn_percent":80},"used_percent":30,"reached":false,"stopped":false,
    "balance_usd":"15.000000","topups":[{"usd":"20.000000"}]}])");
  found.daemon.usage = Json::parse(R"([{"model":"box/m","unknown_cost_requests":0}])");
  found.daemon.newest = Json::parse(R"([{"time":"2026-11-22T11:59:00.000000Z"}])");
  found.ports.proved = {{"127.0.0.1:7411", ""}, {"[::1]:7411", ""}};
  found.setups = {{"codex", "ci", "", {"127.0.0.1:7411"}}};
  found.installed.completions = {{"/c", "routerone completion bash > /c", true}};
  found.installed.unit = {"/u", "routerone up", true};
  found.environment = {{"OPENAI_BASE_URL", "http://127.0.0.1:7411/v1"},
                       {"OPENAI_API_KEY", "sk-rk-AbCdEfGh"},
                       {"HOME", "/home/me"}};
  return found;
}

using Break = std::function<void(Findings&)>;
void set(Json& object, const char* pointer, Json value) {
  object[Json::json_pointer(pointer)] = std::move(value);
}

/// What makes each check complain, and no other; more than one where it has more than one reason.
const std::multimap<std::string, Break>& breaks() {
  static const std::multimap<std::string, Break> all = {
      {"daemon-program", [](Findings& f) { f.programs.daemon.reset(); }},
      {"program-versions", [](Findings& f) { f.programs.daemon_version = "0.0.1"; }},
      {"program-versions", [](Findings& f) { f.programs.daemon_version = ""; }},
      {"path-order", [](Findings& f) { f.programs.on_path = {}; }},
      {"path-order",
       [](Findings& f) {
         f.programs.on_path = {"/old/routerone", "/opt/routerone"};
       }},
      {"path-order", [](Findings& f) { f.programs.on_path.emplace_back("/old/routerone"); }},
      {"right-user",
       [](Findings& f) {
         f.user = 0;
         f.environment["SUDO_USER"] = "me";
       }},
      {"state-folder", [](Findings& f) { f.state.folder.mode = 0755; }},
      {"state-folder", [](Findings& f) { f.state.folder.ours = false; }},
      {"state-folder", [](Findings& f) { f.state.folder.link = true; }},
      {"state-folder", [](Findings& f) { f.state.writable = false; }},
      {"state-file-system", [](Findings& f) { f.state.file_system = "nfs4"; }},
      {"disk-space", [](Findings& f) { f.state.free_bytes = 10u << 20; }},
      {"disk-space", [](Findings& f) { f.state.free_bytes = 100u << 20; }},
      {"disk-space", [](Findings& f) { f.state.free_inodes = 3; }},
      {"secret-files", [](Findings& f) { f.state.secrets.back().mode = 0640; }},
      {"secret-files", [](Findings& f) { f.state.secrets.back().ours = false; }},
      {"private-files", [](Findings& f) { f.state.private_files.front().mode = 0644; }},
      {"control-file", [](Findings& f) { f.state.control_trouble = "not JSON at 12"; }},
      {"pepper", [](Findings& f) { f.state.pepper.there = false; }},
      {"pepper", [](Findings& f) { f.state.pepper.bytes = 31; }},
      {"pepper", [](Findings& f) { set(f.daemon.checkup, "/pepper/same", false); }},
      {"log-size", [](Findings& f) { f.state.log.bytes = 1u << 30; }},
      {"runtime-folder", [](Findings& f) { f.runtime.folder.mode = 0777; }},
      {"control-socket", [](Findings& f) { f.runtime.socket.mode = 0666; }},
      {"control-socket", [](Findings& f) { f.runtime.socket.ours = false; }},
      {"run-leftovers",
       [](Findings& f) { f.runtime.scratch.push_back(folder("/home/me/run/runs/run-0")); }},
      {"daemon-running", [](Findings& f) { set(f.daemon.status, "/draining", true); }},
      {"daemon-version", [](Findings& f) { set(f.daemon.status, "/version", "0.0.1"); }},
      {"daemon-contract", [](Findings& f) { set(f.daemon.status, "/contract", 7); }},
      {"daemon-file", [](Findings& f) { set(f.daemon.checkup, "/program/replaced", true); }},
      {"listen-variable",
       [](Findings& f) { f.environment["ROUTERONE_LISTEN"] = "127.0.0.1:7500"; }},
      {"listen-variable", [](Findings& f) { f.environment["ROUTERONE_LISTEN"] = "nowhere"; }},
      {"ports", [](Findings& f) { f.ports.proved.back().trouble = "user 7 listens there"; }},
      {"other-loopback", [](Findings& f) { f.ports.strangers = {"[::1]:7411"}; }},
      {"other-loopback", [](Findings& f) { set(f.daemon.status, "/warning", "no [::1] here"); }},
      {"descriptors", [](Findings& f) { set(f.daemon.checkup, "/descriptors/open", 19'000); }},
      {"descriptors", [](Findings& f) { set(f.daemon.checkup, "/descriptors/limit", 256); }},
      {"database", [](Findings& f) { set(f.daemon.checkup, "/database/sound", false); }},
      {"write-ahead-log", [](Findings& f) { f.state.write_ahead_log.bytes = 1u << 30; }},
      {"damaged-copies",
       [](Findings& f) { f.state.copies = {file("/home/me/state/routerone.db.damaged-1")}; }},
      {"store-writable", [](Findings& f) { set(f.daemon.status, "/store/trouble", "disk full"); }},
      {"rows-lost", [](Findings& f) { set(f.daemon.status, "/store/rows_lost", 1); }},
      {"rows-late", [](Findings& f) { set(f.daemon.status, "/store/rows_late", 500); }},
      {"rows-interrupted", [](Findings& f) { set(f.daemon.status, "/store/rows_interrupted", 1); }},
      {"spend-floor", [](Findings& f) { set(f.daemon.checkup, "/spend_floor/trouble", "torn"); }},
      {"clock",
       [](Findings& f) {
         f.now = *parse_rfc3339("2020-01-01T00:00:00Z");
         f.daemon.newest = Json::array();
       }},
      {"clock-back",
       [](Findings& f) { set(f.daemon.newest, "/0/time", "2027-01-01T00:00:00.000000Z"); }},
      {"time-zones", [](Findings& f) { f.knows_zones = false; }},
      {"time-zones", [](Findings& f) { f.environment["TZ"] = "Mars/Olympus"; }},
      {"certificates", [](Findings& f) { set(f.daemon.checkup, "/certificates/0/count", 0); }},
      {"certificates",
       [](Findings& f) { set(f.daemon.checkup, "/certificates/0/trouble", "none"); }},
      {"own-certificates",
       [](Findings& f) { set(f.daemon.checkup, "/certificates/1/trouble", "cannot be used"); }},
      {"proxy-loop",
       [](Findings& f) {
         f.environment["HTTPS_PROXY"] = "http://localhost:7411";
         f.environment["NO_PROXY"] = "127.0.0.1";
         set(f.daemon.checkup, "/providers/0/proxy", "http://proxy:3128");
       }},
      {"proxy-exceptions",
       [](Findings& f) {
         f.environment["https_proxy"] = "http://proxy:3128";
         set(f.daemon.checkup, "/providers/0/proxy", "http://proxy:3128");
       }},
      {"proxy-unused",
       [](Findings& f) {
         f.environment["https_proxy"] = "http://proxy:3128";
         f.environment["no_proxy"] = "localhost, 127.0.0.1";
       }},
      {"bundle-variables", [](Findings& f) { f.missing_bundles = {"SSL_CERT_FILE=/gone"}; }},
      {"catalog-update", [](Findings& f) { set(f.daemon.status, "/catalog/trouble", "bad"); }},
      {"catalog-age",
       [](Findings& f) { set(f.daemon.status, "/catalog/generated", "2025-11-10"); }},
      {"any-provider",
       [](Findings& f) {
         f.daemon.providers = Json::array();
         set(f.daemon.keys, "/0/providers", Json::array());
       }},
      {"any-provider",
       [](Findings& f) {
         set(f.daemon.providers, "/0/enabled", false);
         set(f.daemon.keys, "/0/providers", Json::array());
       }},
      {"provider-keys",
       [](Findings& f) { set(f.daemon.checkup, "/providers/0/credentials/0/in_use", false); }},
      {"provider-keys",
       [](Findings& f) { set(f.daemon.checkup, "/providers/0/credentials/0/stored", false); }},
      {"provider-refusals",
       [](Findings& f) { set(f.daemon.providers, "/0/health/why", "credential_refused"); }},
      {"provider-health", [](Findings& f) { set(f.daemon.providers, "/0/health/state", "open"); }},
      {"base-urls",
       [](Findings& f) { set(f.daemon.checkup, "/providers/0/places/0/slip", "/v1 is doubled"); }},
      {"exposed-keys",
       [](Findings& f) { set(f.daemon.checkup, "/providers/0/places/0/exposed", true); }},
      {"loops",
       [](Findings& f) { set(f.daemon.checkup, "/providers/0/places/0/ourselves", true); }},
      {"references",
       [](Findings& f) { set(f.daemon.checkup, "/providers/0/credentials/0/source/same", false); }},
      {"references",
       [](Findings& f) {
         set(f.daemon.checkup, "/providers/0/credentials/0/source/trouble", "not there");
       }},
      {"orphans", [](Findings& f) { f.daemon.checkup["orphans"] = {"gone.key"}; }},
      {"dangling-names",
       [](Findings& f) {
         f.daemon.checkup["dangling"] =
             Json::parse(R"([{"what":"alias","name":"fast","model":"gone/m"}])");
       }},
      {"any-key",
       [](Findings& f) {
         f.daemon.keys = Json::array();
         f.runtime.scratch.clear();
         f.environment.clear();
         f.setups.clear();
       }},
      {"key-expiry",
       [](Findings& f) { set(f.daemon.keys, "/0/expires", "2026-11-23T12:00:00.000000Z"); }},
      {"key-expiry", [](Findings& f) { set(f.daemon.keys, "/1/state", "expired"); }},
      {"key-reach", [](Findings& f) { f.daemon.keys[0]["providers"] = {"other"}; }},
      {"setup-addresses", [](Findings& f) { f.setups[0].addresses = {"127.0.0.1:9999"}; }},
      {"setup-addresses", [](Findings& f) { f.setups[0].trouble = "its record does not read"; }},
      {"setup-keys", [](Findings& f) { f.setups[0].key = "old"; }},
      {"base-url-port",
       [](Findings& f) { f.environment["OPENAI_BASE_URL"] = "http://127.0.0.1:9999/v1"; }},
      {"base-url-path",
       [](Findings& f) { f.environment["OPENAI_BASE_URL"] = "http://localhost:7411/"; }},
      {"base-url-path",
       [](Findings& f) {
         f.environment["ANTHROPIC_BASE_URL"] = "http://[::1]:7411/v1";
         f.environment["ANTHROPIC_API_KEY"] = "sk-rk-AbCdEfGh";
       }},
      {"base-url-key", [](Findings& f) { f.environment["OPENAI_API_KEY"] = "sk-foreign"; }},
      {"base-url-key", [](Findings& f) { f.environment["OPENAI_API_KEY"] = "sk-rk-GoneGone"; }},
      {"base-url-key", [](Findings& f) { f.environment["OPENAI_API_KEY"] = "sk-rk-Unknown"; }},
      {"base-url-key", [](Findings& f) { f.environment.erase("OPENAI_API_KEY"); }},
      {"stray-key", [](Findings& f) { f.environment.erase("OPENAI_BASE_URL"); }},
      {"stray-key",
       [](Findings& f) { f.environment["OPENAI_BASE_URL"] = "https://api.example.com/v1"; }},
      {"rival-keys",
       [](Findings& f) {
         f.environment["ANTHROPIC_BASE_URL"] = "http://127.0.0.1:7411";
         f.environment["ANTHROPIC_AUTH_TOKEN"] = "sk-rk-AbCdEfGh";
         f.environment["ANTHROPIC_API_KEY"] = "sk-foreign";
       }},
      {"budget-stopped", [](Findings& f) { set(f.daemon.budgets, "/0/stopped", true); }},
      {"budget-reached", [](Findings& f) { set(f.daemon.budgets, "/0/reached", true); }},
      {"budget-near", [](Findings& f) { set(f.daemon.budgets, "/0/used_percent", 85); }},
      {"budget-near", [](Findings& f) { set(f.daemon.budgets, "/0/balance_usd", "0.900000"); }},
      {"budget-zones",
       [](Findings& f) { set(f.daemon.budgets, "/0/limit/timezone", "Mars/Olympus"); }},
      {"unknown-costs", [](Findings& f) { set(f.daemon.usage, "/0/unknown_cost_requests", 3); }},
      {"completions", [](Findings& f) { f.installed.completions[0].current = false; }},
      {"user-unit", [](Findings& f) { f.installed.unit->current = false; }},
      {"user-unit", [](Findings& f) { f.installed.unit_program = "/gone/routeroned"; }},
      {"linger", [](Findings& f) { f.environment["SSH_CONNECTION"] = "10.0.0.1 22"; }},
  };
  return all;
}

bool complains(const Verdict& verdict) {
  return verdict.kind == Kind::warning || verdict.kind == Kind::failed;
}

/// Each complaint as `id`; what it says in `words`.
std::vector<std::string> complaints(const Findings& found, std::string& words) {
  std::vector<std::string> ids;
  for (const Check& check : all_checks()) {
    const Verdict verdict = check.look(found);
    CHECK_MESSAGE(!verdict.evidence.empty(), check.id);
    CHECK_MESSAGE(complains(verdict) == !verdict.mend.empty(), check.id);
    if (!complains(verdict)) continue;
    ids.emplace_back(check.id);
    words += verdict.evidence + " / " + verdict.mend + "\n";
  }
  return ids;
}

TEST_CASE("nothing is complained of where nothing is wrong") {
  std::string words;
  CHECK_MESSAGE(complaints(sound(), words).empty(), words);
}

TEST_CASE("each thing that can be wrong makes its own check complain, and no other") {
  for (const auto& [id, spoil] : breaks()) {
    Findings found = sound();
    spoil(found);
    std::string words;
    const auto ids = complaints(found, words);
    CHECK_MESSAGE(ids == std::vector<std::string>{id}, id, ": ", words);
  }
}

/// They are about a daemon that is down, which makes others complain or be skipped, too.
const std::map<std::string, Break> of_a_dead_daemon = {
    {"daemon-running", [](Findings& f) { f.runtime.holder = 0; }},
    {"daemon-reachable", [](Findings&) {}},
    {"stale-socket", [](Findings& f) { f.runtime.holder = 0; }},
};

TEST_CASE("every check is known to complain of something") {
  for (const Check& check : all_checks())
    CHECK_MESSAGE((breaks().contains(check.id) || of_a_dead_daemon.contains(check.id)), check.id);
}

TEST_CASE("without a daemon nothing is made up: what it alone knows is skipped") {
  for (const auto& [id, spoil] : of_a_dead_daemon) {
    Findings found = sound();
    found.daemon = {State::absent, {}, {}, {}, {}, {}, {}, {}, {}};
    found.ports = {};
    found.runtime.scratch.clear();
    spoil(found);
    std::string words;
    const auto ids = complaints(found, words);
    CHECK_MESSAGE(std::find(ids.begin(), ids.end(), id) != ids.end(), id);
    for (const std::string& one : ids) CHECK_MESSAGE(of_a_dead_daemon.contains(one), one);
  }
}

TEST_CASE("a socket elsewhere is told with the variable that leads there") {
  Findings found = sound();
  found.daemon = {State::absent, {}, {}, {}, {}, {}, {}, {}, {}};
  found.runtime.sockets_elsewhere = {"/run/user/1000/routerone/control.sock"};
  std::string words;
  complaints(found, words);
  CHECK(words.find("export XDG_RUNTIME_DIR=/run/user/1000\n") != std::string::npos);
}

TEST_CASE("no evidence shows a key that stands in a variable") {
  for (const auto& [id, spoil] : breaks()) {
    Findings found = sound();
    spoil(found);
    for (const Check& check : all_checks()) {
      const Verdict verdict = check.look(found);
      for (const char* secret : {"AbCdEfGh", "sk-foreign", "GoneGone", "Unknown"})
        CHECK_MESSAGE((verdict.evidence + verdict.mend).find(secret) == std::string::npos, check.id,
                      ": ", verdict.evidence);
    }
  }
}

TEST_CASE(
    "checks are told apart by their ids, which no section has and which are words for a shell") {
  std::map<std::string, int> seen, seen_sections;
  for (const Check& check : all_checks()) {
    const std::string id = check.id;
    CHECK_MESSAGE(++seen[id] == 1, id);
    CHECK_MESSAGE(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos, id);
    ++seen_sections[check.section];
  }
  for (const auto& [section, count] : seen_sections)
    CHECK_MESSAGE(!seen.contains(section), section);
  CHECK(seen.size() >= 25);
}

TEST_CASE("a path is one word for a shell, whatever is in it") {
  CHECK(shell_word("/home/me/state") == "/home/me/state");
  CHECK(shell_word("/home/a b/it's") == "'/home/a b/it'\\''s'");
  CHECK(shell_word("") == "''");
}

}  // namespace
}  // namespace routerone::cli
