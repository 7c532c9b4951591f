#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"
#include "cli/agents/setup_parts.h"
#include "common/json/json.h"

// Crush merges its own state (chosen models, stored keys), whose folder CRUSH_GLOBAL_DATA names,
// over the user's crush.json. The run's own state points the providers that speak our dialects at
// us; with a model that was chosen, it knows one provider, us, for the large and the small model.
// Sessions are kept in the project, and the user's crush.json is read as ever. From its
// documentation and source; its package fetches the program from a host of its own, so it was not
// measured here.

namespace routerone::cli {
namespace {

Json provider_at(const std::string& type, const std::string& url, const std::string& key) {
  return {{"type", type}, {"base_url", url}, {"api_key", key}};
}

Json own_provider(const Endpoint& endpoint, const std::string& key) {
  Json own = provider_at("openai-compat", url_of(endpoint.address, "/v1"), key);
  own["name"] = "routerone";
  own["models"] = Json::array({{{"id", endpoint.model},
                                {"name", endpoint.model},
                                {"context_window", 128'000},
                                {"default_max_tokens", 16'000}}});
  return own;
}

Json chosen_model(const Endpoint& endpoint) {
  return {{"provider", "routerone"}, {"model", endpoint.model}};
}

Json state(const Endpoint& endpoint) {
  const std::string key = "$ROUTERONE_API_KEY";
  Json whole = Json::object();
  Json& providers = whole["providers"];
  if (endpoint.model.empty()) {
    providers["openai"] = provider_at("openai", url_of(endpoint.address, "/v1"), key);
    providers["anthropic"] = provider_at("anthropic", url_of(endpoint.address), key);
    return whole;
  }
  providers["routerone"] = own_provider(endpoint, key);
  for (const char* size : {"large", "small"}) whole["models"][size] = chosen_model(endpoint);
  whole["options"]["disable_default_providers"] = true;
  return whole;
}

}  // namespace

Result<Launch> launch_crush(Launch launch, const Endpoint& endpoint, const Surroundings& around) {
  TRY(const auto file, write_scratch(around.scratch, "crush/crush.json", state(endpoint).dump(2)));
  launch.set["CRUSH_GLOBAL_DATA"] = file.parent_path().string();
  return launch;
}

// What was chosen in the program itself (its state) goes before the models named here.
Result<SetupPlan> setup_crush(const Endpoint& endpoint, const Surroundings& around) {
  TRY_STATUS(needs_model("crush", endpoint));
  const auto folder = folder_at(around, "CRUSH_GLOBAL_CONFIG",
                                folder_at(around, "XDG_CONFIG_HOME", ".config") / "crush");
  Settings settings = {{{"providers", "routerone"}, own_provider(endpoint, endpoint.key)}};
  for (const char* size : {"large", "small"})
    settings.push_back({{"models", size}, chosen_model(endpoint)});
  TRY(auto file, change_json(folder / "crush.json", settings));
  return SetupPlan{{std::move(file)}, "crush"};
}

}  // namespace routerone::cli
