#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/agents/agent.h"
#include "common/core/result.h"

namespace routerone::cli {

/// One file of a tool's own configuration, as it stands and as it shall be.
struct FileChange {
  std::filesystem::path file;
  std::optional<std::string> before;  ///< nullopt: there is none.
  std::string after;                  ///< May equal `before`.
  bool holds_key = false;             ///< `after` has the key in it.
};

struct SetupPlan {
  std::vector<FileChange> files;
  std::string start;  ///< For the person: how the tool is started from now on.
};

/// The tools that can be set up, in the order they are listed.
std::vector<std::string> setup_tools();

/// What a tool's user configuration must say so that it goes through us without `routerone run`.
/// Reads the files, writes nothing; what the user has in them stays byte for byte. Of
/// `Surroundings` the scratch folder is not looked at. invalid: no such tool, the tool needs a
/// model, or one of its files does not parse (the place is named).
Result<SetupPlan> plan_setup(const std::string& tool, const Endpoint&, const Surroundings&);

}  // namespace routerone::cli
