#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/control/client.h"
#include "common/control/contract.h"
#include "common/core/ids.h"
#include "common/core/text.h"
#include "daemon/control/control_plane.h"
#include "tests/support/temp_dir.h"

namespace routerone::test {

/// Stands still until a test moves it; read by the control threads.
class SetClock final : public Clock {
 public:
  WallTime wall() const override { return wall_from_micros(micros_); }
  SteadyTime steady() const override { return SteadyTime(std::chrono::microseconds(micros_)); }
  void advance(std::chrono::seconds by) { micros_ += std::chrono::microseconds(by).count(); }

 private:
  std::atomic<std::int64_t> micros_{1'700'000'000'000'000};
};

/// A real control plane on a real socket in a folder of its own, with real stores. Only what the
/// rest of the daemon would do is played: taking snapshots, calling providers, its own status.
class PlaneWorld {
 public:
  PlaneWorld()
      : admission(clock),
        proofs(random, clock),
        health(clock),
        catalog(catalog::Catalog::built_in()),
        paths{folder.path() / "config", folder.path() / "state", folder.path() / "run"},
        files(paths.control_file(), paths.pepper(), paths.secrets_dir()),
        client(paths.control_socket()) {
    std::filesystem::create_directories(paths.state_dir);
    store::StoreOptions options;
    options.database = paths.database();
    options.spend_floor = paths.spend_floor();
    options.intents = paths.state_dir / "intents";
    auto opened = store::TraceStore::open(options, clock);
    REQUIRE(opened);
    traces = *std::move(opened);
    start();
  }

  Status try_start() {
    plane.reset();
    routing::BuiltIn play;
    play.record.id = "sandbox";
    play.record.endpoints = {{"openai-chat", "http://127.0.0.1:9/v1"}};
    play.models = {"echo"};
    play.price_json = R"({"input":1,"output":2})";
    control::Services services{paths,  clock,  random, files, *traces, admission, proofs,
                               health, {play}, {},     {},    {},      {}};
    services.publish = [this](std::shared_ptr<const Snapshot> snapshot) {
      const std::lock_guard hold(mutex_);
      snapshot_ = std::move(snapshot);
      ++published_;
    };
    services.probe = [this](const control::ProbeRequest& request) {
      const std::lock_guard hold(mutex_);
      probed_.push_back(request);
      return probe_answer ? probe_answer(request) : control::ProbeAnswer{};
    };
    services.status = [] {
      control::DaemonStatus status;
      status.listening = {"127.0.0.1:7411"};
      status.pid = 4711;
      status.requests = 3;
      return status;
    };
    services.shutdown = [this] { ++shutdowns; };
    auto started = control::ControlPlane::start(std::move(services));
    if (!started) return tl::unexpected(std::move(started).error());
    plane = *std::move(started);
    return {};
  }
  void start() {
    const auto started = try_start();
    REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
  }

  std::shared_ptr<const Snapshot> snapshot() const {
    const std::lock_guard hold(mutex_);
    return snapshot_;
  }
  int published() const {
    const std::lock_guard hold(mutex_);
    return published_;
  }
  std::vector<control::ProbeRequest> probed() const {
    const std::lock_guard hold(mutex_);
    return probed_;
  }

  Result<Json> create_key(const std::string& name) {
    control::KeyWish wish;
    wish.name = name;
    return client.create_key(wish);
  }
  Result<Json> create_key(const std::string& name, const control::LimitsWish& limits) {
    control::KeyWish wish;
    wish.name = name;
    wish.limits = limits;
    return client.create_key(wish);
  }
  /// What a loop would decide by: the record of a key in the snapshot.
  KeyRecord record_of(const std::string& name) const {
    for (const KeyRecord& key : snapshot()->data.keys)
      if (!key.revoked && key.name == name) return key;
    FAIL("no such key in the snapshot");
    return {};
  }
  /// A request of that key that costs so much, from admission to its end.
  void spend(const std::string& key_name, std::int64_t picousd) {
    const KeyRecord key = record_of(key_name);
    auto pass = admission.enter(key, 1);
    REQUIRE(pass);
    REQUIRE(admission.reserve(*pass, key, {Money{picousd}, 0, 1, 1, false}));
    pass->settle(Money{picousd}, 1);
  }
  /// Adds a provider of nobody's that needs no key.
  Result<Json> add_local(const std::string& id) {
    control::ProviderWish wish;
    wish.id = id;
    wish.base_url = "http://127.0.0.1:11434/v1";
    wish.auth = "none";
    return client.add_provider(wish);
  }

  TraceRow row(const std::string& model, std::int64_t picousd) {
    TraceRow made;
    made.time = clock.wall();
    made.id = make_uuid_v7(made.time, random);
    made.key_id = "key-1";
    made.key_name = "ci";
    made.project = "default";
    made.requested_model = made.model = model;
    made.provider = model.substr(0, model.find('/'));
    made.usage.input = 10;
    made.usage.output = 5;
    made.usage_source = UsageSource::upstream;
    made.cost = Money{picousd};
    made.price_source = PriceSource::catalog;
    made.status = 200;
    return made;
  }
  /// Hands a row to the store and waits until it is committed.
  void commit(TraceRow made, std::vector<LedgerMove> moves = {}) {
    std::mutex mutex;
    std::condition_variable changed;
    bool answered = false;
    traces->submit({std::move(made), std::move(moves)}, [&](bool) {
      const std::lock_guard hold(mutex);
      answered = true;
      changed.notify_one();
    });
    std::unique_lock hold(mutex);
    changed.wait(hold, [&] { return answered; });
  }

  TempDir folder;
  SetClock clock;
  SystemRandom random;
  admission::Admission admission;
  auth::Proofs proofs;
  routing::Health health;
  const catalog::Catalog catalog;
  const Paths paths;
  store::ControlStore files;
  std::unique_ptr<store::TraceStore> traces;
  std::function<control::ProbeAnswer(const control::ProbeRequest&)> probe_answer;
  std::atomic<int> shutdowns{0};
  const control::Client client;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;
  int published_ = 0;
  std::vector<control::ProbeRequest> probed_;

 public:
  std::unique_ptr<control::ControlPlane> plane;  // uses all above
};

/// `kind: message / hint` of an error; empty if there was none.
inline std::string fault_of(const Result<Json>& result) {
  if (result) return "";
  return std::string(control::word_of(result.error().kind)) + ": " + result.error().message +
         " / " + result.error().hint;
}

inline bool says(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace routerone::test
