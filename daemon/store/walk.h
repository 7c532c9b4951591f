#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/core/result.h"
#include "daemon/store/trace_store.h"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace routerone::store {

/// Where a walk ended. Without a cursor: nothing is left. With one: the rows behind it, in the
/// walk's order, have not been looked at.
struct WalkEnd {
  std::optional<std::int64_t> cursor;
  bool out_of_time = false;
  std::int64_t rows_read = 0;  ///< Rows whose columns were compared, those that did not fit too.
};

/// Goes through the rows that a query means in the order of writing, from its `before_sequence` or
/// `after_sequence` on; its limit is not looked at. Facets and times leave out what cannot fit
/// without reading it; the rest is read a little at a time and, between these, the time is looked
/// at. `columns` come behind the sequence and the time; `visit` is told each row that fits, and
/// says whether to go on: one that does not want a row sees it again next time. `invalid` as
/// compile() has it; throws SQLite::Exception.
Result<WalkEnd> walk(SQLite::Database&, const Query&, const std::string& columns,
                     const std::function<bool()>& is_over,
                     const std::function<bool(SQLite::Statement&)>& visit);

}  // namespace routerone::store
