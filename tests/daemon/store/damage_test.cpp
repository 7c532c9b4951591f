#include "daemon/store/damage.h"

#include <fstream>
#include <random>

#include "common/platform/files.h"
#include "daemon/store/schema.h"
#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;
namespace fs = std::filesystem;

namespace {

/// Five hundred rows, closed cleanly.
void fill(Fixture& f) {
  REQUIRE(f.open().has_value());
  for (int i = 0; i < 500; ++i) f.store->submit(f.record(2), nullptr);
  f.store.reset();
}

void overwrite(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::size_t damaged_files(const Fixture& f) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(f.folder)) {
    const auto name = entry.path().filename().string();
    if (name.find(".damaged-") != name.npos && !name.ends_with("-wal") && !name.ends_with("-shm"))
      ++count;
  }
  return count;
}

/// It opens, takes rows, has not forgotten the money, and has kept the old file.
void check_begun_anew(Fixture& f) {
  REQUIRE(f.open().has_value());
  CHECK_FALSE(f.store->health().quarantined.empty());
  CHECK(damaged_files(f) == 1);
  CHECK(fs::exists(f.folder / f.store->health().quarantined));
  CHECK(f.store->settled()["wallet"].picousd == 1000);
  CHECK(f.commit(f.record(5)));
  CHECK(f.store->settled()["wallet"].picousd == 1005);
  CHECK(f.store->query({})->size() == 1);
  CHECK(f.number("SELECT sum(amount) FROM corrections WHERE scope = 'wallet'") == 1000);
  CHECK_FALSE(f.troubles.empty());
}

}  // namespace

TEST_CASE("an empty, foreign or cut database is put aside and a new one begun") {
  Fixture f;
  fill(f);
  const auto whole = *read_file(f.options.database);
  SUBCASE("empty") { overwrite(f.options.database, ""); }
  SUBCASE("text") { overwrite(f.options.database, "these are my notes, not a database\n"); }
  SUBCASE("long text") { overwrite(f.options.database, std::string(100'000, 'x')); }
  SUBCASE("zeros") { overwrite(f.options.database, std::string(8192, '\0')); }
  SUBCASE("cut to half") { overwrite(f.options.database, whole.substr(0, whole.size() / 2)); }
  SUBCASE("cut in the header") { overwrite(f.options.database, whole.substr(0, 50)); }
  SUBCASE("cut after the header") { overwrite(f.options.database, whole.substr(0, 100)); }
  SUBCASE("another program's") {
    fs::remove(f.options.database);
    SQLite::Database db(f.options.database.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    db.exec("CREATE TABLE songs (title TEXT)");
  }
  SUBCASE("ours without its tables") {
    SQLite::Database db(f.options.database.string(), SQLite::OPEN_READWRITE);
    db.exec("DROP TABLE traces");
  }
  check_begun_anew(f);
}

TEST_CASE("a page of garbage anywhere stops neither the start nor the next row") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Fixture f;
    fill(f);
    auto bytes = *read_file(f.options.database);
    std::mt19937 dice(seed);
    const auto page = dice() % (bytes.size() / 4096);
    for (std::size_t i = 0; i < 4096; ++i) bytes[page * 4096 + i] = static_cast<char>(dice());
    overwrite(f.options.database, bytes);

    REQUIRE(f.open().has_value());
    // Seen at once or by the check beside the start; no page of this file is unused.
    CHECK(eventually([&] {
      f.commit(f.record(1));
      return !f.store->health().quarantined.empty();
    }));
    CHECK(f.commit(f.record(5)));
    CHECK(f.store->settled()["wallet"].picousd >= 1000);
    CHECK(f.store->query({}).has_value());
    CHECK(f.store->health().writable);
  }
}

TEST_CASE("a database of a newer version is left alone and both versions are told") {
  Fixture f;
  fill(f);
  {
    SQLite::Database db(f.options.database.string(), SQLite::OPEN_READWRITE);
    db.exec("PRAGMA user_version = 99");
  }
  const auto before = *read_file(f.options.database);
  const auto refused = f.open();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == ErrorKind::conflict);
  CHECK(refused.error().message.find("99") != std::string::npos);
  CHECK(refused.error().message.find("up to " + std::to_string(schema_version)) !=
        std::string::npos);
  CHECK(damaged_files(f) == 0);
  CHECK(*read_file(f.options.database) == before);
}

TEST_CASE("damage that shows only while running is put aside on the fly, money kept") {
  Fixture f;
  fill(f);
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(1)));
  // The check at the start has long passed; now another program writes over the file.
  for (auto ending : {"", "-wal"}) {
    auto path = f.options.database;
    path += ending;
    const auto size = fs::file_size(path);
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file << std::string(size, '\x5a');
  }
  CHECK(eventually([&] {
    (void)f.store->query({});
    f.commit(f.record(1));
    return !f.store->health().quarantined.empty();
  }));
  CHECK(f.commit(f.record(1)));
  CHECK(f.store->health().writable);
  CHECK(f.store->settled()["wallet"].picousd >= 1002);
  CHECK(f.number("SELECT settled FROM ledger WHERE scope = 'wallet'") ==
        f.store->settled()["wallet"].picousd);
}

TEST_CASE("databases put aside in the same second get names of their own") {
  Fixture f;
  const auto now = wall_from_micros(1'795'176'000'123'456);
  for (const char* expected :
       {"routerone.db.damaged-20261120T120000Z", "routerone.db.damaged-20261120T120000Z-2"}) {
    overwrite(f.options.database, "x");
    overwrite(f.folder / "routerone.db-wal", "y");
    const auto name = put_aside(f.options.database, now);
    REQUIRE(name.has_value());
    CHECK(*name == expected);
    CHECK(fs::exists(f.folder / (*name + "-wal")));
    CHECK_FALSE(fs::exists(f.folder / "routerone.db-wal"));
  }
}
