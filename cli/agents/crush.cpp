#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"
#include "common/json/json.h"

// Crush merges its own state (chosen models, stored keys), whose folder CRUSH_GLOBAL_DATA names,
// over the user's crush.json. The run's own state points the providers that speak our dialects at
// us; with a model that was chosen, it knows one provider, us, for the large and the small model.
// Sessions are kept in the project, and the user's crush.json is read as ever. From its
// documentation and source; its package fetches the program from a host of its own, so it was not
// measured here.

namespace routerone::cli {
namespace {

Json provider_at(const std::string& type, const std::string& url) {
  return {{"type", type}, {"base_url", url}, {"api_key", "$ROUTERONE_API_KEY"}};
}

Json state(const Endpoint& endpoint) {
  const std::string root = url_of(endpoint.address);
  Json whole = Json::object();
  Json& providers = whole["providers"];
  if (endpoint.model.empty()) {
    providers["openai"] = provider_at("openai", root + "/v1");
    providers["anthropic"] = provider_at("anthropic", root);
    return whole;
  }
  Json& own = providers["routerone"];
  own = provider_at("openai-compat", root + "/v1");
  own["name"] = "routerone";
  own["models"] = Json::array({{{"id", endpoint.model},
                                {"name", endpoint.model},
                                {"context_window", 128'000},
                                {"default_max_tokens", 16'000}}});
  for (const char* size : {"large", "small"})
    whole["models"][size] = {{"provider", "routerone"}, {"model", endpoint.model}};
  whole["options"]["disable_default_providers"] = true;
  return whole;
}

}  // namespace

Result<Launch> launch_crush(Launch launch, const Endpoint& endpoint, const Surroundings& around) {
  TRY(const auto file, write_scratch(around.scratch, "crush/crush.json", state(endpoint).dump(2)));
  launch.set["CRUSH_GLOBAL_DATA"] = file.parent_path().string();
  return launch;
}

}  // namespace routerone::cli
