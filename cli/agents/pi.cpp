#include <algorithm>
#include <array>

#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"
#include "cli/agents/setup_parts.h"
#include "common/json/json.h"

// pi reads no base URL from the environment; it takes one for each provider from the models.json of
// its folder, and stored logins in the auth.json beside it win over the environment. The run has a
// folder of its own by PI_CODING_AGENT_DIR: links to the user's settings, sessions, extensions and
// all else, a models.json that points the three providers that speak our dialects at us and adds
// one for the model that was chosen, and no auth.json. Measured with 0.73.1.

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* folder_variable = "PI_CODING_AGENT_DIR";
/// Commands of its own that take no model.
constexpr std::array subcommands = {"install", "remove", "uninstall", "update", "list", "config"};

fs::path folder_of(const Surroundings& around) {
  const auto moved = around.environment.find(folder_variable);
  if (moved == around.environment.end() || moved->second.empty())
    return around.home / ".pi" / "agent";
  if (moved->second.starts_with("~/")) return around.home / moved->second.substr(2);
  return moved->second;
}

/// A provider of our own, which serves any model by its name. `key` is one, or names its variable.
/// By Responses: Chat has no place for the signatures and encrypted thoughts that a model wants
/// back.
Json own_provider(const Endpoint& endpoint, const std::string& key) {
  return {
      {"baseUrl", url_of(endpoint.address, "/v1")},
      {"api", "openai-responses"},
      {"apiKey", key},
      {"models",
       Json::array({{{"id", endpoint.model}, {"reasoning", true}, {"input", {"text", "image"}}}})}};
}

Json models(const Endpoint& endpoint) {
  const std::string root = url_of(endpoint.address);
  const auto at = [](const std::string& url) -> Json {
    return {{"baseUrl", url}, {"apiKey", key_variable}};
  };
  Json providers = {
      {"openai", at(root + "/v1")}, {"anthropic", at(root)}, {"google", at(root + "/v1beta")}};
  if (!endpoint.model.empty()) providers["routerone"] = own_provider(endpoint, key_variable);
  return providers;
}

bool takes_model(const Words& words) {
  return words.size() < 2 ||
         std::find(subcommands.begin(), subcommands.end(), words[1]) == subcommands.end();
}

}  // namespace

Result<Launch> launch_pi(Launch launch, const Endpoint& endpoint, const Surroundings& around) {
  if (has_option(launch.command, {"api-key"})) return leads_elsewhere("pi", "--api-key");
  const fs::path copy = around.scratch / "pi";
  TRY_STATUS(make_mirror({folder_of(around), copy, {"auth.json", "models.json"}, {"sessions"}}));
  TRY_STATUS(write_scratch(copy, "models.json", Json{{"providers", models(endpoint)}}.dump(2)));
  launch.set[folder_variable] = copy.string();
  const bool chosen =
      has_option(launch.command, {"model"}) || has_option(launch.command, {"provider"});
  if (!endpoint.model.empty() && !chosen && takes_model(launch.command))
    insert_options(launch.command, {"--provider", "routerone", "--model", endpoint.model});
  return launch;
}

Result<SetupPlan> setup_pi(const Endpoint& endpoint, const Surroundings& around) {
  TRY_STATUS(needs_model("pi", endpoint));
  const fs::path folder = folder_of(around);
  TRY(auto providers,
      change_json(folder / "models.json",
                  {{{"providers", "routerone"}, own_provider(endpoint, endpoint.key)}}));
  TRY(auto settings, change_json(folder / "settings.json", {{{"defaultProvider"}, "routerone"},
                                                            {{"defaultModel"}, endpoint.model}}));
  return SetupPlan{{std::move(providers), std::move(settings)}, "pi"};
}

}  // namespace routerone::cli
