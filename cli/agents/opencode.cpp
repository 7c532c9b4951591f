#include "cli/agents/json_text.h"
#include "cli/agents/kinds.h"

// opencode takes a whole configuration from OPENCODE_CONFIG_CONTENT, over the user's files and the
// project's, and the stored logins from OPENCODE_AUTH_CONTENT in place of its auth.json. So the run
// needs no file: the three built-in providers that speak our dialects are pointed at us, no other
// is enabled, and a model that was chosen stands below a provider of our own, which serves any
// name. The small model, which titles a session, is the same. The key itself stays in its variable.
// Measured with 1.18.33.

namespace routerone::cli {
namespace {

Json options_at(const std::string& base_url) {
  return {{"options", {{"baseURL", base_url}, {"apiKey", "{env:ROUTERONE_API_KEY}"}}}};
}

Json configuration(const Endpoint& endpoint) {
  const std::string root = url_of(endpoint.address);
  Json config = {{"enabled_providers", {"routerone", "openai", "anthropic", "google"}},
                 {"disabled_providers", Json::array()}};
  Json& providers = config["provider"];
  providers["openai"] = options_at(root + "/v1");
  providers["anthropic"] = options_at(root + "/v1");
  providers["google"] = options_at(root + "/v1beta");
  if (endpoint.model.empty()) return config;
  Json& own = providers["routerone"];
  own = options_at(root + "/v1");
  own["npm"] = "@ai-sdk/openai-compatible";
  own["name"] = "routerone";
  own["models"] = {{endpoint.model, {{"name", endpoint.model}}}};
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

}  // namespace routerone::cli
