#include "daemon/daemon/heartbeat.h"

namespace routerone {

struct Heartbeat::Beat {
  std::vector<net::Loop*> loops;
  std::function<void()> alive;
  std::atomic<bool> under_way{false};
  std::mutex mutex;  ///< Held while `alive` is called or forgotten.
};

Heartbeat::Heartbeat(std::vector<net::Loop*> loops, Millis every, std::function<void()> alive)
    : beat_(std::make_shared<Beat>()) {
  beat_->loops = std::move(loops);
  beat_->alive = std::move(alive);
  thread_ = std::thread([this, every] {
    std::unique_lock hold(mutex_);
    do {
      if (!beat_->under_way.exchange(true)) pass_on(beat_, 0);
    } while (!wake_.wait_for(hold, every, [this] { return stopped_; }));
  });
}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard hold(mutex_);
    stopped_ = true;
  }
  wake_.notify_one();
  thread_.join();
  const std::lock_guard hold(beat_->mutex);
  beat_->alive = nullptr;
}

void Heartbeat::pass_on(const std::shared_ptr<Beat>& beat, std::size_t to) {
  beat->loops[to]->post([beat, to] {
    if (to + 1 < beat->loops.size()) return pass_on(beat, to + 1);
    const std::lock_guard hold(beat->mutex);
    if (beat->alive) beat->alive();
    beat->under_way = false;
  });
}

}  // namespace routerone
