#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "common/core/ids.h"
#include "daemon/store/spend.h"
#include "daemon/store/trace_store.h"

namespace routerone::store {

/// The machine's clock, with some time added to the wall's. Any thread.
struct MovedClock final : Clock {
  SystemClock system;
  std::atomic<int> days{0};
  std::atomic<int> minutes{0};
  WallTime wall() const override {
    return system.wall() + std::chrono::hours(24 * days) + std::chrono::minutes(minutes);
  }
  SteadyTime steady() const override { return system.steady(); }
};

/// A store in a folder of its own, gone with the test.
struct Fixture {
  std::filesystem::path folder;
  SystemClock system;
  SystemRandom random;
  StoreOptions options;
  std::mutex mutex;
  std::vector<std::string> troubles;
  std::unique_ptr<TraceStore> store;

  Fixture() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "routerone-store-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    options.database = folder / "routerone.db";
    options.spend_floor = folder / "spend-floor";
    options.intents = folder / "intents";
    options.on_trouble = [this](const std::string& words) {
      const std::lock_guard lock(mutex);
      troubles.push_back(words);
    };
  }
  ~Fixture() {
    store.reset();
    std::filesystem::remove_all(folder);
  }

  Status open(const Clock* clock = nullptr) {
    store.reset();
    auto opened = TraceStore::open(options, clock ? *clock : system);
    if (!opened) return tl::unexpected(std::move(opened).error());
    store = *std::move(opened);
    return {};
  }

  TraceRow row(std::int64_t picousd = 1000) {
    TraceRow made;
    made.time = system.wall();
    made.id = make_uuid_v7(made.time, random);
    made.key_id = "key-1";
    made.key_name = "ci";
    made.project = "default";
    made.model = "openai/gpt-5";
    made.provider = "openai";
    made.usage.input = 10;
    made.usage.output = 5;
    made.cost = Money{picousd};
    made.status = 200;
    return made;
  }
  CommitRecord record(std::int64_t picousd = 1000) {
    return {row(picousd), {{"wallet", {picousd}}, {"key:key-1", {picousd}}}};
  }

  /// As a relay makes it: the row's cost in each of the scopes it belongs to.
  static CommitRecord record_of(TraceRow row) {
    CommitRecord made;
    if (row.cost && row.cost->picousd > 0)
      for (auto& scope : scopes_of(row)) made.moves.push_back({std::move(scope), *row.cost});
    made.row = std::move(row);
    return made;
  }

  /// Submits and waits for the answer: committed, or only in memory.
  bool commit(CommitRecord record) {
    std::mutex m;
    std::condition_variable answered;
    int answer = -1;
    store->submit(std::move(record), [&](bool committed) {
      const std::lock_guard lock(m);
      answer = committed ? 1 : 0;
      answered.notify_one();
    });
    std::unique_lock lock(m);
    answered.wait(lock, [&] { return answer >= 0; });
    return answer == 1;
  }

  /// One number straight from the file, beside the store.
  std::int64_t number(const std::string& sql) const {
    SQLite::Database db(options.database.string(), SQLite::OPEN_READONLY, 2000);
    SQLite::Statement statement(db, sql);
    return statement.executeStep() ? statement.getColumn(0).getInt64() : 0;
  }
  std::string text(const std::string& sql) const {
    SQLite::Database db(options.database.string(), SQLite::OPEN_READONLY, 2000);
    SQLite::Statement statement(db, sql);
    return statement.executeStep() ? statement.getColumn(0).getString() : "";
  }
};

template <class Condition_>
bool eventually(Condition_ condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

}  // namespace routerone::store
