#include "daemon/store/facets.h"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "daemon/store/varint.h"

namespace routerone::store {
namespace {

constexpr std::size_t few_bits = 48;
constexpr std::size_t chunk_bytes = rows_a_chunk / 8;
constexpr int chunks_forgotten_at_once = 2;

/// Those of one facet's values that are in a chunk.
using Values = std::unordered_map<std::string, ChunkBits>;

struct Chunk {
  std::array<Values, facets.size()> values;
  std::int64_t first_time = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_time = std::numeric_limits<std::int64_t>::min();
};

std::optional<std::int64_t> maybe_number(SQLite::Database& db, const char* query) {
  SQLite::Statement statement(db, query);
  if (!statement.executeStep() || statement.getColumn(0).isNull()) return std::nullopt;
  return statement.getColumn(0).getInt64();
}

std::optional<std::int64_t> next_chunk(SQLite::Database& db) {
  const auto first = maybe_number(db, "SELECT min(sequence) FROM traces");
  if (!first) return std::nullopt;
  const auto done = maybe_number(db, "SELECT max(chunk) FROM facet_chunks");
  return std::max(*first / rows_a_chunk, done ? *done + 1 : 0);
}

Chunk read_chunk(SQLite::Database& db, std::int64_t number) {
  std::string sql = "SELECT sequence, time";
  for (const Facet& facet : facets) (sql += ", ") += facet.column;
  SQLite::Statement rows(db, sql + " FROM traces WHERE sequence BETWEEN ?1 AND ?2");
  rows.bind(1, number * rows_a_chunk);
  rows.bind(2, (number + 1) * rows_a_chunk - 1);
  Chunk chunk;
  std::array<std::pair<const std::string, ChunkBits>*, facets.size()> last{};
  while (rows.executeStep()) {
    const auto place = static_cast<std::size_t>(rows.getColumn(0).getInt64() % rows_a_chunk);
    chunk.first_time = std::min(chunk.first_time, rows.getColumn(1).getInt64());
    chunk.last_time = std::max(chunk.last_time, rows.getColumn(1).getInt64());
    for (std::size_t i = 0; i < facets.size(); ++i) {
      const auto value = rows.getColumn(static_cast<int>(i) + 2);
      const std::string_view text(value.getText(), static_cast<std::size_t>(value.getBytes()));
      if (!last[i] || last[i]->first != text)  // most rows are like the one before
        last[i] = &*chunk.values[i].try_emplace(std::string(text)).first;
      last[i]->second[place / 64] |= std::uint64_t{1} << (place % 64);
    }
  }
  return chunk;
}

/// The words' numbers, in order.
std::map<std::int64_t, const ChunkBits*> number_words(SQLite::Database& db, const Chunk& chunk) {
  SQLite::Statement find(db, "SELECT id FROM facet_words WHERE facet = ?1 AND word = ?2");
  SQLite::Statement add(db, "INSERT INTO facet_words (facet, word) VALUES (?1, ?2) RETURNING id");
  std::map<std::int64_t, const ChunkBits*> numbers;
  for (std::size_t i = 0; i < facets.size(); ++i)
    for (const auto& [word, bits] : chunk.values[i])
      for (auto* statement : {&find, &add}) {
        statement->bind(1, facets[i].number);
        statement->bindNoCopy(2, word);
        const bool found = statement->executeStep();
        if (found) numbers.emplace(statement->getColumn(0).getInt64(), &bits);
        statement->reset();
        if (found) break;
      }
  return numbers;
}

void write_chunk(SQLite::Database& db, std::int64_t number, const Chunk& chunk) {
  SQLite::Statement put(db, "INSERT OR REPLACE INTO facet_rows VALUES (?1, ?2, ?3)");
  std::string words;
  std::int64_t before = 0;
  for (const auto& [word, bits] : number_words(db, chunk)) {
    const std::string text = write_bits(*bits);
    put.bind(1, word);
    put.bind(2, number);
    put.bind(3, text.data(), static_cast<int>(text.size()));
    put.exec();
    put.reset();
    put_varint(words, static_cast<std::uint64_t>(word - before));
    before = word;
  }
  SQLite::Statement note(db, "INSERT OR REPLACE INTO facet_chunks VALUES (?1, ?2, ?3, ?4)");
  note.bind(1, number);
  note.bind(2, chunk.first_time);
  note.bind(3, chunk.last_time);
  note.bind(4, words.data(), static_cast<int>(words.size()));
  note.exec();
}

std::vector<std::int64_t> read_words(std::string_view text) {
  std::vector<std::int64_t> words;
  std::int64_t word = 0;
  while (!text.empty()) words.push_back(word += static_cast<std::int64_t>(take_varint(text)));
  return words;
}

}  // namespace

const Facet* find_facet(std::string_view name) {
  const auto* const found =
      std::find_if(facets.begin(), facets.end(), [&](const Facet& f) { return f.name == name; });
  return found == facets.end() ? nullptr : found;
}

std::string write_bits(const ChunkBits& bits) {
  std::size_t count = 0;
  for (const auto part : bits) count += static_cast<std::size_t>(__builtin_popcountll(part));
  std::string text;
  if (count > few_bits) {
    for (const auto part : bits)
      for (int shift = 0; shift < 64; shift += 8) text += static_cast<char>(part >> shift);
    return text;
  }
  for (std::size_t i = 0; i < bits.size(); ++i)
    for (auto part = bits[i]; part != 0; part &= part - 1) {
      const auto place = i * 64 + static_cast<std::size_t>(__builtin_ctzll(part));
      text += static_cast<char>(place & 0xff);
      text += static_cast<char>(place >> 8);
    }
  return text;
}

void add_bits(ChunkBits& bits, std::string_view text) {
  const auto byte = [&](std::size_t at) {
    return static_cast<std::uint64_t>(static_cast<std::uint8_t>(text[at]));
  };
  if (text.size() == chunk_bytes) {
    for (std::size_t i = 0; i < text.size(); ++i) bits[i / 8] |= byte(i) << (i % 8 * 8);
    return;
  }
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    const auto place = byte(at) | byte(at + 1) << 8;
    if (place < rows_a_chunk) bits[place / 64] |= std::uint64_t{1} << (place % 64);
  }
}

