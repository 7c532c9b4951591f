#include "daemon/trace/recorder.h"

#include <memory>
#include <utility>

namespace routerone::trace {
namespace {

/// What a commit and its waiting coroutine share. The store may answer long after the coroutine has
/// gone, so it holds this weakly, and only the loop ever touches it.
struct Waiting {
  explicit Waiting(net::Loop& loop) : answered(loop) {}
  net::Event answered;
  bool committed = false;
};

}  // namespace

net::Task<void> Recorder::commit(CommitRecord record, Millis wait) {
  const auto waiting = std::make_shared<Waiting>(loop_);
  const std::weak_ptr<Waiting> weak = waiting;
  net::Loop* const loop = &loop_;
  std::function<void(bool)> done = [loop, weak](bool committed) {
    loop->post([weak, committed] {
      const auto mine = weak.lock();
      if (!mine) return;
      mine->committed = committed;
      mine->answered.set();
    });
  };
  store_.submit(std::move(record), std::move(done));
  const bool answered = co_await waiting->answered.wait_for(wait);
  if (!answered || !waiting->committed) store_.count_late();
}

void Recorder::note(CommitRecord record) {
  if (store_.admit_unasked(loop_.now())) store_.submit(std::move(record), nullptr);
}

}  // namespace routerone::trace
