#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/core/money.h"
#include "daemon/exchange/trace_row.h"
#include "daemon/store/histogram.h"

namespace SQLite {
class Statement;
}

namespace routerone::store {

/// What of a row its usage is made of.
struct UsageFacts {
  std::int64_t input = 0, cache_read = 0, cache_write = 0, output = 0, reasoning = 0;
  std::optional<Money> cost;
  std::chrono::microseconds latency{};
  std::optional<std::chrono::microseconds> ttft;
  bool failed = false;
};
UsageFacts facts_of(const TraceRow&);

/// The columns that read_facts wants of `traces`, and how many they are.
extern const char* const facts_columns;
inline constexpr int facts_column_count = 15;
UsageFacts read_facts(SQLite::Statement&, int first_column);

/// What some requests came to. Sums stay at the end of their range. Failed ones are in no
/// histogram: how soon something failed says nothing of how long an answer takes.
struct UsageSums {
  std::int64_t requests = 0, errors = 0, input = 0, cache_read = 0, cache_write = 0, output = 0,
               reasoning = 0, unknown_cost = 0;
  Money cost;
  Histogram latency, ttft;

  void add(const UsageFacts&);
  void add(const UsageSums&);
};

/// Its columns in the tables of roll-ups, in this order, and how many they are.
extern const char* const sums_columns;
inline constexpr int sums_column_count = 11;
/// Adds what stands there.
void add_sums(UsageSums&, SQLite::Statement&, int first_column);
void bind_sums(SQLite::Statement&, int first_parameter, const UsageSums&);

}  // namespace routerone::store
