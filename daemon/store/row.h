#pragma once

#include <cstdint>

#include "daemon/exchange/trace_row.h"
#include "daemon/store/trace_store.h"

namespace SQLite {
class Statement;
}

namespace routerone::store {

/// Inserts one trace; a row whose id is there already is left as it is, so that writing again what
/// may have been written is harmless.
extern const char* const insert_row_sql;
/// Holds references into `row` until the statement is reset.
void bind_row(SQLite::Statement&, std::int64_t sequence, const TraceRow& row);

/// The columns `read_row` wants, in its order: `SELECT ... FROM traces `, to be gone on with.
extern const char* const select_row_sql;
StoredTrace read_row(SQLite::Statement&);

}  // namespace routerone::store
