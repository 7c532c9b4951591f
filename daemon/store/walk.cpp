#include "daemon/store/walk.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <vector>

#include "common/core/text.h"
#include "daemon/store/conditions.h"
#include "daemon/store/facet_terms.h"

namespace routerone::store {
namespace {

constexpr std::int64_t first_batch = 16, largest_batch = 1'024;  // chunks
constexpr int many_in_a_chunk = 256;                             // then it is read through
constexpr std::int64_t most_by_id = 10'000;

struct Span {
  std::int64_t first = 0, last = -1;
  bool empty() const { return first > last; }
};

std::int64_t number_of(SQLite::Database& db, const char* query) {
  SQLite::Statement statement(db, query);
  return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
}

class Walk {
 public:
  Walk(SQLite::Database& db, const Query& query, const Compiled& where, const std::string& columns,
       const std::function<bool()>& is_over, const std::function<bool(SQLite::Statement&)>& visit)
      : db_(db),
        query_(query),
        is_over_(is_over),
        visit_(visit),
        rows_(db, "SELECT sequence, time" + columns +
                      " FROM traces WHERE sequence BETWEEN ?1 AND ?2 AND " + where.sql +
                      (query.oldest_first ? " ORDER BY sequence" : " ORDER BY sequence DESC")) {
    bind(where, rows_);
    all_.first = std::max(query.after_sequence < INT64_MAX ? query.after_sequence + 1 : INT64_MAX,
                          number_of(db, "SELECT ifnull(min(sequence), 0) FROM traces"));
    all_.last = std::min(query.before_sequence > INT64_MIN ? query.before_sequence - 1 : INT64_MIN,
                         number_of(db, "SELECT ifnull(max(sequence), -1) FROM traces"));
  }

  WalkEnd by_ids(std::vector<std::int64_t> sequences) {
    std::sort(sequences.begin(), sequences.end());
    if (!query_.oldest_first) std::reverse(sequences.begin(), sequences.end());
    for (const auto one : sequences)
      if (!go_through({one, one})) break;
    return end_;
  }

  WalkEnd through(const FacetTerms& facets) {
    std::int64_t batch = first_batch;
    for (Span left = all_; !left.empty();) {
      const auto next = chunk_of(query_.oldest_first ? left.first : left.last);
      const bool is_known =
          facets.tell() && next >= facets.first_chunk() && next <= facets.last_chunk();
      const Span chunks = is_known ? known_from(next, batch, facets) : Span{next, next};
      if (is_known ? !known(chunks, facets) : !go_through(clipped(whole(chunks)))) break;
      (query_.oldest_first ? left.first : left.last) =
          query_.oldest_first ? whole(chunks).last + 1 : whole(chunks).first - 1;
      if (is_known) batch = std::min(batch * 2, largest_batch);
      if (!left.empty() && !in_time(chunks)) break;
    }
    return end_;
  }

 private:
  static std::int64_t chunk_of(std::int64_t sequence) { return sequence / rows_a_chunk; }
  static Span whole(Span chunks) {
    return {chunks.first * rows_a_chunk, (chunks.last + 1) * rows_a_chunk - 1};
  }
  Span clipped(Span span) const {
    return {std::max(span.first, all_.first), std::min(span.last, all_.last)};
  }
  /// `count` chunks in the walk's order, beginning with `next`, as far as facets are known of them.
  Span known_from(std::int64_t next, std::int64_t count, const FacetTerms& facets) const {
    if (query_.oldest_first) return {next, std::min(next + count - 1, facets.last_chunk())};
    return {std::max(next - count + 1, facets.first_chunk()), next};
  }

  /// Looked at all of these: is there time for more?
  bool in_time(Span chunks) {
    if (!is_over_()) return true;
    const Span rows = clipped(whole(chunks));
    end_.cursor = query_.oldest_first ? rows.last : rows.first;
    end_.out_of_time = true;
    return false;
  }

