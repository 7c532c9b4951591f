#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "daemon/store/trace_store.h"

namespace SQLite {
class Statement;
}

namespace routerone::store {

/// Which table the conditions are for: roll-ups have fewer columns.
enum class Table { traces, rollups };

/// Conditions as the text after WHERE. Only literals of this program become SQL; every value is a
/// parameter, numbered from `first_parameter`.
struct Compiled {
  std::string sql;
  std::vector<Condition> bound;
  int first_parameter = 1;
};

/// `invalid` for a column or comparison that is not in the closed list. For roll-ups a condition
/// on a column they do not have makes the whole `false`.
Result<Compiled> compile(const std::vector<Condition>&, Table);
void bind(const Compiled&, SQLite::Statement&);

}  // namespace routerone::store
