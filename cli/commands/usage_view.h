#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "common/json/json.h"

namespace routerone::cli {

/// How many parts of the time a line of `usage` is asked for at this width.
int usage_parts(int width);

/// For a person: bars and sparklines, the columns that fit the terminal, and the total below.
void print_usage_chart(Call&, const std::vector<std::string>& by, const Json& lines,
                       const Json& total);

/// For a program: every sum, a line each.
void print_usage_rows(Call&, const std::vector<std::string>& by, const Json& lines);

}  // namespace routerone::cli
