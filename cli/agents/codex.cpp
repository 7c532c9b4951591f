#include <fmt/format.h>

#include "cli/agents/kinds.h"
#include "cli/agents/setup_parts.h"
#include "common/core/text.h"
#include "common/json/json.h"

// Codex reads OPENAI_BASE_URL up to 0.118 and ignores it since 0.119; a provider of its own it
// takes in every version, from `-c`, and then asks for no login and sends no stored one
// (auth.json), only what `env_key` names. Overrides before the subcommand reach every subcommand;
// those of the user come later and win, so one that names another provider is refused. Nothing is
// written: sessions, history and all other settings are the user's. The provider's own web search
// is off unless the user asks for it: its price has no bound that a budget could hold. Measured
// with 0.118.0 and 0.169.0.

namespace routerone::cli {
namespace {

constexpr Spelling config{"config", 'c'};

/// Text as TOML has it between quotes; JSON's escapes are a part of TOML's.
std::string quoted(const std::string& text) { return Json(text).dump(); }

bool names_provider(std::string_view override) {
  const std::string_view key = trim(override.substr(0, override.find('=')));
  return key == "model_provider" || key == "model_providers" ||
         key.starts_with("model_providers.routerone") || key == "oss_provider";
}

Status check_words(const Words& words) {
  for (const std::string& override : option_values(words, config))
    if (names_provider(override)) return leads_elsewhere("codex", "-c " + override);
  for (const std::string_view word : {"oss", "local-provider", "remote"})
    if (has_option(words, {word})) return leads_elsewhere("codex", fmt::format("--{}", word));
  return {};
}

}  // namespace

Result<Launch> launch_codex(Launch launch, const Endpoint& endpoint, const Surroundings&) {
  TRY_STATUS(check_words(launch.command));
  Words overrides = {
      "-c", R"(model_provider="routerone")", "-c",
      fmt::format(R"(model_providers.routerone={{name="routerone",base_url={},env_key="{}",)"
                  R"(wire_api="responses"}})",
                  quoted(url_of(endpoint.address, "/v1")), key_variable)};
  // An override, not -m: the user's own -m goes before it wherever it stands.
  if (!endpoint.model.empty()) {
    overrides.emplace_back("-c");
    overrides.push_back("model=" + quoted(endpoint.model));
  }
  if (!has_option(launch.command, {"search"})) {
    overrides.emplace_back("-c");
    overrides.emplace_back(R"(web_search="disabled")");
  }
  insert_options(launch.command, overrides);
  return launch;
}

// A profile of its own (`codex -p routerone`): plain `codex` stays as it is, with its login.
Result<SetupPlan> setup_codex(const Endpoint& endpoint, const Surroundings& around) {
  const std::string model =
      endpoint.model.empty() ? "" : fmt::format("model = {}\n", quoted(endpoint.model));
  TRY(auto file, whole_file(folder_at(around, "CODEX_HOME", ".codex") / "routerone.config.toml",
                            fmt::format("# Made by `routerone setup codex`; --undo takes it away.\n"
                                        "{}"
                                        "model_provider = \"routerone\"\n"
                                        "web_search = \"disabled\"\n"
                                        "\n"
                                        "[model_providers.routerone]\n"
                                        "name = \"routerone\"\n"
                                        "base_url = {}\n"
                                        "wire_api = \"responses\"\n"
                                        "experimental_bearer_token = {}\n",
                                        model, quoted(url_of(endpoint.address, "/v1")),
                                        quoted(endpoint.key))));
  return SetupPlan{{std::move(file)}, "codex -p routerone"};
}

}  // namespace routerone::cli
