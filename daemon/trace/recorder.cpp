#include "daemon/trace/recorder.h"

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace routerone::trace {

/// What a commit and its waiting coroutine share. The store may answer long after the coroutine has
/// gone, so it holds this weakly, and only the loop ever touches it.
struct Recorder::Waiting {
  explicit Waiting(net::Loop& loop) : answered(loop) {}
  net::Event answered;
  bool committed = false;
};

/// What the writer has to tell this loop: one call to the loop a batch, however many rows it had.
struct Recorder::Mailbox {
  struct Told {
    std::weak_ptr<Waiting> whom;
    bool committed = false;
  };
  void put(Told news, net::Loop& loop, const std::shared_ptr<Mailbox>& self) {
    const std::lock_guard lock(mutex);
    told.push_back(std::move(news));
    if (told.size() == 1) loop.post([self] { self->deliver(); });
  }
  void deliver() {
    std::vector<Told> now;
    {
      const std::lock_guard lock(mutex);
      now.swap(told);
    }
    for (const Told& news : now) {
      const auto waiting = news.whom.lock();
      if (!waiting) continue;
      waiting->committed = news.committed;
      waiting->answered.set();
    }
  }

  std::mutex mutex;
  std::vector<Told> told;
};

Recorder::Recorder(store::TraceStore& store, net::Loop& loop)
    : store_(store), loop_(loop), mailbox_(std::make_shared<Mailbox>()) {}
Recorder::~Recorder() = default;

Result<IntentSlot> Recorder::begin(const Intent& intent) { return store_.begin(intent); }

void Recorder::amend(IntentSlot slot, const Intent& intent, std::string_view upstream_request_id) {
  store_.amend(slot, intent, upstream_request_id);
}

bool Recorder::spend_is_durable() const { return store_.spend_is_durable(); }

net::Task<void> Recorder::commit(CommitRecord record, Millis wait) {
  auto waiting = std::make_shared<Waiting>(loop_);
  store_.submit(std::move(record),
                [loop = &loop_, mailbox = mailbox_, whom = std::weak_ptr(waiting)](bool committed) {
                  mailbox->put({whom, committed}, *loop, mailbox);
                });
  return await(std::move(waiting), wait);
}

/// Apart from commit(), so that no frame has to hold the record.
net::Task<void> Recorder::await(std::shared_ptr<Waiting> waiting, Millis wait) {
  const bool answered = co_await waiting->answered.wait_for(wait);
  if (!answered || !waiting->committed) store_.count_late();
}

void Recorder::note(CommitRecord record) {
  if (store_.admit_unasked(loop_.now())) store_.submit(std::move(record), nullptr);
}

}  // namespace routerone::trace
