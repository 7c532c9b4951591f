#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <future>

#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;
namespace fs = std::filesystem;

namespace {

std::int64_t number_in(const fs::path& file, const std::string& sql) {
  SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
  SQLite::Statement query(db, sql);
  return query.executeStep() ? query.getColumn(0).getInt64() : -1;
}

std::string text_in(const fs::path& file, const std::string& sql) {
  SQLite::Database db(file.string(), SQLite::OPEN_READONLY);
  SQLite::Statement query(db, sql);
  return query.executeStep() ? query.getColumn(0).getString() : "";
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

struct Filled : Fixture {
  fs::path place;
  Filled() : place(folder / "copies") {
    fs::create_directory(place);
    REQUIRE(open().has_value());
    for (int i = 0; i < 4'000; ++i) {
      auto made = record(2);
      made.row.session = std::string(500, 's');
      store->submit(std::move(made), nullptr);
    }
    REQUIRE(eventually([&] { return store->newest_sequence() == 4'000; }));
  }
};

}  // namespace

TEST_CASE("a copy is the whole database, sound, one file, and for its owner alone") {
  Filled f;
  const auto file = f.place / "copy.db";
  const auto done = f.store->back_up(file);
  REQUIRE(done.has_value());
  CHECK(done->rows == 4'000);
  CHECK(done->bytes == fs::file_size(file));
  struct stat info {};
  REQUIRE(::stat(file.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(info.st_nlink == 1);
  CHECK(files_in(f.place) == 1);
  CHECK(text_in(file, "PRAGMA integrity_check") == "ok");
  CHECK(number_in(file, "SELECT settled FROM ledger WHERE scope = 'wallet'") == 8'000);
  CHECK(files_in(f.place) == 1);

  // It is a database like any: a store goes on with it.
  fs::copy_file(file, f.folder / "again.db");
  f.options.database = f.folder / "again.db";
  REQUIRE(f.open().has_value());
  CHECK(f.store->newest_sequence() == 4'000);
}

TEST_CASE("a copy made while rows are written is of one moment, and no row waits for it") {
  Filled f;
  std::atomic<bool> stop{false};
  std::atomic<int> committed{0};
  std::thread writing([&] {
    while (!stop) {
      f.commit(f.record(3));
      ++committed;
    }
  });
  for (int i = 0; i < 3; ++i) {
    const auto file = f.place / ("copy-" + std::to_string(i));
    const int before = committed;
    const auto done = f.store->back_up(file);
    CHECK(done.has_value());
    CHECK(committed > before);
    CHECK(text_in(file, "PRAGMA integrity_check") == "ok");
    CHECK(number_in(file,
                    "SELECT sum(cost) - (SELECT settled FROM ledger WHERE scope = 'wallet') "
                    "FROM traces") == 0);
    CHECK(number_in(file,
                    "SELECT count(*) - (SELECT sum(requests) FROM usage_quarters) "
                    "FROM traces") == 0);
  }
  stop = true;
  writing.join();
}

TEST_CASE("a copy never takes the place of a file, a link or a folder that is there") {
  Filled f;
  std::ofstream(f.place / "file") << "mine";
  fs::create_symlink(f.place / "nowhere", f.place / "link");
  fs::create_directory(f.place / "folder");
  for (const char* name : {"file", "link", "folder"}) {
    CAPTURE(name);
    CHECK(f.store->back_up(f.place / name).error().kind == ErrorKind::conflict);
  }
  CHECK(fs::file_size(f.place / "file") == 4);
  CHECK(files_in(f.place) == 3);
  CHECK(f.store->back_up("relative.db").error().kind == ErrorKind::invalid);
  const auto nowhere = f.store->back_up(f.folder / "no-such-folder" / "copy.db");
  REQUIRE_FALSE(nowhere.has_value());
  CHECK(nowhere.error().message.find("No such file") != std::string::npos);
}

TEST_CASE("a copy ends where the daemon is about to stop, and leaves nothing that is not whole") {
  Filled f;
  const auto file = f.place / "copy.db";
  std::future<Result<TraceStore::BackedUp>> copy =
      std::async(std::launch::async, [&] { return f.store->back_up(file); });
  CHECK(eventually([&] { return files_in(f.place) > 0; }));
  f.store->stop_backing_up();
  const auto done = copy.get();
  if (!done) CHECK(done.error().kind == ErrorKind::unavailable);
  CHECK(fs::exists(file) == done.has_value());
  const auto late = f.store->back_up(f.place / "late.db");
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().message.find("stopping") != std::string::npos);
  f.store.reset();
  CHECK(files_in(f.place) == (done ? 1 : 0));
}

TEST_CASE("a disk that is full leaves no half copy, says so, and the daemon goes on writing") {
  Filled f;
  // No file may grow beyond 1 MiB: to the writer the same as a disk that is full.
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 1 << 20;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  const auto done = f.store->back_up(f.place / "copy.db");
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().kind == ErrorKind::unavailable);
  CHECK(done.error().message.find("disk") != std::string::npos);
  CHECK(files_in(f.place) == 0);
  CHECK(eventually([&] { return f.commit(f.record(1)); }));
  CHECK(f.store->back_up(f.place / "copy.db").has_value());
}
