#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "cli/agents/agent.h"
#include "cli/agents/json_text.h"
#include "common/platform/files.h"
#include "tests/support/temp_dir.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* key = "sk-rk-the-key-of-this-run";

/// A user's home, a run's folder, and what the shell holds.
struct Place {
  test::TempDir dir;
  Surroundings around;

  Place() {
    around.home = dir.path() / "home";
    around.scratch = dir.path() / "scratch";
    fs::create_directories(around.home);
    REQUIRE(ensure_private_dir(around.scratch));
  }

  void put(const fs::path& name, std::string_view text) const {
    fs::create_directories((around.home / name).parent_path());
    REQUIRE(write_file_atomic(around.home / name, text));
  }

  Result<Launch> tried(Words command, std::string model = "") const {
    return prepare_launch(std::move(command), {"127.0.0.1:7411", key, std::move(model)}, around);
  }

  Launch launch(Words command, std::string model = "") const {
    auto launch = tried(std::move(command), std::move(model));
    REQUIRE_MESSAGE(launch, (launch ? "" : launch.error().message));
    return *launch;
  }
};

bool is_unset(const Launch& launch, const std::string& name) {
  return std::find(launch.unset.begin(), launch.unset.end(), name) != launch.unset.end();
}

Json json_at(const fs::path& file) {
  const auto text = read_file(file);
  REQUIRE(text);
  const auto json = parse_settings(*text);
  REQUIRE(json);
  return *json;
}

TEST_CASE("A program that is no agent gets what SDKs read, and its words as they are") {
  const Launch launch = Place().launch({"./my program", "-c", "x"});
  CHECK(launch.command == Words{"./my program", "-c", "x"});
  for (const char* name : {"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY",
                           "GOOGLE_API_KEY", "ROUTERONE_API_KEY"})
    CHECK(launch.set.at(name) == key);
  CHECK(launch.set.at("OPENAI_BASE_URL") == "http://127.0.0.1:7411/v1");
  CHECK(launch.set.at("ANTHROPIC_BASE_URL") == "http://127.0.0.1:7411");
  CHECK(launch.set.at("GOOGLE_GEMINI_BASE_URL") == "http://127.0.0.1:7411");
}

TEST_CASE("Other providers' credentials are taken away, what else they serve stays") {
  Place place;
  place.around.environment = {{"OPENROUTER_API_KEY", "theirs"},
                              {"CLAUDE_CODE_USE_BEDROCK", "1"},
                              {"AWS_ACCESS_KEY_ID", "also for other ends"}};
  const Launch launch = place.launch({"python3"});
  CHECK(is_unset(launch, "OPENROUTER_API_KEY"));
  CHECK(is_unset(launch, "CLAUDE_CODE_USE_BEDROCK"));
  CHECK_FALSE(is_unset(launch, "AWS_ACCESS_KEY_ID"));
}

TEST_CASE("Exceptions from a proxy are extended, never replaced") {
  Place place;
  place.around.environment = {{"NO_PROXY", "corp.example, localhost"}};
  const Launch launch = place.launch({"python3"});
  CHECK(launch.set.at("NO_PROXY") == "corp.example, localhost,127.0.0.1,::1");
  CHECK(launch.set.at("no_proxy") == "corp.example, localhost,127.0.0.1,::1");
  place.around.environment = {{"no_proxy", "*"}};
  CHECK(place.launch({"python3"}).set.at("NO_PROXY") == "*");
  place.around.environment = {};
  CHECK(place.launch({"python3"}).set.at("NO_PROXY") == "127.0.0.1,::1,localhost");
}

TEST_CASE("Whatever is started, the key never stands among its words") {
  for (const char* agent : {"codex", "claude", "gemini", "opencode", "qwen", "pi", "cline", "crush",
                            "/usr/bin/codex", "anything"}) {
    for (const std::string& word : Place().launch({agent, "do"}, "some/model").command)
      CHECK_MESSAGE(word.find(key) == std::string::npos, agent);
  }
}

