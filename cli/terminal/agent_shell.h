#pragma once

namespace routerone::cli {

/// Is this the shell of a coding agent? Then nobody reads colours or answers questions, even if the
/// agent gives its shell a terminal: output is plain, what would ask fails and says --yes. Known by
/// the variables that agents set for what they start; variables that people set to configure an
/// agent (CODEX_HOME, CLAUDE_CODE_MAX_OUTPUT_TOKENS, ..) are none of them. Set to empty: not set.
bool in_agent_shell();

}  // namespace routerone::cli
