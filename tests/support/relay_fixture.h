#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "daemon/dialect/registry.h"
#include "tests/support/relay_data.h"
#include "tests/support/relay_world.h"
#include "tests/support/temp_dir.h"

namespace routerone::test {

/// A relay between a caller in memory and a scripted upstream: everything else is real. Two
/// providers, `a` before `b`, serve `lab/m` at 1 and 2 USD a million tokens.
struct RelayFixture {
  struct Seen {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string got;
    bool ended = false, aborted = false;

    std::string field(std::string_view name) const {
      for (const auto& [known, value] : fields) {
        if (known == name) return value;
      }
      return "";
    }
  };

  RelayFixture() {
    upstream.loop = &loop;
    store::StoreOptions options;
    options.database = dir.path() / "t.db";
    options.spend_floor = dir.path() / "floor";
    options.intents = dir.path() / "in-flight";
    store = *store::TraceStore::open(options, clock);
    recorder = std::make_unique<RowKeeper>(*store, loop);
    recorder->caller_has = [this] { return exchange ? exchange->got : std::string(); };
    relay = std::make_unique<Relay>(upstream, *recorder, routes, admission, random, requests);
    use(data.snapshot());
  }

  void use(const std::shared_ptr<const Snapshot>& snapshot) {
    admission.configure(snapshot->data);
    relay->use(snapshot);
  }

  /// `key` nullptr: the right one.
  Seen ask(std::string path, std::string body, const char* key = nullptr,
           std::string_view type = "application/json") {
    exchange = std::make_unique<MemoryExchange>(loop, std::move(path), std::move(body));
    authorization_ = "Bearer " + (key ? std::string(key) : std::string(data.key.reveal()));
    exchange->request().fields = {{"content-type", type}, {"authorization", authorization_}};
    for (const auto& field : more_fields) exchange->request().fields.push_back(field);
    const dialect::Match match = dialect::match(exchange->head().path, exchange->head().fields);
    loop.spawn(run(match));
    loop.run();
    loop.context().restart();
    return {exchange->status, exchange->fields, exchange->got, exchange->ended, exchange->aborted};
  }

  /// Of every request, beside its type and credential.
  std::vector<http::Field> more_fields;

  const std::vector<TraceRow>& rows() const { return recorder->rows; }
  const std::vector<std::string>& seen_at_commit() const { return recorder->seen_at_commit; }

  RelayData data;
  TempDir dir;
  ManualClock clock;
  CountingRandom random;
  net::Loop loop{clock};
  ScriptedUpstream upstream;
  RouteState routes{clock, random};
  admission::Admission admission{clock};
  std::atomic<std::uint64_t> requests{0};
  std::unique_ptr<store::TraceStore> store;
  std::unique_ptr<RowKeeper> recorder;
  std::unique_ptr<Relay> relay;
  std::unique_ptr<MemoryExchange> exchange;

 private:
  net::Task<void> run(dialect::Match match) {
    co_await relay->handle(*exchange, match);
    loop.stop();
  }

  std::string authorization_;
};

}  // namespace routerone::test
