#include "cli/agents/json_text.h"
#include "cli/agents/kinds.h"
#include "cli/agents/scratch.h"
#include "cli/agents/setup_parts.h"

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

/// Where the entry belongs: in the place of an earlier one of ours, else behind the user's.
std::pair<Members, Json> provider_entry(const Json& settings, const Json& entry) {
  const Json list = settings.value(Json::json_pointer("/modelProviders/openai"), Json());
  if (!list.is_array()) return {{"modelProviders", "openai"}, Json::array({entry})};
  std::size_t at = 0;
  while (at < list.size() &&
         !(list[at].is_object() && list[at].value("envKey", Json()) == key_variable))
    ++at;
  return {{"modelProviders", "openai", std::to_string(at)}, entry};
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

// An entry of `modelProviders` wins over variables of the shell. The key stands in the .env beside
// the settings: those the program rewrites, for everybody to read.
Result<SetupPlan> setup_qwen(const Endpoint& endpoint, const Surroundings& around) {
  TRY_STATUS(needs_model("qwen", endpoint));
  const auto folder = folder_at(around, "QWEN_HOME", ".qwen");
  TRY(const std::string text, text_or(folder / "settings.json", ""));
  TRY(const Json present, parse_settings(text));
  const Json entry = {{"id", endpoint.model},
                      {"name", endpoint.model + " (routerone)"},
                      {"baseUrl", url_of(endpoint.address, "/v1")},
                      {"envKey", key_variable}};
  Settings settings = {{{"security", "auth", "selectedType"}, "openai"},
                       {{"model", "name"}, endpoint.model},
                       provider_entry(present, entry)};
  // Without it the program takes a new file for an old one, and writes it anew.
  if (present.empty()) settings.push_back({{"$version"}, 4});
  TRY(auto file, change_json(folder / "settings.json", settings));
  TRY(auto variables, change_variables(folder / ".env", {{key_variable, endpoint.key}}));
  return SetupPlan{{std::move(file), std::move(variables)}, "qwen"};
}

}  // namespace routerone::cli
