#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"
#include "cli/agents/setup_parts.h"
#include "common/json/json.h"

// Cline reads no base URL and no key from the environment: its providers and their credentials are
// one file, which a variable names. The run's own holds one provider, us, so no stored login can be
// used. It must run its sessions itself: a hub that another run left behind would use that one's
// providers. Sessions and settings stay in ~/.cline. Measured with 3.0.65.

namespace routerone::cli {
namespace {

constexpr const char* provider = "openai-compatible";

Status check_words(const Words& words) {
  if (has_option(words, {"key", 'k'})) return leads_elsewhere("cline", "--key");
  for (const std::string& name : option_values(words, {"provider", 'P'}))
    if (name != provider && name != "openai") return leads_elsewhere("cline", "--provider " + name);
  for (const std::string_view option : {"zen", "data-dir"})
    if (has_option(words, {option}) || (option == "zen" && has_option(words, {"-", 'z'})))
      return leads_elsewhere("cline", "--" + std::string(option));
  return {};
}

Json providers(const Endpoint& endpoint, const std::string& model) {
  Json settings = {{"provider", provider},
                   {"apiKey", endpoint.key},
                   {"model", model},
                   {"baseUrl", url_of(endpoint.address, "/v1")}};
  Json entry = {{"settings", std::move(settings)},
                {"updatedAt", "1970-01-01T00:00:00.000Z"},
                {"tokenSource", "manual"}};
  return {{"version", 1},
          {"lastUsedProvider", provider},
          {"modes", Json::object()},
          {"providers", {{provider, std::move(entry)}}}};
}

}  // namespace

Result<Launch> launch_cline(Launch launch, const Endpoint& endpoint, const Surroundings& around) {
  TRY_STATUS(check_words(launch.command));
  const Words chosen = option_values(launch.command, {"model", 'm'});
  const std::string model = chosen.empty() ? endpoint.model : chosen.back();
  if (model.empty())
    return fail(ErrorKind::invalid, "cline has no model of its own for a gateway",
                "routerone run --models MODEL -- cline .., or cline -m MODEL");
  // Named otherwise than its own file, from which it would tell where its data is.
  TRY(const auto file,
      write_scratch(around.scratch, "cline/run.json", providers(endpoint, model).dump(2)));
  launch.set["CLINE_PROVIDER_SETTINGS_PATH"] = file.string();
  launch.set["CLINE_SESSION_BACKEND_MODE"] = "local";
  return launch;
}

Result<SetupPlan> setup_cline(const Endpoint& endpoint, const Surroundings& around) {
  TRY_STATUS(needs_model("cline", endpoint));
  const auto folder = folder_at(around, "CLINE_DIR", ".cline") / "data";
  const auto data = folder_at(around, "CLINE_DATA_DIR", folder);
  const auto file =
      folder_at(around, "CLINE_PROVIDER_SETTINGS_PATH", data / "settings/providers.json");
  const Json whole = providers(endpoint, endpoint.model);
  TRY(const std::string text, text_or(file, ""));
  TRY(const Json present, parse_settings(text));
  Settings settings = {{{"version"}, whole["version"]}, {{"lastUsedProvider"}, provider}};
  const Json& entry = whole["providers"][provider];
  const bool known =
      present.contains(Json::json_pointer(std::string("/providers/") + provider + "/updatedAt"));
  // The program keeps its own time in the entry.
  if (known)
    settings.push_back({{"providers", provider, "settings"}, entry["settings"]});
  else
    settings.push_back({{"providers", provider}, entry});
  TRY(auto change, change_json(file, settings));
  return SetupPlan{{std::move(change)}, "cline"};
}

}  // namespace routerone::cli
