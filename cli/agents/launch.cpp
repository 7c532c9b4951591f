#include <fmt/format.h>

#include <array>

#include "cli/agents/kinds.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

struct Kind {
  std::string_view program;
  Result<Launch> (*launch)(Launch, const Endpoint&, const Surroundings&);
};

constexpr std::array kinds = {
    Kind{"codex", launch_codex},       Kind{"claude", launch_claude}, Kind{"gemini", launch_gemini},
    Kind{"opencode", launch_opencode}, Kind{"qwen", launch_qwen},     Kind{"pi", launch_pi},
    Kind{"cline", launch_cline},       Kind{"crush", launch_crush},
};

/// Credentials of model providers, and switches that send an SDK to another cloud: with one of them
/// a child could spend past the run's budget. What serves other ends too (AWS_*, GITHUB_TOKEN, a
/// Google project) stays.
constexpr std::array foreign_variables = {
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_OAUTH_TOKEN",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
    "OPENAI_ORG_ID",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT_ID",
    "CODEX_API_KEY",
    "CODEX_ACCESS_TOKEN",
    "AZURE_OPENAI_API_KEY",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_GENAI_USE_GCA",
    "GOOGLE_GENERATIVE_AI_API_KEY",
    "GOOGLE_VERTEX_BASE_URL",
    "AI_GATEWAY_API_KEY",
    "AWS_BEARER_TOKEN_BEDROCK",
    "CEREBRAS_API_KEY",
    "CLINE_API_KEY",
    "DASHSCOPE_API_KEY",
    "DEEPSEEK_API_KEY",
    "FIREWORKS_API_KEY",
    "GROQ_API_KEY",
    "HYPER_API_KEY",
    "KIMI_API_KEY",
    "MINIMAX_API_KEY",
    "MISTRAL_API_KEY",
    "MOONSHOT_API_KEY",
    "OPENCODE_API_KEY",
    "OPENROUTER_API_KEY",
    "TOGETHER_API_KEY",
    "XAI_API_KEY",
    "ZAI_API_KEY",
};

std::string variable_of(const Surroundings& around, const std::string& name) {
  const auto found = around.environment.find(name);
  return found == around.environment.end() ? "" : found->second;
}

/// What the user excepted from the proxy, and us: some programs send even loopback through it.
std::string no_proxy(std::string present) {
  for (const std::string_view host : {"127.0.0.1", "::1", "localhost"}) {
    bool there = false;
    for (const auto entry : split(present, ',')) {
      const auto name = trim(entry);
      there = there || name == host || name == "*";
    }
    if (!there) present += fmt::format("{}{}", present.empty() ? "" : ",", host);
  }
  return present;
}

void except_from_proxies(Launch& launch, const Surroundings& around) {
  // Curl and Go prefer the small name, others know one of the two only.
  const std::string big = variable_of(around, "NO_PROXY");
  const std::string small = variable_of(around, "no_proxy");
  launch.set["NO_PROXY"] = no_proxy(big.empty() ? small : big);
  launch.set["no_proxy"] = no_proxy(small.empty() ? big : small);
}

}  // namespace

Launch general_launch(Words command, const Endpoint& endpoint, const Surroundings& around) {
  Launch launch;
  launch.command = std::move(command);
  const std::string root = url_of(endpoint.address);
  launch.set = {{key_variable, endpoint.key},        {"OPENAI_API_KEY", endpoint.key},
                {"OPENAI_BASE_URL", root + "/v1"},   {"OPENAI_API_BASE", root + "/v1"},
                {"ANTHROPIC_API_KEY", endpoint.key}, {"ANTHROPIC_BASE_URL", root},
                {"GEMINI_API_KEY", endpoint.key},    {"GOOGLE_API_KEY", endpoint.key},
                {"GOOGLE_GEMINI_BASE_URL", root}};
  for (const char* name : foreign_variables)
    if (around.environment.contains(name)) launch.unset.emplace_back(name);
  except_from_proxies(launch, around);
  return launch;
}

tl::unexpected<Error> leads_elsewhere(std::string_view agent, std::string_view word) {
  return fail(ErrorKind::invalid,
              fmt::format("{} would send {}'s requests past routerone and the run's budget",
                          printable(word, 80), agent),
              fmt::format("leave it out, or start {} without routerone run", agent));
}

Result<Launch> prepare_launch(std::vector<std::string> command, const Endpoint& endpoint,
                              const Surroundings& around) {
  if (command.empty() || command.front().empty())
    return fail(ErrorKind::invalid, "there is no command to run",
                "routerone run [OPTIONS] -- COMMAND ..");
  const std::string program = std::filesystem::path(command.front()).filename().string();
  Launch launch = general_launch(std::move(command), endpoint, around);
  for (const Kind& kind : kinds) {
    if (program != kind.program) continue;
    if (around.home.empty())
      return fail(ErrorKind::invalid,
                  fmt::format("HOME is not set, so {}'s own settings are nowhere", program),
                  "set HOME to your home folder");
    return kind.launch(std::move(launch), endpoint, around);
  }
  return launch;
}

}  // namespace routerone::cli
