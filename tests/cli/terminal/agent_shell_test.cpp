#include "cli/terminal/agent_shell.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include <initializer_list>

namespace routerone::cli {
namespace {

constexpr const char* marks[] = {"CLAUDECODE",
                                 "CLAUDE_CODE",
                                 "CLAUDE_CODE_ENTRYPOINT",
                                 "CODEX_SANDBOX",
                                 "CODEX_SANDBOX_NETWORK_DISABLED",
                                 "CODEX_SESSION_ID",
                                 "CODEX_THREAD_ID",
                                 "CODEX_TOOL_CALL_ID",
                                 "CODEX_CI",
                                 "GEMINI_CLI",
                                 "QWEN_CODE",
                                 "OPENCODE",
                                 "CLINE_ACTIVE",
                                 "CURSOR_AGENT",
                                 "AUGMENT_AGENT",
                                 "AGENT",
                                 "AI_AGENT"};

TEST_CASE("an agent's shell is known by what the agent sets for it, and by nothing else") {
  for (const char* name : marks) ::unsetenv(name);
  CHECK_FALSE(in_agent_shell());
  // What people set for themselves.
  for (const char* name : {"CODEX_HOME", "CODEX_SQLITE_HOME", "CODEX_API_KEY",
                           "CODEX_CA_CERTIFICATE", "CODEX_OSS_BASE_URL", "CODEX_VERSION",
                           "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "GEMINI_CLI_HOME"}) {
    ::setenv(name, "1", 1);
    CHECK_FALSE(in_agent_shell());
    ::unsetenv(name);
  }
  for (const char* name : marks) {
    CAPTURE(name);
    ::setenv(name, "", 1);
    CHECK_FALSE(in_agent_shell());
    ::setenv(name, "1", 1);
    CHECK(in_agent_shell());
    ::unsetenv(name);
  }
}

}  // namespace
}  // namespace routerone::cli