  bool known(Span chunks, const FacetTerms& facets) {
    const auto count = static_cast<std::size_t>(chunks.last - chunks.first + 1);
    const auto fit = facets.rows(db_, chunks.first, count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = query_.oldest_first ? i : count - 1 - i;
      const auto chunk = chunks.first + static_cast<std::int64_t>(at);
      const int rows = count_of(fit[at]);
      if (rows == 0) continue;
      if (rows > many_in_a_chunk ? !go_through(clipped(whole({chunk, chunk})))
                                 : !one_by_one(chunk, fit[at]))
        return false;
      if (i + 1 < count && !in_time({chunk, chunk})) return false;
    }
    return true;
  }

  static int count_of(const ChunkBits& bits) {
    int count = 0;
    for (const auto part : bits) count += __builtin_popcountll(part);
    return count;
  }

  bool one_by_one(std::int64_t chunk, const ChunkBits& bits) {
    for (std::int64_t i = 0; i < rows_a_chunk; ++i) {
      const auto at = static_cast<std::size_t>(query_.oldest_first ? i : rows_a_chunk - 1 - i);
      if ((bits[at / 64] >> (at % 64) & 1) == 0) continue;
      const auto sequence = chunk * rows_a_chunk + static_cast<std::int64_t>(at);
      if (!go_through({sequence, sequence})) return false;
    }
    return true;
  }

  bool go_through(Span span) {
    span = clipped(span);
    if (span.empty()) return true;
    end_.rows_read += span.last - span.first + 1;
    rows_.bind(1, span.first);
    rows_.bind(2, span.last);
    bool goes_on = true;
    while (goes_on && rows_.executeStep()) {
      const auto sequence = rows_.getColumn(0).getInt64();
      goes_on = visit_(rows_);
      if (!goes_on) end_.cursor = query_.oldest_first ? sequence - 1 : sequence + 1;
    }
    rows_.reset();
    return goes_on;
  }

  SQLite::Database& db_;
  const Query& query_;
  const std::function<bool()>& is_over_;
  const std::function<bool(SQLite::Statement&)>& visit_;
  SQLite::Statement rows_;
  Span all_;
  WalkEnd end_;
};

/// Of a term that ids begin alike for: what they begin with. Empty: there is none.
std::string id_beginning(const std::vector<Condition>& conditions) {
  for (const auto& condition : conditions)
    if (condition.column == "id" &&
        (condition.op == Condition::Op::equal || condition.op == Condition::Op::glob))
      return lower(condition.text.substr(0, condition.text.find_first_of("*?")));
  return {};
}

/// nullopt: more than are worth it.
std::optional<std::vector<std::int64_t>> find_ids(SQLite::Database& db, const std::string& first) {
  SQLite::Statement query(db, "SELECT sequence FROM traces WHERE id >= ?1 AND id < ?2 LIMIT ?3");
  query.bind(1, first);
  query.bind(2, first + "~");  // behind every character an id has
  query.bind(3, most_by_id + 1);
  std::vector<std::int64_t> found;
  while (query.executeStep()) found.push_back(query.getColumn(0).getInt64());
  if (static_cast<std::int64_t>(found.size()) > most_by_id) return std::nullopt;
  return found;
}

}  // namespace

Result<WalkEnd> walk(SQLite::Database& db, const Query& query, const std::string& columns,
                     const std::function<bool()>& is_over,
                     const std::function<bool(SQLite::Statement&)>& visit) {
  TRY(auto where, compile(query.where, Table::traces));
  where.first_parameter = 3;
  Walk walk(db, query, where, columns, is_over, visit);
  if (const auto first = id_beginning(query.where); !first.empty())
    if (auto sequences = find_ids(db, first)) return walk.by_ids(*std::move(sequences));
  TRY(const auto terms, FacetTerms::of(db, query.where));
  return walk.through(terms);
}

}  // namespace routerone::store
