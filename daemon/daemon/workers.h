#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>

#include "common/core/clock.h"
#include "common/core/random.h"
#include "daemon/http/sessions.h"
#include "daemon/listener/front_door.h"
#include "daemon/net/loop.h"
#include "daemon/relay/relay.h"
#include "daemon/store/trace_store.h"
#include "daemon/trace/recorder.h"
#include "daemon/upstream/upstream.h"

namespace routerone {

/// Rows go nowhere: for benchmarks that measure the relay alone.
class NoRecorder final : public trace::Recorder {
 public:
  using Recorder::Recorder;
  Result<IntentSlot> begin(const Intent&) override { return IntentSlot{0}; }
  void amend(IntentSlot, const Intent&, std::string_view) override {}
  net::Task<void> commit(CommitRecord, Millis) override { co_return; }
  void note(CommitRecord) override {}
};

/// All that belongs to one loop: its upstream pool, its relay, its front door, its thread. Parts of
/// different workers never touch each other but through what is shared on purpose.
struct Worker {
  Worker(const Clock& clock, Random& entropy) : loop(clock), random(entropy) {}

  net::Loop loop;
  BufferedRandom random;
  std::unique_ptr<upstream::Upstream> upstream;
  std::unique_ptr<trace::Recorder> recorder;
  std::optional<Relay> relay;
  std::optional<FrontDoor> door;
  std::optional<http::Sessions> sessions;
  std::thread thread;
};

}  // namespace routerone
