#pragma once

#include "cli/agents/agent.h"
#include "cli/agents/words.h"

namespace routerone::cli {

/// The variable that carries the key of a run to whatever it starts.
inline constexpr const char* key_variable = "ROUTERONE_API_KEY";

/// What SDK programs read, in a form that every launch begins with: an agent's own tools and
/// scripts are then under the run's budget as well.
Launch general_launch(Words command, const Endpoint&, const Surroundings&);

// One file an agent. Each takes the general launch and makes it that agent's.
Result<Launch> launch_codex(Launch, const Endpoint&, const Surroundings&);
Result<Launch> launch_claude(Launch, const Endpoint&, const Surroundings&);
Result<Launch> launch_gemini(Launch, const Endpoint&, const Surroundings&);
Result<Launch> launch_opencode(Launch, const Endpoint&, const Surroundings&);
Result<Launch> launch_qwen(Launch, const Endpoint&, const Surroundings&);
Result<Launch> launch_pi(Launch, const Endpoint&, const Surroundings&);
Result<Launch> launch_cline(Launch, const Endpoint&, const Surroundings&);
Result<Launch> launch_crush(Launch, const Endpoint&, const Surroundings&);

/// `invalid`: this word leads past us.
tl::unexpected<Error> leads_elsewhere(std::string_view agent, std::string_view word);

}  // namespace routerone::cli
