#include "daemon/daemon/health_keeper.h"

#include <utility>

#include "daemon/store/health_file.h"

namespace routerone {

HealthKeeper::HealthKeeper(routing::Health& health, std::filesystem::path file,
                           std::function<void(const std::string&)> warn)
    : health_(health), file_(std::move(file)), warn_(std::move(warn)) {
  if (const auto kept = store::load_health(file_)) {
    health_.load(*kept);
  } else {
    warn_("what was known of the providers' health is lost: " + kept.error().message);
  }
  saved_ = health_.changes();
  thread_ = std::thread([this] { run(); });
}

HealthKeeper::~HealthKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_one();
  thread_.join();
  save();
}

void HealthKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, between_saves, [this] { return stop_; })) {
    lock.unlock();
    save();
    lock.lock();
  }
}

void HealthKeeper::save() {
  const std::uint64_t changes = health_.changes();
  if (changes == saved_) return;
  if (const Status kept = store::save_health(file_, health_.save()); !kept) {
    warn_("the providers' health cannot be kept: " + kept.error().message);
  }
  saved_ = changes;
}

}  // namespace routerone
