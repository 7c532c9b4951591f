#include "cli/terminal/agent_shell.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace routerone::cli {
namespace {

/// What each sets for its shell; read from their programs and seen in what they start.
constexpr const char* marks[] = {
    "CLAUDECODE",
    "CLAUDE_CODE",
    "CLAUDE_CODE_ENTRYPOINT",  // Claude Code
    "CODEX_SANDBOX",
    "CODEX_SANDBOX_NETWORK_DISABLED",
    "CODEX_SESSION_ID",
    "CODEX_THREAD_ID",
    "CODEX_TOOL_CALL_ID",
    "CODEX_CI",  // Codex
    "GEMINI_CLI",
    "QWEN_CODE",
    "OPENCODE",
    "CLINE_ACTIVE",
    "CURSOR_AGENT",
    "AUGMENT_AGENT",
    "AGENT",
    "AI_AGENT",  // what several agree on
};

}  // namespace

bool in_agent_shell() {
  return std::any_of(std::begin(marks), std::end(marks), [](const char* name) {
    const char* value = std::getenv(name);
    return value && *value != '\0';
  });
}

}  // namespace routerone::cli
