// What other threads ask of the writer and wait for.
#include <algorithm>
#include <future>
#include <utility>

#include "daemon/store/spend.h"
#include "daemon/store/writer.h"

namespace routerone::store {
namespace {

constexpr std::size_t rows_a_prune = 500;
constexpr int pages_a_prune = 512;
constexpr int pages_a_copy = 256;  // 1 MiB between commits

}  // namespace

void Writer::do_on_thread(const std::function<void()>& job) {
  std::promise<void> done;
  inbox_.ask([&] {
    job();
    done.set_value();
  });
  done.get_future().wait();
}

void Writer::do_jobs() {
  for (const auto& job : inbox_.take_jobs()) job();
}

void Writer::catch_up() {
  do_on_thread([] {});
}

std::vector<SpendMinute> Writer::spend_since(WallTime since) {
  std::vector<SpendMinute> found;
  do_on_thread([&] {
    auto read = connection_ ? connection_->spend_since(since)
                            : tl::unexpected(Problem{fault_, health_.trouble});
    if (!read) {
      found = floor_.days.since(minute_of(since));  // has what waits in memory too
      return;
    }
    found = *std::move(read);
    add_waiting(minute_of(since), found);
  });
  return found;
}

void Writer::add_waiting(std::int64_t first, std::vector<SpendMinute>& found) const {
  for (const auto& [row, moves, intent] : ring_.rows()) {
    const auto minute = settled_minute(row);
    if (minute < first) continue;
    for (const auto& scope : scopes_of(row))
      found.push_back(
          {scope, minute, row.cost.value_or(Money{}), was_sent(row) ? 1 : 0, tokens_of(row.usage)});
  }
  for (const auto& [scope, amount] : ring_.lost_money())
    found.push_back({scope, minute_of(clock_.wall()), amount, 0, 0});
}

Result<TraceStore::Reconciled> Writer::reprice(const std::vector<Repricing>& rows,
                                               bool only_doubtful) {
  Result<TraceStore::Reconciled> result;
  do_on_thread([&] { result = reprice_now(rows, only_doubtful); });
  return result;
}

Result<TraceStore::Reconciled> Writer::reprice_now(const std::vector<Repricing>& rows,
                                                   bool only_doubtful) {
  if (!health_.writable)
    return fail(ErrorKind::unavailable, "costs cannot be written: " + health_.trouble,
                "routerone doctor");
  Shifts shifts;
  auto done = connection_->reprice(rows, only_doubtful, [&](const Repriced& ready) {
    shifts = ready.shifts;
    shift_floor(shifts, 1);
  });
  if (!done) {
    shift_floor(shifts, -1);
    if (done.error().fault == Fault::damaged) suspected_ = generation_;
    return fail(ErrorKind::unavailable, "costs cannot be written: " + done.error().words,
                "routerone doctor");
  }
  let_totals_be_known(connection_->last_changes());
  return std::move(done->outcome);
}

/// A floor above the ledger would come back as a correction if we died just after the commit: where
/// a sum gets smaller the floor goes first.
void Writer::shift_floor(const Shifts& shifts, int sign) {
  bool is_less = false;
  for (const auto& shift : shifts) {
    const Money by{shift.settled.picousd * sign};
    settle_at(shift.scope, shift.minute, floor_.totals[shift.scope] + by);
    is_less = is_less || by.picousd < 0;
  }
  floor_is_old_ = true;
  if (is_less) save_floor_now();
}

Result<Writer::PruneStep> Writer::prune(WallTime before) {
  Result<PruneStep> result;
  do_on_thread([&] { result = prune_now(before); });
  return result;
}

/// What sums do not know yet is told to them first: it would stay otherwise.
Result<Writer::PruneStep> Writer::prune_now(WallTime before) {
  const auto refuse = [this](const Problem& problem) {
    if (problem.fault == Fault::damaged) suspected_ = generation_;
    return fail(ErrorKind::unavailable, "traces cannot be deleted: " + problem.words,
                "routerone doctor");
  };
  if (!health_.writable || !connection_) return refuse({fault_, health_.trouble});
  const auto unsummed = connection_->sum_minutes(rows_a_prune);
  if (!unsummed) return refuse(unsummed.error());
  const auto undigested = connection_->digest(clock_.wall());
  if (!undigested) return refuse(undigested.error());
  const auto deleted = connection_->prune(before, rows_a_prune);
  if (!deleted) return refuse(deleted.error());
  if (*deleted > 0)
    if (const auto shrunk = connection_->shrink(pages_a_prune); !shrunk)
      return refuse(shrunk.error());
  return PruneStep{*deleted, *deleted > 0 || *unsummed || *undigested};
}

Status Writer::stopping() {
  return fail(ErrorKind::unavailable, "the daemon is stopping: no copy was made");
}

/// What there is of it goes with the connection.
void Writer::stop_copying() {
  do_on_thread([this] {
    copies_ = false;
    end_copy(stopping());
  });
}

Status Writer::back_up(const std::filesystem::path& file) {
  std::future<Status> done;
  Status begun;
  do_on_thread([&] {
    if (!copies_) {
      begun = stopping();
    } else if (copying_) {
      begun =
          fail(ErrorKind::conflict, "another copy is being made just now", "wait until it is done");
    } else if (!connection_) {
      begun = fail(ErrorKind::unavailable, "the traces cannot be read: " + health_.trouble,
                   "routerone doctor");
    } else if (auto made = connection_->begin_backup(file); !made) {
      begun = fail(ErrorKind::unavailable, "no copy was made: " + made.error().words);
    } else {
      done = copying_.emplace(Copying{connection_.get(), {}}).done.get_future();
    }
  });
  TRY_STATUS(begun);
  return done.get();
}

void Writer::copy_step() {
  if (!copying_) return;
  if (copying_->by != connection_.get())
    return end_copy(fail(ErrorKind::unavailable, "the database was lost while it was copied",
                         "routerone doctor"));
  const auto done = connection_->backup_step(pages_a_copy);
  if (!done)
    end_copy(fail(ErrorKind::unavailable, "no copy was made: " + done.error().words,
                  "choose a place with more room, for example on another disk"));
  else if (*done)
    end_copy({});
}

void Writer::end_copy(Status status) {
  if (!copying_) return;
  auto ended = *std::exchange(copying_, std::nullopt);
  ended.done.set_value(std::move(status));
}

}  // namespace routerone::store
