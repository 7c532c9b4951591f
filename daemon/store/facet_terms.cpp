#include "daemon/store/facet_terms.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <optional>
#include <string>

#include "daemon/store/conditions.h"

namespace routerone::store {
namespace {

using Op = Condition::Op;

/// A term that more words than this fit is left to the rows themselves.
constexpr std::size_t most_words = 1'024;

/// The numbers of the words that fit; nullopt: too many.
Result<std::optional<std::vector<std::int64_t>>> words_of(SQLite::Database& db, const Facet& facet,
                                                          const Condition& condition) {
  TRY(auto where, compile({condition}, Table::words));
  where.first_parameter = 2;
  SQLite::Statement query(db, "SELECT id FROM facet_words WHERE facet = ?1 AND " + where.sql +
                                  " LIMIT " + std::to_string(most_words + 1));
  query.bind(1, facet.number);
  bind(where, query);
  std::vector<std::int64_t> words;
  while (query.executeStep()) words.push_back(query.getColumn(0).getInt64());
  if (words.size() > most_words) return std::optional<std::vector<std::int64_t>>();
  return std::optional(std::move(words));
}

std::string_view bytes_of(const SQLite::Column& column) {
  return {static_cast<const char*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
}

}  // namespace

Result<FacetTerms> FacetTerms::of(SQLite::Database& db, const std::vector<Condition>& conditions) {
  FacetTerms terms;
  SQLite::Statement known(db,
                          "SELECT ifnull(min(chunk), 0), ifnull(max(chunk), -1) FROM facet_chunks");
  if (known.executeStep()) {
    terms.first_ = known.getColumn(0).getInt64();
    terms.last_ = known.getColumn(1).getInt64();
  }
  for (Condition condition : conditions) {
    if (condition.column == "time") terms.note_time(condition);
    const Facet* facet = find_facet(condition.column);
    if (!facet) continue;
    const bool is_negated = condition.op == Op::not_equal;
    if (is_negated) condition.op = Op::equal;
    if (is_negated && !condition.is_number) condition.op = Op::glob;  // as the rows' term has it
    TRY(auto words, words_of(db, *facet, condition));
    if (words) terms.terms_.push_back({*std::move(words), is_negated});
  }
  return terms;
}

void FacetTerms::note_time(const Condition& condition) {
  const auto number = condition.number;
  const bool is_least = condition.op == Op::greater || condition.op == Op::greater_equal;
  const bool is_most = condition.op == Op::less || condition.op == Op::less_equal;
  if (is_least || condition.op == Op::equal) earliest_ = std::max(earliest_, number);
  if (is_most || condition.op == Op::equal) latest_ = std::min(latest_, number);
  has_times_ = has_times_ || is_least || is_most || condition.op == Op::equal;
}

std::vector<ChunkBits> FacetTerms::rows(SQLite::Database& db, std::int64_t from,
                                        std::size_t count) const {
  const auto to = from + static_cast<std::int64_t>(count) - 1;
  std::vector<ChunkBits> fit(count);
  SQLite::Statement chunks(db,
                           "SELECT chunk FROM facet_chunks WHERE chunk BETWEEN ?1 AND ?2 "
                           "AND last_time >= ?3 AND first_time <= ?4");
  chunks.bind(1, from);
  chunks.bind(2, to);
  chunks.bind(3, earliest_);
  chunks.bind(4, latest_);
  while (chunks.executeStep())
    fit[static_cast<std::size_t>(chunks.getColumn(0).getInt64() - from)].fill(~std::uint64_t{0});

  SQLite::Statement rows(
      db, "SELECT chunk, rows FROM facet_rows WHERE word = ?1 AND chunk BETWEEN ?2 AND ?3");
  rows.bind(2, from);
  rows.bind(3, to);
  for (const Term& term : terms_) {
    std::vector<ChunkBits> of_term(count);
    for (const auto word : term.words) {
      rows.bind(1, word);
      while (rows.executeStep())
        add_bits(of_term[static_cast<std::size_t>(rows.getColumn(0).getInt64() - from)],
                 bytes_of(rows.getColumn(1)));
      rows.reset();
    }
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t part = 0; part < fit[i].size(); ++part)
        fit[i][part] &= term.is_negated ? ~of_term[i][part] : of_term[i][part];
  }
  return fit;
}

}  // namespace routerone::store
