#include <fmt/format.h>

#include "cli/agents/json_text.h"
#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"
#include "cli/agents/setup_parts.h"
#include "common/core/text.h"
#include "common/platform/files.h"

// Claude Code lets the `env` block of its settings win over the process environment, so variables
// alone lose against a user who has some there; a file behind `--settings` wins over both. It holds
// the same variables and is the run's own; a `--settings` of the user's is taken up into it.
// ANTHROPIC_AUTH_TOKEN is used before a stored claude.ai login, and unlike ANTHROPIC_API_KEY it
// asks for no approval; an empty API key hides one from the user's settings. Sessions, history and
// all else stay in the user's ~/.claude. Measured with 2.1.329.

namespace routerone::cli {
namespace {

constexpr Spelling settings_option{"settings"};

using Variables = std::map<std::string, std::string>;

/// Every name a model can have inside it, so that helpers and subagents do not ask for another.
void add_model(Variables& set, const std::string& model) {
  for (const char* name :
       {"ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_DEFAULT_FABLE_MODEL",
        "ANTHROPIC_SMALL_FAST_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL"})
    set[name] = model;
  if (lower(model).find("claude") != std::string::npos) return;
  // What only the vendor's own models take: beta fields, the billing line in the prompt (it differs
  // in each conversation and spoils other providers' caches), safety checks by the server.
  set["CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS"] = "1";
  set["CLAUDE_CODE_ATTRIBUTION_HEADER"] = "0";
  set["CLAUDE_CODE_AUTO_MODE_SERVER"] = "0";
}

/// What the user gave --settings: JSON, or a file of it.
Result<std::string> settings_text(const Words& words) {
  const Words given = option_values(words, settings_option);
  if (given.empty()) return std::string("{}");
  if (trim(given.back()).starts_with("{")) return given.back();
  return read_file(given.back(), 4 << 20);
}

}  // namespace

Result<Launch> launch_claude(Launch launch, const Endpoint& endpoint, const Surroundings& around) {
  Variables own = {{"ANTHROPIC_BASE_URL", url_of(endpoint.address)},
                   {"ANTHROPIC_AUTH_TOKEN", endpoint.key}};
  if (!endpoint.model.empty()) add_model(own, endpoint.model);
  launch.set.erase("ANTHROPIC_API_KEY");
  launch.unset.emplace_back("ANTHROPIC_API_KEY");
  std::erase(launch.unset, "ANTHROPIC_AUTH_TOKEN");
  launch.set.insert(own.begin(), own.end());
  for (const char* name : {"ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX",
                           "CLAUDE_CODE_USE_FOUNDRY", "CLAUDE_CODE_OAUTH_TOKEN"})
    own[name] = "";

  TRY(std::string text, settings_text(launch.command));
  for (const auto& [name, value] : own) {
    TRY(text, set_member(text, {"env", name}, value));
  }
  TRY(const auto file, write_scratch(around.scratch, "claude/settings.json", text));
  launch.command = without_option(launch.command, settings_option);
  insert_options(launch.command, {"--settings", file.string()});
  return launch;
}

Result<SetupPlan> setup_claude(const Endpoint& endpoint, const Surroundings& around) {
  Variables own = {{"ANTHROPIC_BASE_URL", url_of(endpoint.address)},
                   {"ANTHROPIC_AUTH_TOKEN", endpoint.key}};
  if (!endpoint.model.empty()) add_model(own, endpoint.model);
  Settings settings;
  for (const auto& [name, value] : own) settings.push_back({{"env", name}, value});
  TRY(auto file,
      change_json(folder_at(around, "CLAUDE_CONFIG_DIR", ".claude") / "settings.json", settings));
  return SetupPlan{{std::move(file)}, "claude"};
}

}  // namespace routerone::cli
