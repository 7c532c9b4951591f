#include "cli/agents/json_text.h"
#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"

// Qwen Code takes OPENAI_BASE_URL and OPENAI_API_KEY before what its settings say, but signs in as
// the settings say, and an entry of `modelProviders` there has an address of its own that wins over
// both. Settings of the system win over the user's, and a variable names their file: the run's own
// begins with the machine's, signs in by key and knows no model providers. The model of the
// settings wins over OPENAI_MODEL, so ours is a flag. Sessions and all else stay in ~/.qwen.
// Measured with 0.15.10.

namespace routerone::cli {
namespace {

constexpr const char* system_settings = "QWEN_CODE_SYSTEM_SETTINGS_PATH";

Status check_words(const Words& words) {
  for (const std::string_view option : {"openai-base-url", "openai-api-key"})
    if (has_option(words, {option})) return leads_elsewhere("qwen", "--" + std::string(option));
  for (const std::string& type : option_values(words, {"auth-type"}))
    if (type != "openai" && type != "anthropic" && type != "gemini")
      return leads_elsewhere("qwen", "--auth-type " + type);
  return {};
}

}  // namespace

Result<Launch> launch_qwen(Launch launch, const Endpoint& endpoint, const Surroundings& around) {
  TRY_STATUS(check_words(launch.command));
  const auto named = around.environment.find(system_settings);
  TRY(std::string text,
      text_or(named == around.environment.end() ? "/etc/qwen-code/settings.json" : named->second,
              "{}"));
  const std::pair<Members, Json> own[] = {
      {{"security", "auth", "selectedType"}, "openai"},
      {{"security", "auth", "apiKey"}, ""},
      {{"security", "auth", "baseUrl"}, ""},
      {{"modelProviders"},
       {{"openai", Json::array()}, {"anthropic", Json::array()}, {"gemini", Json::array()}}}};
  for (const auto& [path, value] : own) {
    TRY(text, set_member(text, path, value));
  }
  TRY(const auto file, write_scratch(around.scratch, "qwen/settings.json", text));
  launch.set[system_settings] = file.string();
  if (endpoint.model.empty()) return launch;
  for (const char* name : {"OPENAI_MODEL", "ANTHROPIC_MODEL", "GEMINI_MODEL"})
    launch.set[name] = endpoint.model;
  if (!has_option(launch.command, {"model", 'm'}))
    insert_options(launch.command, {"--model", endpoint.model});
  return launch;
}

}  // namespace routerone::cli
