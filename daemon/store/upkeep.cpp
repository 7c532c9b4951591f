// What the writer does between commits: floor, checkpoints, retention.
#include <algorithm>

#include "daemon/store/spend_floor.h"
#include "daemon/store/writer.h"

namespace routerone::store {
namespace {

constexpr Millis between_floors{1'000};
constexpr Millis between_checkpoints{500};
constexpr int pages_worth_a_checkpoint = 1'000;  // 4 MiB
constexpr std::size_t rows_a_step = 500;
constexpr int pages_a_step = 512;
constexpr Millis between_steps{50};

}  // namespace

void Writer::save_floor_if_due() {
  if (!floor_is_old_ || clock_.steady() < next_floor_) return;
  next_floor_ = clock_.steady() + between_floors;
  // If it cannot be written the next round tries again; the database has the sums as well.
  if (save_floor(options_.spend_floor, settled_)) floor_is_old_ = false;
}

void Writer::checkpoint_if_due() {
  // Each costs an fsync, and a reader may hold the end of the log back: not after every commit.
  if (connection_->log_pages() < pages_worth_a_checkpoint || clock_.steady() < next_checkpoint_)
    return;
  next_checkpoint_ = clock_.steady() + between_checkpoints;
  connection_->checkpoint();
}

void Writer::retain_if_due() {
  if (clock_.steady() < next_retention_) return;
  const auto more = retain_step();
  if (!more && more.error().fault == Fault::damaged) suspected_ = generation_;
  const bool go_on = more && *more;
  next_retention_ = clock_.steady() + (go_on ? between_steps : options_.retention_every);
}

/// True if there is more to do.
Outcome<bool> Writer::retain_step() {
  const auto cutoff = clock_.wall() - std::chrono::hours(24) * state_.retention_days.load();
  auto deleted = connection_->prune(cutoff, rows_a_step);
  if (!deleted) return tl::unexpected(std::move(deleted).error());
  if (*deleted == 0) {
    const auto used = connection_->bytes_used();
    if (!used) return tl::unexpected(used.error());
    if (*used > state_.retention_bytes.load())
      deleted = connection_->prune(WallTime::max(), rows_a_step);
    if (!deleted) return tl::unexpected(std::move(deleted).error());
  }
  if (*deleted > 0)
    if (auto shrunk = connection_->shrink(pages_a_step); !shrunk)
      return tl::unexpected(std::move(shrunk).error());
  return *deleted > 0;
}

}  // namespace routerone::store
