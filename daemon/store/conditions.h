#pragma once

#include <string>
#include <vector>

#include "common/core/result.h"
#include "daemon/store/trace_store.h"

namespace SQLite {
class Statement;
}

namespace routerone::store {

/// What the conditions are for: rows; the old roll-ups by the day and the groups of today's, which
/// have fewer columns; a facet's words, which are the one column that the condition names.
enum class Table { traces, rollups, groups, words };

/// Conditions as the text after WHERE. Only literals of this program become SQL; every value is a
/// parameter, numbered from `first_parameter`.
struct Compiled {
  std::string sql;
  std::vector<Condition> bound;
  int first_parameter = 1;
};

/// `invalid` for a column or comparison that is not in the closed list. Where a table does not have
/// a column its condition makes the whole `false`.
Result<Compiled> compile(const std::vector<Condition>&, Table);
/// Does that table have the column?
bool has_column(Table, const std::string& name);
void bind(const Compiled&, SQLite::Statement&);

}  // namespace routerone::store
