#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/json/json.h"

namespace routerone::cli {

/// Of a trace's decision: who was chosen, over whom and by what, who would have been next, and who
/// could not be asked. Names are as they came.
std::vector<std::string> choice_sentences(const Json& decision);

/// `a`, `a and b`, `a, b and c`; of many the first, and how many more.
std::string list_some(std::vector<std::string> parts);

/// A field that is a number.
std::optional<double> figure_of(const Json& object, const char* field);

}  // namespace routerone::cli
