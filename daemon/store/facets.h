#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/clock.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// What rows are looked up by. For each 1,024 rows in the order of writing and each value among
/// them one bit a row stands in `facet_rows`: some 10 bytes a row for all facets together, where
/// an index each would take a hundred, and any terms joined by AND are answered by AND. Made of
/// the rows, once there are 1,024 of them, apart from their commit; what is newer is read itself.
struct Facet {
  int number;             ///< In the database: never changed, never given twice.
  std::string_view name;  ///< As Condition::column has it.
  std::string_view column;
};
inline constexpr std::array<Facet, 11> facets = {{{1, "key_id", "key_id"},
                                                  {2, "key", "key_name"},
                                                  {3, "project", "project"},
                                                  {4, "client", "client"},
                                                  {5, "session", "session"},
                                                  {6, "model", "model"},
                                                  {7, "provider", "provider"},
                                                  {8, "status", "status"},
                                                  {9, "error", "error"},
                                                  {10, "state", "state"},
                                                  {11, "route", "route"}}};
/// nullptr: rows are not looked up by that.
const Facet* find_facet(std::string_view name);

/// Sequences c * rows_a_chunk and up are chunk c.
inline constexpr std::int64_t rows_a_chunk = 1'024;
using ChunkBits = std::array<std::uint64_t, rows_a_chunk / 64>;

/// Few bits are written as their numbers of two bytes, many as they are.
std::string write_bits(const ChunkBits&);
/// Sets those that are written there; what cannot be read sets none.
void add_bits(ChunkBits&, std::string_view);

/// One small step, in one transaction: the next chunk, if all its rows are there. False: not yet.
/// Throws SQLite::Exception.
bool index_step(SQLite::Database&, std::int64_t newest);
/// Forgets chunks that have no rows any more, a few. Part of the caller's transaction.
void forget_chunks(SQLite::Database&);

}  // namespace routerone::store
