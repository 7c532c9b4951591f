#include "daemon/trace/recorder.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>

#include "common/core/ids.h"

using namespace routerone;
using namespace routerone::trace;

namespace {

struct World {
  std::filesystem::path folder;
  SystemClock clock;
  SystemRandom random;
  net::Loop loop{clock};
  std::unique_ptr<store::TraceStore> traces;
  std::unique_ptr<Recorder> recorder;

  World() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "routerone-trace-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    store::StoreOptions options;
    options.database = folder / "routerone.db";
    options.spend_floor = folder / "spend-floor";
    auto opened = store::TraceStore::open(options, clock);
    REQUIRE(opened.has_value());
    traces = *std::move(opened);
    recorder = std::make_unique<Recorder>(*traces, loop);
  }
  ~World() {
    traces.reset();
    std::filesystem::remove_all(folder);
  }
  CommitRecord record() {
    CommitRecord made;
    made.row.time = clock.wall();
    made.row.id = make_uuid_v7(made.row.time, random);
    return made;
  }
};

net::Task<void> commit_and_stop(World& world, CommitRecord record, Millis wait,
                                std::size_t& rows_seen) {
  co_await world.recorder->commit(std::move(record), wait);
  const auto rows = world.traces->query({});
  rows_seen = rows ? rows->size() : 99;
  world.loop.stop();
}

}  // namespace

TEST_CASE("when commit returns, the row is in the database") {
  World world;
  std::size_t rows_seen = 0;
  world.loop.post(
      [&] { world.loop.spawn(commit_and_stop(world, world.record(), Millis(60'000), rows_seen)); });
  world.loop.run();
  CHECK(rows_seen == 1);
  CHECK(world.traces->health().rows_late == 0);
}

TEST_CASE("a row that only memory could take does not hold its answer, and is counted late") {
  World world;
  SQLite::Database shell((world.folder / "routerone.db").string(), SQLite::OPEN_READWRITE);
  shell.exec("BEGIN EXCLUSIVE");
  std::size_t rows_seen = 99;
  world.loop.post(
      [&] { world.loop.spawn(commit_and_stop(world, world.record(), Millis(60'000), rows_seen)); });
  world.loop.run();
  CHECK(rows_seen == 0);
  CHECK(world.traces->health().rows_late == 1);
  CHECK(world.traces->health().rows_waiting == 1);
  shell.exec("COMMIT");
}

TEST_CASE("an answer from the store after the waiting ended finds nobody and harms nobody") {
  World world;
  std::size_t rows_seen = 99;
  world.loop.post(
      [&] { world.loop.spawn(commit_and_stop(world, world.record(), Millis(0), rows_seen)); });
  world.loop.run();
  world.traces->wait_after(0, Millis(60'000));
  CHECK(world.traces->newest_sequence() == 1);
  CHECK(world.traces->health().rows_late <= 1);
}

TEST_CASE("rows nobody waits for are kept up to ten a second") {
  World world;
  for (int i = 0; i < 50; ++i) world.recorder->note(world.record());
  const auto unkept = world.traces->health().rows_unkept;
  CHECK(unkept >= 20);  // fifty notes touch at most three different seconds
  CHECK(world.traces->wait_after(static_cast<std::int64_t>(50 - unkept) - 1, Millis(60'000)) ==
        static_cast<std::int64_t>(50 - unkept));
}
