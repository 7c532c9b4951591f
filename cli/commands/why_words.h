#pragma once

#include <string>
#include <vector>

#include "common/json/json.h"

namespace routerone::cli {

/// A few plain sentences on why a request went where it went, from its trace as `traces show
/// --json` prints it: what was asked for and who served, whom it won against and by what, who was
/// left out, what failed before, what it cost and took. Not `printable` yet: names are as they
/// came.
std::vector<std::string> why_sentences(const Json& trace);

}  // namespace routerone::cli