TEST_CASE("What a run writes of a key stands in its own folder, for nobody else to read") {
  for (const char* agent : {"claude", "cline"}) {
    const Place place;
    place.launch({agent, "do"}, "some/model");
    for (const auto& entry : fs::recursive_directory_iterator(place.around.scratch))
      if (entry.is_regular_file())
        CHECK((entry.status().permissions() & fs::perms::mask) ==
              (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(fs::is_empty(place.around.home));
  }
}

TEST_CASE("An empty command is refused with how it is to be") {
  const auto none = Place().tried({});
  REQUIRE_FALSE(none);
  CHECK(none.error().hint.find("--") != std::string::npos);
}

TEST_CASE("An agent without a home is refused, a program that is none runs all the same") {
  Place place;
  place.around.home.clear();
  for (const char* agent : {"codex", "gemini", "pi"}) CHECK_FALSE(place.tried({agent}));
  CHECK(place.tried({"python3"}));
}

// --- codex ---

TEST_CASE("codex is told a provider before its subcommand, and its key by a variable") {
  const Launch launch = Place().launch({"codex", "exec", "hi"}, "a\"b");
  const Words& words = launch.command;
  REQUIRE(words.size() > 5);
  CHECK(words[1] == "-c");
  CHECK(words[2] == "model_provider=\"routerone\"");
  CHECK(words[4].find("base_url=\"http://127.0.0.1:7411/v1\",env_key=\"ROUTERONE_API_KEY\"") !=
        std::string::npos);
  CHECK(words[6] == "model=\"a\\\"b\"");
  CHECK(Words(words.end() - 2, words.end()) == Words{"exec", "hi"});
  // What versions before 0.119 read.
  CHECK(launch.set.at("OPENAI_BASE_URL") == "http://127.0.0.1:7411/v1");
}

TEST_CASE("codex searches the web by itself only if the user says so") {
  const auto disabled = [](const Launch& launch) {
    return std::count(launch.command.begin(), launch.command.end(), "web_search=\"disabled\"");
  };
  CHECK(disabled(Place().launch({"codex"})) == 1);
  CHECK(disabled(Place().launch({"codex", "--search"})) == 0);
}

TEST_CASE("A provider of the user's own for codex is refused by name, in every spelling") {
  for (const Words& words :
       {Words{"-c", "model_provider=\"x\""}, Words{"--config=model_provider=x"},
        Words{"-cmodel_providers.routerone.base_url=\"u\""}, Words{"exec", "--oss"},
        Words{"-c", " model_provider = 'x'"}, Words{"--local-provider", "ollama"}}) {
    Words command = {"codex"};
    command.insert(command.end(), words.begin(), words.end());
    const auto refused = Place().tried(command);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK_FALSE(refused.error().hint.empty());
  }
}

TEST_CASE("Other settings of the user's for codex pass, and so does a prompt that looks like one") {
  CHECK(Place().tried({"codex", "-m", "x", "-c", "model_reasoning_effort=high", "-p", "mine"}));
  CHECK(Place().tried({"codex", "exec", "--", "--oss", "-c", "model_provider=x"}));
}

// --- claude ---

TEST_CASE("claude gets a token and settings that win over the user's, and no API key") {
  Place place;
  place.around.environment = {{"ANTHROPIC_API_KEY", "theirs"}};
  const Launch launch = place.launch({"claude", "-p", "hi"});
  CHECK(launch.set.at("ANTHROPIC_AUTH_TOKEN") == key);
  CHECK(is_unset(launch, "ANTHROPIC_API_KEY"));
  CHECK_FALSE(launch.set.contains("ANTHROPIC_API_KEY"));
  REQUIRE(launch.command.size() == 5);
  CHECK(launch.command[1] == "--settings");
  const Json env = json_at(launch.command[2])["env"];
  CHECK(env["ANTHROPIC_AUTH_TOKEN"] == key);
  CHECK(env["ANTHROPIC_API_KEY"] == "");
  CHECK_FALSE(env.contains("ANTHROPIC_MODEL"));
  CHECK(Words(launch.command.begin() + 3, launch.command.end()) == Words{"-p", "hi"});
}

TEST_CASE("Settings that the user gives claude are taken up, as text and as a file") {
  const Place place;
  const Launch text = place.launch(
      {"claude", "--settings", R"({"env":{"A":"1","ANTHROPIC_BASE_URL":"x"},"b":2})", "-p", "hi"});
  const Json taken = json_at(text.command[2]);
  CHECK(taken["b"] == 2);
  CHECK(taken["env"]["A"] == "1");
  CHECK(taken["env"]["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:7411");
  CHECK(text.command.size() == 5);

  place.put("mine.json", "{\n  // mine\n  \"b\": 3\n}");
  const Launch file =
      place.launch({"claude", "--settings=" + (place.around.home / "mine.json").string()});
  CHECK(json_at(file.command[2])["b"] == 3);
}

TEST_CASE("A settings file for claude that is not there is said, as claude would") {
  const auto refused = Place().tried({"claude", "--settings", "/nowhere/settings.json"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("/nowhere/settings.json") != std::string::npos);
}

TEST_CASE(
    "A model is claude's for every helper, and what only its vendor takes is off for others") {
  const Launch other = Place().launch({"claude"}, "openai/gpt-5");
  CHECK(other.set.at("ANTHROPIC_MODEL") == "openai/gpt-5");
  CHECK(other.set.at("ANTHROPIC_DEFAULT_HAIKU_MODEL") == "openai/gpt-5");
  CHECK(other.set.at("CLAUDE_CODE_ATTRIBUTION_HEADER") == "0");
  const Launch own = Place().launch({"claude"}, "Claude-opus-4");
  CHECK(own.set.at("ANTHROPIC_MODEL") == "Claude-opus-4");
  CHECK_FALSE(own.set.contains("CLAUDE_CODE_ATTRIBUTION_HEADER"));
}

// --- gemini ---

TEST_CASE("gemini has a folder of links to the user's, with an API key in place of a login") {
  const Place place;
  place.put(".gemini/settings.json",
            "{\n  // mine\n  \"security\": {\"auth\": {\"selectedType\": \"oauth-personal\"}},\n"
            "  \"ui\": {\"theme\": \"X\"}\n}");
  place.put(".gemini/oauth_creds.json", "{}");
  place.put(".gemini/.env", "GEMINI_API_KEY=theirs\n");
  place.put(".gemini/commands/a.toml", "prompt = 'x'");
  const Launch launch = place.launch({"gemini", "-p", "hi"}, "m");
  const fs::path folder = fs::path(launch.set.at("GEMINI_CLI_HOME")) / ".gemini";
  const Json settings = json_at(folder / "settings.json");
  CHECK(settings["security"]["auth"]["selectedType"] == "gemini-api-key");
  CHECK(settings["ui"]["theme"] == "X");
  CHECK_FALSE(fs::exists(folder / "oauth_creds.json"));
  CHECK_FALSE(fs::exists(folder / ".env"));
  CHECK(fs::exists(folder / "commands/a.toml"));
  CHECK(launch.set.at("GEMINI_MODEL") == "m");
  CHECK(launch.command == Words{"gemini", "-p", "hi"});
  CHECK(json_at(place.around.home / ".gemini/settings.json")["security"]["auth"]["selectedType"] ==
        "oauth-personal");
}

TEST_CASE("gemini's helpers ask the model that was chosen, after what the user set for them") {
  const Place place;
  place.put(".gemini/settings.json", R"({"modelConfigs": {"customOverrides": [{"match": {}}]}})");
  const auto overrides = [&](const std::string& model) {
    fs::remove_all(place.around.scratch / "gemini");
    const Launch launch = place.launch({"gemini"}, model);
    const fs::path home = launch.set.at("GEMINI_CLI_HOME");
    return json_at(home / ".gemini/settings.json")["modelConfigs"]["customOverrides"];
  };
  const Json chosen = overrides("m");
  REQUIRE(chosen.size() > 2);
  CHECK(chosen[0]["match"].empty());
  CHECK(chosen[1]["match"]["model"] == "classifier");
  CHECK(chosen[1]["modelConfig"]["model"] == "m");
  CHECK(overrides("").size() == 1);
}

TEST_CASE("What gemini keeps of a first session lasts longer than the run") {
  const Place place;
  const Launch launch = place.launch({"gemini"});
  const fs::path folder = fs::path(launch.set.at("GEMINI_CLI_HOME")) / ".gemini";
  REQUIRE(write_file_atomic(folder / "tmp" / "session.json", "{}"));
  fs::remove_all(place.around.scratch);
  CHECK(fs::exists(place.around.home / ".gemini/tmp/session.json"));
}

TEST_CASE("Settings of the user's that do not parse are refused, not lost") {
  const Place place;
  place.put(".gemini/settings.json", "{\"a\": ");
  const auto refused = place.tried({"gemini"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("line 1") != std::string::npos);
}

// --- the others ---

TEST_CASE("opencode gets a whole configuration by variable, no stored login, no other provider") {
  Place place;
  place.around.environment = {{"OPENCODE_CONFIG_CONTENT", R"({"theme":"x","model":"old/m"})"}};
  const Launch launch = place.launch({"opencode", "run", "hi"}, "a/b");
  const Json config = Json::parse(launch.set.at("OPENCODE_CONFIG_CONTENT"));
  CHECK(config["theme"] == "x");
  CHECK(config["model"] == "routerone/a/b");
  CHECK(config["small_model"] == "routerone/a/b");
  CHECK(config["provider"]["routerone"]["models"].contains("a/b"));
  CHECK(config["provider"]["openai"]["options"]["baseURL"] == "http://127.0.0.1:7411/v1");
  CHECK(config["enabled_providers"].size() == 4);
  CHECK(launch.set.at("OPENCODE_AUTH_CONTENT") == "{}");
  CHECK(launch.set.at("OPENCODE_CONFIG_CONTENT").find(key) == std::string::npos);
}

TEST_CASE("qwen signs in by key and knows no providers of the user's; a model of theirs stays") {
  const Place place;
  const Launch launch = place.launch({"qwen", "hi"}, "m");
  const Json settings = json_at(launch.set.at("QWEN_CODE_SYSTEM_SETTINGS_PATH"));
  CHECK(settings["security"]["auth"]["selectedType"] == "openai");
  CHECK(settings["modelProviders"]["openai"].empty());
  CHECK(launch.command == Words{"qwen", "--model", "m", "hi"});
  CHECK(place.launch({"qwen", "-m", "mine"}, "m").command == Words{"qwen", "-m", "mine"});
  CHECK_FALSE(place.tried({"qwen", "--openai-base-url", "http://elsewhere"}));
  CHECK_FALSE(place.tried({"qwen", "--auth-type=qwen-oauth"}));
}

TEST_CASE("The machine's own settings of qwen stay in force") {
  Place place;
  place.put("system.json", R"({"tools":{"sandbox":true}})");
  place.around.environment = {
      {"QWEN_CODE_SYSTEM_SETTINGS_PATH", (place.around.home / "system.json").string()}};
  const Launch launch = place.launch({"qwen"});
  CHECK(json_at(launch.set.at("QWEN_CODE_SYSTEM_SETTINGS_PATH"))["tools"]["sandbox"] == true);
}

TEST_CASE("pi has a folder of links to the user's, without logins, with our addresses") {
  const Place place;
  place.put(".pi/agent/auth.json", "{}");
  place.put(".pi/agent/settings.json", "{}");
  const Launch launch = place.launch({"pi", "-p", "hi"}, "m");
  const fs::path folder = launch.set.at("PI_CODING_AGENT_DIR");
  CHECK_FALSE(fs::exists(folder / "auth.json"));
  CHECK(fs::is_symlink(folder / "settings.json"));
  CHECK(fs::is_symlink(folder / "sessions"));
  const Json providers = json_at(folder / "models.json")["providers"];
  CHECK(providers["anthropic"]["baseUrl"] == "http://127.0.0.1:7411");
  CHECK(providers["routerone"]["models"][0]["id"] == "m");
  CHECK(launch.command == Words{"pi", "--provider", "routerone", "--model", "m", "-p", "hi"});
}

TEST_CASE("pi's own model and its subcommands are left alone") {
  CHECK(Place().launch({"pi", "--model", "openai/x"}, "m").command ==
        Words{"pi", "--model", "openai/x"});
  CHECK(Place().launch({"pi", "list"}, "m").command == Words{"pi", "list"});
  CHECK_FALSE(Place().tried({"pi", "--api-key", "k"}));
}

TEST_CASE("cline has us for its one provider, and must be told a model") {
  const Place place;
  const Launch launch = place.launch({"cline", "hi"}, "m");
  const Json file = json_at(launch.set.at("CLINE_PROVIDER_SETTINGS_PATH"));
  CHECK(file["providers"].size() == 1);
  CHECK(file["providers"]["openai-compatible"]["settings"]["apiKey"] == key);
  CHECK(file["providers"]["openai-compatible"]["settings"]["model"] == "m");
  CHECK(launch.set.at("CLINE_SESSION_BACKEND_MODE") == "local");
  CHECK(Place().tried({"cline", "-m", "m", "hi"}));
  CHECK_FALSE(Place().tried({"cline", "hi"}));
  CHECK_FALSE(Place().tried({"cline", "-k", "theirs", "hi"}, "m"));
  CHECK_FALSE(Place().tried({"cline", "-P", "anthropic", "hi"}, "m"));
  CHECK_FALSE(Place().tried({"cline", "-z", "hi"}, "m"));
}

TEST_CASE("crush has a state of its own, with us for both its models") {
  const Place place;
  const Launch launch = place.launch({"crush"}, "m");
  const Json state = json_at(fs::path(launch.set.at("CRUSH_GLOBAL_DATA")) / "crush.json");
  CHECK(state["models"]["small"]["model"] == "m");
  CHECK(state["providers"]["routerone"]["api_key"] == "$ROUTERONE_API_KEY");
  CHECK(state["options"]["disable_default_providers"] == true);
}

}  // namespace
}  // namespace routerone::cli
