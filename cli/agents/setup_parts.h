#pragma once

#include <utility>

#include "cli/agents/json_text.h"
#include "cli/agents/setup.h"

namespace routerone::cli {

using Settings = std::vector<std::pair<Members, Json>>;

/// A JSON file with some values set.
Result<FileChange> change_json(const std::filesystem::path&, const Settings&);

/// A file of `NAME=value` lines: those there are replaced, others added at the end.
Result<FileChange> change_variables(const std::filesystem::path&,
                                    const std::vector<std::pair<std::string, std::string>>&);

/// A file that is ours alone.
Result<FileChange> whole_file(const std::filesystem::path&, std::string text);

/// What the variable says, `~/` understood; else `otherwise` below the home.
std::filesystem::path folder_at(const Surroundings&, const std::string& variable,
                                const std::filesystem::path& otherwise);

/// For tools that know no model of a gateway by themselves.
Status needs_model(std::string_view tool, const Endpoint&);

// One file an agent.
Result<SetupPlan> setup_codex(const Endpoint&, const Surroundings&);
Result<SetupPlan> setup_claude(const Endpoint&, const Surroundings&);
Result<SetupPlan> setup_gemini(const Endpoint&, const Surroundings&);
Result<SetupPlan> setup_opencode(const Endpoint&, const Surroundings&);
Result<SetupPlan> setup_qwen(const Endpoint&, const Surroundings&);
Result<SetupPlan> setup_pi(const Endpoint&, const Surroundings&);
Result<SetupPlan> setup_cline(const Endpoint&, const Surroundings&);
Result<SetupPlan> setup_crush(const Endpoint&, const Surroundings&);

}  // namespace routerone::cli
