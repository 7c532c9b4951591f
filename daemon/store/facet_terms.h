#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "common/core/result.h"
#include "daemon/store/facets.h"
#include "daemon/store/trace_store.h"

namespace SQLite {
class Database;
}

namespace routerone::store {

/// What the facets tell of a query: which rows of a chunk may fit, without looking at one.
class FacetTerms {
 public:
  /// Looks up the words that its conditions mean. Throws SQLite::Exception.
  static Result<FacetTerms> of(SQLite::Database&, const std::vector<Condition>&);

  /// Chunks that facets are known of; last < first: none.
  std::int64_t first_chunk() const { return first_; }
  std::int64_t last_chunk() const { return last_; }
  /// Is there anything in the query that facets or times could tell of?
  bool tell() const { return !terms_.empty() || has_times_; }

  /// For `count` chunks from `from` on, their rows that may fit.
  std::vector<ChunkBits> rows(SQLite::Database&, std::int64_t from, std::size_t count) const;

 private:
  struct Term {
    std::vector<std::int64_t> words;
    bool is_negated = false;
  };
  void note_time(const Condition&);

  std::vector<Term> terms_;
  std::int64_t first_ = 0, last_ = -1;
  bool has_times_ = false;
  std::int64_t earliest_ = std::numeric_limits<std::int64_t>::min();
  std::int64_t latest_ = std::numeric_limits<std::int64_t>::max();  // both inside
};

}  // namespace routerone::store
