#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/terminal/shown.h"
#include "common/json/json.h"

namespace routerone::cli {

/// A configuration in words: how many of each thing there are, then the settings by name. Pure.
std::vector<std::pair<std::string, std::string>> config_facts(const Json& control);

struct ChangeLine {
  std::string text;  ///< `~ project web: spend.usd: 5.000000 -> 10.000000`
  Color color = Color::none;
};
/// What `config apply` would do, a line a record.
std::vector<ChangeLine> change_lines(const Json& changes);

}  // namespace routerone::cli
