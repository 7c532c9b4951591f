#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/terminal/table.h"
#include "common/json/json.h"

namespace routerone::cli {

// Fields of the daemon's answers as cells. A field that is not there, or is not what we know it as,
// is an empty text: an older or newer daemon may say less.

/// The field itself; null if there is none, which has no parts to go through.
const Json& part_of(const Json& object, const char* field);
std::string text_of(const Json& object, const char* field);
std::int64_t whole_of(const Json& object, const char* field);
bool flag_of(const Json& object, const char* field, bool otherwise = false);
std::vector<std::string> strings_of(const Json& object, const char* field);
/// `a,b`; `otherwise` if there are none.
std::string list_of(const Json& object, const char* field, const char* otherwise = "");

Cell time_cell(const std::string& rfc3339, const Clock&);
/// Green, yellow, red by what the word means.
Cell state_cell(const std::string& word);
/// `$0.0042`; nothing for an unknown cost.
Cell usd_cell(const std::string& usd);
Cell count_cell(const Json& object, const char* field);

/// Prints rows, or, for a person, why there are none.
void print_table(Call&, const Table&, const std::string& if_empty);

}  // namespace routerone::cli
