// What the writer does between commits: floor, checkpoints, retention.
#include <algorithm>
#include <utility>

#include "daemon/store/writer.h"

namespace routerone::store {
namespace {

constexpr Millis between_floors{1'000};
constexpr Millis between_floors_in_trouble{100};  // then it is all that a kill would leave
constexpr Millis between_checkpoints{500};
constexpr int pages_worth_a_checkpoint = 1'000;  // 4 MiB
constexpr std::size_t rows_a_step = 500;
constexpr int pages_a_step = 512;
constexpr Millis between_steps{50};
constexpr Millis between_sums{10'000};
constexpr std::int64_t rows_worth_a_sum = 10'000;
constexpr std::int64_t rows_worth_a_digest = 1'024;
constexpr std::chrono::hours minutes_are_kept{62 * 24};

}  // namespace

void Writer::save_floor_if_due() {
  if (!floor_is_old_ || clock_.steady() < next_floor_) return;
  next_floor_ = clock_.steady() + (health_.writable ? between_floors : between_floors_in_trouble);
  // If it cannot be written the next round tries again; the database has the sums as well.
  const bool was_writable = std::exchange(floor_is_writable_, save_floor_now());
  if (floor_is_writable_ && !health_.writable) relieve_journal();
  if (was_writable != floor_is_writable_) publish();
}

bool Writer::save_floor_now() {
  ++floor_.number;  // one that failed may stand all the same
  if (!save_floor(options_.spend_floor, floor_)) return false;
  floor_is_old_ = false;
  return true;
}

/// Rows that wait in memory keep their places in the journal, unless it gets full: their money is
/// in the floor file by now, and new requests need a place more than these need a row.
void Writer::relieve_journal() {
  if (journal_.taken() > IntentJournal::places / 2) journal_.release(ring_.take_all_intents());
}

/// A few rows at a time, between commits: no answer's end ever waits for more than a step.
void Writer::sum_minutes_if_due() {
  const bool is_time = clock_.steady() >= next_sum_;
  const auto behind = connection_->unsummed();
  if (!summing_ && !is_time && behind < rows_worth_a_sum) return;
  next_sum_ = clock_.steady() + std::min(between_sums, options_.retention_every);
  summing_ = false;
  if (behind == 0) return;
  const auto more = connection_->sum_minutes(rows_a_step);
  summing_ = more && *more;
  if (!more && more.error().fault == Fault::damaged) suspected_ = generation_;
}

/// The same, for what usage and look-ups are made of; once all is done, a look now and then.
void Writer::digest_if_due() {
  if (!digesting_ && clock_.steady() < next_digest_ && newest_ - digested_ < rows_worth_a_digest)
    return;
  next_digest_ = clock_.steady() + std::min(between_sums, options_.retention_every);
  digested_ = newest_;
  const auto more = connection_->digest(clock_.wall());
  digesting_ = more && *more;
  if (!more && more.error().fault == Fault::damaged) suspected_ = generation_;
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
  if (auto pruned = connection_->prune_minutes(clock_.wall() - minutes_are_kept); !pruned)
    return tl::unexpected(std::move(pruned).error());
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
