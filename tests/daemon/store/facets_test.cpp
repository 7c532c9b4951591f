#include "daemon/store/facets.h"

#include <rapidcheck.h>

#include "daemon/store/connection.h"
#include "tests/daemon/store/fixture.h"
#include "tests/support/trace_maker.h"

using namespace routerone;
using namespace routerone::store;
using Op = Condition::Op;

namespace {

constexpr std::int64_t rows = 6'000;

Condition text_is(const char* column, Op op, std::string text) {
  return {column, op, false, 0, std::move(text)};
}
Condition number_is(const char* column, Op op, std::int64_t number) {
  return {column, op, true, number, ""};
}

/// 6,000 rows of 30 days, the look-ups made of all but the newest.
struct Busy : Fixture {
  std::vector<TraceRow> made;

  Busy() {
    const WallTime first = system.wall() - std::chrono::hours(24 * 30);
    const test::TraceMaker maker(first, std::chrono::hours(24 * 30), rows);
    auto opened = WriteConnection::open(options.database);
    REQUIRE(opened.has_value());
    std::vector<CommitRecord> records;
    std::vector<const CommitRecord*> pointers;
    for (std::int64_t n = 0; n < rows; ++n) records.push_back(maker.make(n));
    for (const auto& record : records) pointers.push_back(&record);
    REQUIRE((*opened)->commit(pointers, {}).has_value());
    while ((*opened)->sum_minutes(10'000).value()) {
    }
    while ((*opened)->digest(system.wall()).value()) {
    }
    for (auto& record : records) made.push_back(std::move(record.row));
  }

  std::vector<std::string> fitting(const std::function<bool(const TraceRow&)>& fits) const {
    std::vector<std::string> ids;
    for (auto row = made.rbegin(); row != made.rend(); ++row)
      if (fits(*row)) ids.push_back(row->id);
    return ids;
  }
};

std::vector<std::string> ids_of(const std::vector<StoredTrace>& traces) {
  std::vector<std::string> ids;
  for (const auto& trace : traces) ids.push_back(trace.row.id);
  return ids;
}

/// A clock that says at each look that more time has gone by than anybody has patience for.
struct Hasty final : Clock {
  mutable std::atomic<std::int64_t> millis{0};
  WallTime wall() const override { return SystemClock().wall(); }
  SteadyTime steady() const override { return SteadyTime(Millis(millis += 40)); }
};

struct Case {
  const char* name;
  std::vector<Condition> where;
  std::function<bool(const TraceRow&)> fits;
};

std::vector<Case> cases(const std::vector<TraceRow>& made) {
  const TraceRow& old = made[rows / 4];
  const WallTime early = made[1'000].time, late = made[5'000].time;
  return {
      {"id", {text_is("id", Op::equal, old.id)}, [&](auto& r) { return r.id == old.id; }},
      {"id's beginning",
       {text_is("id", Op::glob, old.id.substr(0, 13) + "*")},
       [&](auto& r) { return r.id.starts_with(old.id.substr(0, 13)); }},
      {"key", {text_is("key", Op::equal, "key-7")}, [](auto& r) { return r.key_name == "key-7"; }},
      {"no key of that name", {text_is("key", Op::equal, "x")}, [](auto&) { return false; }},
      {"not that key",
       {text_is("key", Op::not_equal, "key-7")},
       [](auto& r) { return r.key_name != "key-7"; }},
      {"model by its slug",
       {text_is("model", Op::glob, "model-9")},
       [](auto& r) { return r.model == "lab-4/model-9"; }},
      {"models of a lab",
       {text_is("model", Op::glob, "lab-4/*")},
       [](auto& r) { return r.model.starts_with("lab-4/"); }},
      {"not that model",
       {text_is("model", Op::not_equal, "model-0")},
       [](auto& r) { return r.model != "lab-0/model-0"; }},
      {"provider",
       {text_is("provider", Op::equal, "provider-4")},
       [](auto& r) { return r.provider == "provider-4"; }},
      {"session",
       {text_is("session", Op::equal, old.session)},
       [&](auto& r) { return r.session == old.session; }},
      {"status", {number_is("status", Op::equal, 402)}, [](auto& r) { return r.status == 402; }},
      {"status from on",
       {number_is("status", Op::greater_equal, 500)},
       [](auto& r) { return r.status >= 500; }},
      {"not that status",
       {number_is("status", Op::not_equal, 200)},
       [](auto& r) { return r.status != 200; }},
      {"client",
       {text_is("client", Op::glob, "codex*")},
       [](auto& r) { return r.client.starts_with("codex"); }},
      {"error", {text_is("error", Op::not_equal, "")}, [](auto& r) { return !r.error.empty(); }},
      {"route",
       {text_is("route", Op::equal, "fallback")},
       [](auto& r) { return r.route == Route::fallback; }},
      {"times",
       {number_is("time", Op::greater_equal, micros_since_epoch(early)),
        number_is("time", Op::less, micros_since_epoch(late))},
       [=](auto& r) { return r.time >= early && r.time < late; }},
      {"all at once",
       {text_is("key", Op::equal, "key-7"), text_is("model", Op::glob, "*-1"),
        number_is("status", Op::equal, 200), number_is("time", Op::less, micros_since_epoch(late))},
       [=](auto& r) {
         return r.key_name == "key-7" && r.model.ends_with("-1") && r.status == 200 &&
                r.time < late;
       }},
      {"what no facet tells",
       {number_is("cost", Op::greater, 50'000'000'000)},
       [](auto& r) { return r.cost && r.cost->picousd > 50'000'000'000; }},
  };
}

/// All pages, one after the other, in either order.
std::vector<std::string> all_pages(const TraceStore& store, Query query, int& pages,
                                   Millis patience = Millis(60'000)) {
  std::vector<std::string> ids;
  for (;; ++pages) {
    const auto page = store.page(query, patience);
    REQUIRE(page.has_value());
    for (auto& id : ids_of(page->traces)) ids.push_back(std::move(id));
    if (!page->cursor) return ids;
    (query.oldest_first ? query.after_sequence : query.before_sequence) = *page->cursor;
  }
}

}  // namespace

TEST_CASE("bits of a chunk are read as they were written, however many they are") {
  CHECK(rc::check([] {
    ChunkBits bits{};
    const auto places = *rc::gen::container<std::vector<std::size_t>>(
        *rc::gen::inRange(0, 400), rc::gen::inRange<std::size_t>(0, rows_a_chunk));
    for (const auto place : places) bits[place / 64] |= std::uint64_t{1} << (place % 64);
    ChunkBits read{};
    add_bits(read, write_bits(bits));
    RC_ASSERT(read == bits);
  }));
}

TEST_CASE("every filter finds what a look at each row finds, on whatever pages, in both orders") {
  Busy f;
  REQUIRE(f.open().has_value());
  for (const auto& [name, where, fits] : cases(f.made)) {
    CAPTURE(std::string(name));
    auto due = f.fitting(fits);
    for (const std::size_t limit : {10'000, 7}) {
      if (limit == 7 && due.size() > 700) continue;  // that many pages show no more
      Query query;
      query.where = where;
      query.limit = limit;
      int pages = 1;
      CHECK(all_pages(*f.store, query, pages) == due);
      CHECK(pages == static_cast<int>(std::max<std::size_t>(1, (due.size() + limit - 1) / limit)));
      query.oldest_first = true;
      pages = 1;
      CHECK(all_pages(*f.store, query, pages) == std::vector(due.rbegin(), due.rend()));
    }
  }
}

TEST_CASE("patience that is over in the middle loses no row and shows none twice") {
  Hasty clock;
  Busy f;
  REQUIRE(f.open(&clock).has_value());
  for (const auto& [name, where, fits] : cases(f.made)) {
    CAPTURE(std::string(name));
    Query query;
    query.where = where;
    query.limit = 10'000;
    for (const bool oldest_first : {false, true}) {
      query.oldest_first = oldest_first;
      int pages = 1;
      auto ids = all_pages(*f.store, query, pages, Millis(100));
      if (oldest_first) std::reverse(ids.begin(), ids.end());
      CHECK(ids == f.fitting(fits));
      if (std::string_view(name) == "what no facet tells") CHECK(pages > 1);
    }
  }
}

TEST_CASE("look-ups by id, key, model, provider, session, status and time read few rows") {
  Busy f;
  REQUIRE(f.open().has_value());
  const std::int64_t unindexed = rows % rows_a_chunk + 1;
  for (const auto& [name, where, fits] : cases(f.made)) {
    if (std::string_view(name) == "what no facet tells") continue;
    CAPTURE(std::string(name));
    Query query;
    query.where = where;
    query.limit = 10'000;
    const auto page = f.store->page(query, Millis(60'000));
    REQUIRE(page.has_value());
    // A chunk of which many rows may fit is read whole.
    const auto found = static_cast<std::int64_t>(page->traces.size());
    CHECK(page->rows_read <= unindexed + std::max(found * 4, std::min(found, 2l) * rows_a_chunk));
  }
}

TEST_CASE("SQLite answers each step of a look-up by a key of its tables") {
  Busy f;
  const auto plan = [&](const std::string& sql) {
    SQLite::Database db(f.options.database.string(), SQLite::OPEN_READONLY);
    SQLite::Statement query(db, "EXPLAIN QUERY PLAN " + sql);
    std::string text;
    while (query.executeStep()) text += query.getColumn(3).getString() + ";";
    return text;
  };
  CHECK(plan("SELECT id FROM facet_words WHERE facet = 2 AND word = 'key-7'") ==
        "SEARCH facet_words USING COVERING INDEX sqlite_autoindex_facet_words_1 (facet=? AND "
        "word=?);");
  CHECK(plan("SELECT chunk, rows FROM facet_rows WHERE word = 1 AND chunk BETWEEN 2 AND 3") ==
        "SEARCH facet_rows USING PRIMARY KEY (word=? AND chunk>? AND chunk<?);");
  CHECK(plan("SELECT sequence FROM traces WHERE sequence BETWEEN 1 AND 2 AND key_name = 'a' "
             "ORDER BY sequence DESC") ==
        "SEARCH traces USING INTEGER PRIMARY KEY (rowid>? AND rowid<?);");
  CHECK(plan("SELECT sequence FROM traces WHERE id >= 'a' AND id < 'b' LIMIT 9") ==
        "SEARCH traces USING COVERING INDEX sqlite_autoindex_traces_1 (id>? AND id<?);");
}

TEST_CASE("look-ups go on over rows that are pruned, and nothing is kept of their words") {
  Busy f;
  REQUIRE(f.open().has_value());
  const WallTime before = f.made[3'500].time;
  const auto pruned = f.store->prune(before, Millis(60'000));
  REQUIRE(pruned.has_value());
  CHECK(pruned->complete);
  CHECK(pruned->rows ==
        static_cast<std::int64_t>(f.fitting([&](auto& r) { return r.time < before; }).size()));
  for (const auto& [name, where, fits] : cases(f.made)) {
    CAPTURE(std::string(name));
    Query query;
    query.where = where;
    query.limit = 10'000;
    int pages = 1;
    CHECK(all_pages(*f.store, query, pages) ==
          f.fitting([&](auto& r) { return r.time >= before && fits(r); }));
  }
  CHECK(f.number("SELECT min(chunk) FROM facet_chunks") == 3);
  CHECK(f.number("SELECT count(*) FROM facet_rows WHERE chunk < 3") == 0);
  CHECK(f.number("SELECT count(*) FROM facet_words WHERE word = '" + f.made[5].session + "'") == 0);
  CHECK(f.number("SELECT count(*) FROM facet_words WHERE id NOT IN "
                 "(SELECT word FROM facet_rows)") == 0);
}
