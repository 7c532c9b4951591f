#include "daemon/upstream/background.h"

#include <utility>

namespace routerone::upstream {

void Background::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Background::run(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(work));
  if (resting_ == 0 && threads_.size() < most_) threads_.emplace_back([this] { serve(); });
  wake_.notify_one();
}

void Background::serve() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      ++resting_;
      wake_.wait(lock);
      --resting_;
      continue;
    }
    const std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace routerone::upstream
