#include <array>

#include "cli/agents/json_text.h"
#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"
#include "cli/agents/setup_parts.h"

// Gemini CLI takes a base URL from the environment, and then refuses to start unless its settings
// say that it signs in with an API key; a stored Google login in the settings wins over the
// environment. No variable names another settings file to a user who is not root (a system file
// must belong to root), so the run has a ~/.gemini of its own, by GEMINI_CLI_HOME: every file in it
// is a link to the user's, but for the settings, which say the API key, and the stored logins,
// which are missing. What it does not know yet of the folder's trust it asks as ever. Measured with
// 0.61.0.

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(const Surroundings& around) {
  const auto home = around.environment.find("GEMINI_CLI_HOME");
  const bool moved = home != around.environment.end() && !home->second.empty();
  return (moved ? fs::path(home->second) : around.home) / ".gemini";
}

/// What it asks of models of its own choice beside the conversation, by the names its settings
/// know: with a model that was chosen they go there too.
constexpr std::array helpers = {"classifier",
                                "prompt-completion",
                                "fast-ack-helper",
                                "edit-corrector",
                                "summarizer-default",
                                "summarizer-shell",
                                "gemini-3-flash-base",
                                "loop-detection-double-check",
                                "agent-history-provider-summarizer",
                                "chat-compression-3-pro",
                                "chat-compression-3-flash",
                                "chat-compression-3.1-flash-lite",
                                "chat-compression-2.5-pro",
                                "chat-compression-2.5-flash",
                                "chat-compression-2.5-flash-lite",
                                "chat-compression-default"};

Result<std::string> with_helpers_on(const std::string& settings, const std::string& model) {
  TRY(const Json present, parse_settings(settings));
  const Json::json_pointer place("/modelConfigs/customOverrides");
  Json overrides = present.value(place, Json::array());
  for (const char* helper : helpers)
    overrides.push_back({{"match", {{"model", helper}}}, {"modelConfig", {{"model", model}}}});
  return set_member(settings, {"modelConfigs", "customOverrides"}, overrides);
}

}  // namespace

Result<Launch> launch_gemini(Launch launch, const Endpoint& endpoint, const Surroundings& around) {
  const fs::path original = folder_of(around);
  const fs::path home = around.scratch / "gemini";
  TRY_STATUS(make_mirror({original,
                          home / ".gemini",
                          {"settings.json", "oauth_creds.json", "google_accounts.json",
                           "gemini-credentials.json", ".env"},
                          {"tmp", "history"}}));
  TRY(std::string settings, text_or(original / "settings.json", "{}"));
  TRY(settings, set_member(settings, {"security", "auth", "selectedType"}, "gemini-api-key"));
  if (!endpoint.model.empty()) {
    TRY(settings, with_helpers_on(settings, endpoint.model));
    launch.set["GEMINI_MODEL"] = endpoint.model;
  }
  TRY_STATUS(write_scratch(home, ".gemini/settings.json", settings));
  launch.set["GEMINI_CLI_HOME"] = home.string();
  // Written by replacing it: in a link's place a decision of the user's would be lost.
  if (!around.environment.contains("GEMINI_CLI_TRUSTED_FOLDERS_PATH"))
    launch.set["GEMINI_CLI_TRUSTED_FOLDERS_PATH"] = original / "trustedFolders.json";
  // It warns where both are set.
  launch.set.erase("GOOGLE_API_KEY");
  launch.unset.emplace_back("GOOGLE_API_KEY");
  return launch;
}

// Variables in ~/.gemini/.env are read in folders that are trusted, and after those of the shell.
Result<SetupPlan> setup_gemini(const Endpoint& endpoint, const Surroundings& around) {
  const fs::path folder = folder_of(around);
  TRY(auto settings, change_json(folder / "settings.json",
                                 {{{"security", "auth", "selectedType"}, "gemini-api-key"}}));
  std::vector<std::pair<std::string, std::string>> variables = {
      {"GOOGLE_GEMINI_BASE_URL", url_of(endpoint.address)}, {"GEMINI_API_KEY", endpoint.key}};
  if (!endpoint.model.empty()) variables.emplace_back("GEMINI_MODEL", endpoint.model);
  TRY(auto file, change_variables(folder / ".env", variables));
  return SetupPlan{{std::move(settings), std::move(file)}, "gemini"};
}

}  // namespace routerone::cli
