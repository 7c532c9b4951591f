#include <filesystem>
#include <utility>

#include "cli/agents/json_text.h"
#include "cli/agents/kinds.h"
#include "cli/agents/setup_parts.h"

// opencode takes a whole configuration from OPENCODE_CONFIG_CONTENT, over the user's files and the
// project's, and the stored logins from OPENCODE_AUTH_CONTENT in place of its auth.json. So the run
// needs no file: the three built-in providers that speak our dialects are pointed at us, no other
// is enabled, and a model that was chosen stands below a provider of our own, which serves any
// name. The small model, which titles a session, is the same. The key itself stays in its variable.
// Measured with 1.18.33.

namespace routerone::cli {
namespace {

/// Built-in providers that speak our dialects, and what stands before their paths.
constexpr std::pair<const char*, const char*> built_in[] = {
    {"openai", "/v1"}, {"anthropic", "/v1"}, {"google", "/v1beta"}};

Json options_at(const std::string& base_url, const std::string& key) {
  return {{"baseURL", base_url}, {"apiKey", key}};
}

/// A provider of our own, which serves any model by its name. By Responses: Chat has no place for
/// the signatures and encrypted thoughts that a model wants back in its next turn.
Json own_provider(const Endpoint& endpoint, const std::string& key) {
  return {{"npm", "@ai-sdk/openai"},
          {"name", "routerone"},
          {"options", options_at(url_of(endpoint.address, "/v1"), key)},
          {"models", {{endpoint.model, {{"name", endpoint.model}, {"reasoning", true}}}}}};
}

Json configuration(const Endpoint& endpoint) {
  Json config = {{"enabled_providers", {"routerone", "openai", "anthropic", "google"}},
                 {"disabled_providers", Json::array()}};
  for (const auto& [name, version] : built_in)
    config["provider"][name]["options"] =
        options_at(url_of(endpoint.address, version), "{env:ROUTERONE_API_KEY}");
  if (endpoint.model.empty()) return config;
  config["provider"]["routerone"] = own_provider(endpoint, "{env:ROUTERONE_API_KEY}");
  config["model"] = config["small_model"] = "routerone/" + endpoint.model;
  return config;
}

}  // namespace

Result<Launch> launch_opencode(Launch launch, const Endpoint& endpoint,
                               const Surroundings& around) {
  Json config = Json::object();
  if (const auto own = around.environment.find("OPENCODE_CONFIG_CONTENT");
      own != around.environment.end()) {
    TRY(config, parse_settings(own->second));
  }
  config.merge_patch(configuration(endpoint));
  launch.set["OPENCODE_CONFIG_CONTENT"] = config.dump();
  launch.set["OPENCODE_AUTH_CONTENT"] = "{}";
  return launch;
}

// With a model: a provider of our own beside the user's. Without: the built-in ones by us.
Result<SetupPlan> setup_opencode(const Endpoint& endpoint, const Surroundings& around) {
  const auto folder = folder_at(around, "XDG_CONFIG_HOME", ".config") / "opencode";
  const bool commented = std::filesystem::exists(folder / "opencode.jsonc");
  Settings settings;
  if (endpoint.model.empty()) {
    for (const auto& [name, version] : built_in) {
      const Json options = options_at(url_of(endpoint.address, version), endpoint.key);
      for (const auto& [option, value] : options.items())
        settings.push_back({{"provider", name, "options", option}, value});
    }
  } else {
    settings = {{{"provider", "routerone"}, own_provider(endpoint, endpoint.key)},
                {{"model"}, "routerone/" + endpoint.model},
                {{"small_model"}, "routerone/" + endpoint.model}};
  }
  // The program adds it where it is missing.
  settings.insert(settings.begin(), {{"$schema"}, "https://opencode.ai/config.json"});
  TRY(auto file, change_json(folder / (commented ? "opencode.jsonc" : "opencode.json"), settings));
  return SetupPlan{{std::move(file)}, "opencode"};
}

}  // namespace routerone::cli
