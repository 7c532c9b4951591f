#pragma once

#include <vector>

#include "cli/commands/command.h"
#include "cli/terminal/table.h"
#include "common/json/json.h"

namespace routerone::cli {

/// How the status of a request or of one attempt is shown; 0 is an attempt without an answer.
Color status_color(std::int64_t status);
Cell status_cell(const Json& trace);
/// A time in milliseconds; nothing if there is none.
Cell millis_cell(const Json& trace, const char* field);
/// The model that served; if none did, the one asked for.
std::string model_of(const Json& trace);
/// As much of an id as tells it from the others of its millisecond; `traces show` takes that.
std::string short_id(const Json& trace);

/// Traces as a table: one row each.
std::vector<Table::Column> trace_columns();
std::vector<Cell> trace_cells(const Json& trace, const Clock&, bool whole_id = false);

/// All that is known of one.
void print_trace(Call&, const Json& trace);

}  // namespace routerone::cli
