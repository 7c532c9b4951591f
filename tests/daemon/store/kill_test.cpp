#include <sys/wait.h>

#include <csignal>
#include <set>

#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

namespace {

/// In a child: writes rows from two threads for ever; each id goes into the pipe once it was
/// committed, as an answer would go to its caller.
void write_until_killed(Fixture& f, int pipe) {
  if (!f.open()) ::_exit(1);
  const auto flood = [&] {
    for (;;) {
      auto record = f.record(1);
      const std::string id = record.row.id + "\n";
      if (f.commit(std::move(record))) (void)!::write(pipe, id.data(), id.size());
    }
  };
  std::thread other(flood);
  flood();
}

std::set<std::string> read_ids(int pipe) {
  std::string all;
  char buffer[65'536];
  for (ssize_t got; (got = ::read(pipe, buffer, sizeof buffer)) > 0;)
    all.append(buffer, static_cast<std::size_t>(got));
  std::set<std::string> ids;
  for (std::size_t at = 0, end; (end = all.find('\n', at)) != all.npos; at = end + 1)
    ids.insert(all.substr(at, end - at));
  return ids;
}

}  // namespace

TEST_CASE(
    "after kill -9 under load every row that was acknowledged is there and the file is whole") {
  Fixture f;
  std::size_t before = 0;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(f, ends[1]);
      ::_exit(1);
    }
    ::close(ends[1]);
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(150 + 40 * round));
      ::kill(child, SIGKILL);
    });
    const auto acknowledged = read_ids(ends[0]);
    killer.join();
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);

    REQUIRE(f.open().has_value());
    CHECK(f.store->health().quarantined.empty());
    CHECK(f.text("PRAGMA integrity_check") == "ok");
    CHECK(acknowledged.size() > 10);
    for (const auto& id : acknowledged) {
      const auto found = f.store->find(id);
      REQUIRE(found.has_value());
      CHECK(found->has_value());
    }
    const auto rows = static_cast<std::size_t>(f.number("SELECT count(*) FROM traces"));
    CHECK(rows >= before + acknowledged.size());
    // The floor may know of spend whose row was still in memory; then there is a correction.
    CHECK(f.number("SELECT settled FROM ledger WHERE scope = 'wallet'") ==
          static_cast<std::int64_t>(rows) +
              f.number("SELECT ifnull(sum(amount), 0) FROM corrections WHERE scope = 'wallet'"));
    before = rows;
    f.store.reset();
  }
}