bool index_step(SQLite::Database& db, std::int64_t newest) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  const auto number = next_chunk(db);
  if (!number || (*number + 1) * rows_a_chunk - 1 > newest) return false;
  write_chunk(db, *number, read_chunk(db, *number));
  transaction.commit();
  return true;
}

void forget_chunks(SQLite::Database& db) {
  SQLite::Statement gone(db,
                         "SELECT chunk, words FROM facet_chunks WHERE chunk < ifnull((SELECT "
                         "min(sequence) FROM traces), 0) / ?1 ORDER BY chunk LIMIT ?2");
  gone.bind(1, rows_a_chunk);
  gone.bind(2, chunks_forgotten_at_once);
  SQLite::Statement drop(db, "DELETE FROM facet_rows WHERE word = ?1 AND chunk = ?2");
  SQLite::Statement drop_word(db,
                              "DELETE FROM facet_words WHERE id = ?1 AND NOT EXISTS "
                              "(SELECT 1 FROM facet_rows WHERE word = ?1)");
  SQLite::Statement drop_chunk(db, "DELETE FROM facet_chunks WHERE chunk = ?1");
  std::vector<std::pair<std::int64_t, std::vector<std::int64_t>>> chunks;
  while (gone.executeStep()) {
    const auto words = gone.getColumn(1);
    chunks.emplace_back(gone.getColumn(0).getInt64(),
                        read_words({static_cast<const char*>(words.getBlob()),
                                    static_cast<std::size_t>(words.getBytes())}));
  }
  gone.reset();
  for (const auto& [chunk, words] : chunks) {
    for (const auto word : words) {
      drop.bind(1, word);
      drop.bind(2, chunk);
      drop.exec();
      drop.reset();
      drop_word.bind(1, word);
      drop_word.exec();
      drop_word.reset();
    }
    drop_chunk.bind(1, chunk);
    drop_chunk.exec();
    drop_chunk.reset();
  }
}

}  // namespace routerone::store
