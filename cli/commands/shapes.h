#pragma once

#include <vector>

#include "cli/commands/command.h"
#include "cli/commands/map.h"
#include "common/json/json.h"

namespace routerone::cli {

// What --json prints, as it is promised to other programs: fields may be added, those declared here
// stay. Tests hold what the programs really print to it.

/// `name?` may be missing. Types: `text`, `integer`, `number`, `boolean`, `time` (RFC 3339), `usd`
/// (decimal, as text), `any`, or another shape; `[x]` an array, `{x}` an object of any names, `x?`
/// an x or null.
struct Field {
  const char* name;
  const char* type;
  const char* means;
};

struct Shape {
  const char* name;
  const char* means;
  std::vector<Field> fields;
  const char* extends = "";  ///< Another shape, whose fields it has too.
};

/// Each name once.
const std::vector<Shape>& all_shapes();

/// JSON Schema (draft 2020-12) of what a command prints, all it refers to in `$defs`. An unknown
/// shape has none: null.
Json schema_of(const Printed&);
/// Of every shape there is.
Json schema_of_all();

// Parts of all_shapes().
std::vector<Shape> control_shapes();  ///< Keys, projects, budgets, providers, models, routes.
std::vector<Shape> record_shapes();   ///< Traces, usage and what is said of decisions.
std::vector<Shape> program_shapes();  ///< The program itself, the daemon and agents.

}  // namespace routerone::cli
