#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

TEST_CASE("while another program holds the lock rows wait in memory, then they are written") {
  Fixture f;
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(1)));
  {
    SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
    shell.exec("BEGIN EXCLUSIVE");
    for (int i = 0; i < 20; ++i) CHECK_FALSE(f.commit(f.record(1)));
    const auto health = f.store->health();
    CHECK_FALSE(health.writable);
    CHECK(health.rows_waiting == 20);
    CHECK(health.trouble.find("lock") != std::string::npos);
    CHECK(f.store->settled()["wallet"].picousd == 21);
    CHECK(f.store->query({})->size() == 1);  // readers go on
    shell.exec("COMMIT");
  }
  CHECK(eventually([&] { return f.store->health().writable; }));
  CHECK(f.number("SELECT count(*) FROM traces") == 21);
  CHECK(f.store->health().rows_waiting == 0);
  CHECK(f.number("SELECT settled FROM ledger WHERE scope = 'wallet'") == 21);
  CHECK(f.troubles.size() == 1);  // one warning a minute
  CHECK(f.commit(f.record(1)));
}

TEST_CASE("a database locked when the store closes keeps the money in the floor") {
  Fixture f;
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(1)));
  SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
  shell.exec("BEGIN EXCLUSIVE");
  CHECK_FALSE(f.commit(f.record(10)));
  f.store.reset();
  shell.exec("COMMIT");
  REQUIRE(f.open().has_value());
  CHECK(f.store->settled()["wallet"].picousd == 11);
  CHECK(f.number("SELECT amount FROM corrections WHERE scope = 'wallet'") == 10);
}

TEST_CASE("rows beyond the ring are a counted gap, their money is not lost") {
  Fixture f;
  f.options.ring = 10;
  REQUIRE(f.open().has_value());
  {
    SQLite::Database shell(f.options.database.string(), SQLite::OPEN_READWRITE, 60'000);
    shell.exec("BEGIN EXCLUSIVE");
    for (int i = 0; i < 25; ++i) CHECK_FALSE(f.commit(f.record(3)));
    CHECK(f.store->health().rows_waiting == 10);
    CHECK(f.store->health().rows_lost == 15);
    CHECK(f.store->settled()["wallet"].picousd == 75);
    shell.exec("COMMIT");
  }
  CHECK(eventually([&] { return f.store->health().writable; }));
  CHECK(f.number("SELECT count(*) FROM traces") == 10);
  CHECK(f.number("SELECT settled FROM ledger WHERE scope = 'wallet'") == 75);
  CHECK(f.number("SELECT amount FROM corrections WHERE scope = 'wallet'") == 45);
}

namespace {

bool full_disk_story(Fixture& f) {
  std::signal(SIGXFSZ, SIG_IGN);
  if (!f.open() || !f.commit(f.record(1))) return false;
  rlimit small{4096, RLIM_INFINITY};
  ::setrlimit(RLIMIT_FSIZE, &small);
  int in_memory = 0;
  for (int i = 0; i < 200; ++i) in_memory += f.commit(f.record(1)) ? 0 : 1;
  if (in_memory == 0 || f.store->health().writable) return false;
  small.rlim_cur = RLIM_INFINITY;
  ::setrlimit(RLIMIT_FSIZE, &small);
  if (!eventually([&] { return f.store->health().writable; })) return false;
  return f.number("SELECT count(*) FROM traces") == 201 &&
         f.number("SELECT settled FROM ledger WHERE scope = 'wallet'") == 201 &&
         f.text("PRAGMA integrity_check") == "ok" && f.store->health().rows_lost == 0 &&
         f.store->health().quarantined.empty();
}

}  // namespace

TEST_CASE("when the disk is full rows wait, and are written once there is room") {
  const pid_t child = ::fork();
  if (child == 0) {
    bool ok = false;
    {
      Fixture f;
      ok = full_disk_story(f);
    }
    ::_exit(ok ? 0 : 1);
  }
  int status = 1;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
}

TEST_CASE(
    "a folder that is not there keeps nothing from being served; it is used once it is there") {
  Fixture f;
  f.options.database = f.folder / "later" / "routerone.db";
  REQUIRE(f.open().has_value());
  CHECK_FALSE(f.commit(f.record(4)));
  CHECK_FALSE(f.store->health().trouble.empty());
  CHECK(f.store->query({}).error().kind == ErrorKind::unavailable);
  CHECK(f.store->settled()["wallet"].picousd == 4);
  std::filesystem::create_directory(f.folder / "later");
  CHECK(eventually([&] { return f.store->health().writable; }));
  CHECK(f.store->query({})->size() == 1);
  CHECK(f.store->settled()["wallet"].picousd == 4);
}
