#include "daemon/store/writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/store/spend.h"

namespace routerone::store {
namespace {

using std::chrono::milliseconds;

constexpr Millis longest_sleep{1'000};
constexpr Millis first_pause{250}, longest_pause{1'000};
constexpr Millis between_warnings{60'000};
constexpr std::size_t rows_at_once = 1'000;

/// A lone caller's row is committed at once. Where many come together, a moment's wait makes one
/// commit of what would be several: the pages of the log are most of what a row costs.
constexpr std::size_t busy = 6;
constexpr std::chrono::microseconds idle_gather{0}, busy_gather{1'000};

std::vector<const CommitRecord*> pointers(const std::vector<Submitted>& batch) {
  std::vector<const CommitRecord*> rows;
  rows.reserve(batch.size());
  for (const auto& submitted : batch) rows.push_back(&submitted.record);
  return rows;
}

void tell_all(const std::vector<Submitted>& batch, bool committed) {
  for (const auto& submitted : batch)
    if (submitted.done) submitted.done(committed);
}

}  // namespace

Writer::Writer(const StoreOptions& options, const Clock& clock, State& state, Readers& readers)
    : options_(options), clock_(clock), state_(state), readers_(readers), ring_(options.ring) {
  next_retention_ = next_sum_ = next_digest_ =
      clock_.steady() + std::min(options_.retention_every, Millis(5'000));
}

Writer::~Writer() { stop(); }

void Writer::stop() {
  if (!thread_.joinable()) return;
  inbox_.close();
  thread_.join();
}

void Writer::suspect(std::uint64_t generation) {
  suspected_ = generation;
  inbox_.nudge();
}

void Writer::run() {
  std::vector<Submitted> batch;
  while (inbox_.take(batch, time_to_sleep(), batch.size() < busy ? idle_gather : busy_gather)) {
    if (!batch.empty()) accept(batch);
    do_jobs();
    look_after();
  }
  check_.stop();
  end_copy(stopping());
  if (!health_.writable) try_again();
  if (floor_is_old_) save_floor_now();
  readers_.close();
  connection_.reset();
}

Millis Writer::time_to_sleep() const {
  auto until = next_retention_;
  if (copying_) return Millis(1);
  if (!health_.writable) until = std::min(until, next_try_);
  if (floor_is_old_) until = std::min(until, next_floor_);
  if (health_.writable) {
    const bool is_behind = summing_ || digesting_;
    until = std::min(until, is_behind ? clock_.steady() : std::min(next_sum_, next_digest_));
  }
  const auto left = std::chrono::ceil<milliseconds>(until - clock_.steady());
  return std::clamp(left, Millis(1), longest_sleep);
}

void Writer::accept(std::vector<Submitted>& batch) {
  if (options_.on_row)
    for (const auto& submitted : batch) options_.on_row(submitted.record.row);
  if (health_.writable) {
    auto written = write(pointers(batch));
    if (!written && written.error().fault == Fault::damaged) {
      written = replace_damaged(written.error().words);
      if (written) written = write(pointers(batch));
    }
    if (written) {
      publish();
      return tell_all(batch, true);
    }
    begin_trouble(written.error());
  }
  Totals changed;
  for (auto& submitted : batch) keep_in_memory(std::move(submitted.record), changed);
  let_totals_be_known(changed);
  publish();
  tell_all(batch, false);
}

/// The journal then says what it cost: no longer what was reserved, should we die with it.
void Writer::keep_in_memory(CommitRecord record, Totals& changed) {
  journal_.settle(record.intent, record.row.cost, floor_.number);
  const auto now = minute_of(clock_.wall());
  for (const auto& move : record.moves) {
    settle_at(move.scope, now, floor_.totals[move.scope] + move.amount);
    changed[move.scope] = floor_.totals[move.scope];
  }
  ring_.push(std::move(record));
}

Outcome<void> Writer::write(const Rows& rows) {
  const auto before = connection_->newest_sequence();
  std::vector<Correction> corrections;
  for (const auto& [scope, amount] : ring_.lost_money())
    corrections.push_back(
        {scope, amount, "rows lost while the database could not be written", clock_.wall()});
  auto committed = connection_->commit(rows, corrections);
  if (!committed) return committed;
  ring_.clear_lost_money();
  auto done = ring_.take_lost_intents();
  for (const auto* record : rows) done.push_back(record->intent);
  journal_.release(done);
  if (health_.writable) note_settled(connection_->last_changes());
  health_.rows_written += static_cast<std::uint64_t>(connection_->newest_sequence() - before);
  return {};
}

Outcome<void> Writer::write_waiting() {
  while (!ring_.rows().empty() || !ring_.lost_money().empty()) {
    Rows rows;
    for (const auto& record : ring_.rows()) {
      if (rows.size() == rows_at_once) break;
      rows.push_back(&record);
    }
    if (auto written = write(rows); !written) return written;
    ring_.drop_first(rows.size());
  }
  return {};
}

void Writer::look_after() {
  if (suspected_.exchange(0) == generation_) {
    auto replaced = replace_damaged("it is damaged inside");
    if (!replaced) begin_trouble(replaced.error());
    publish();
  }
  if (!health_.writable && clock_.steady() >= next_try_) try_again();
  save_floor_if_due();
  copy_step();
  if (!connection_ || !health_.writable) return;
  open_journal_if_due();
  checkpoint_if_due();
  sum_minutes_if_due();
  digest_if_due();
  retain_if_due();
}

void Writer::begin_trouble(const Problem& problem) {
  const auto now = clock_.steady();
  pause_ = health_.writable ? first_pause : std::min(pause_ * 2, longest_pause);
  if (health_.writable) {  // from now on the floor file is all there is: can it be written?
    floor_is_old_ = true;
    next_floor_ = now;
  }
  next_try_ = now + pause_;
  fault_ = problem.fault;
  health_.writable = false;
  health_.trouble = problem.words;
  warn();
}

void Writer::warn() {
  const auto now = clock_.steady();
  if (!options_.on_trouble || now < next_warning_) return;
  next_warning_ = now + between_warnings;
  options_.on_trouble(fmt::format("traces wait in memory: {}", health_.trouble));
}

void Writer::try_again() {
  // A lock or a full disk passes; after anything else the file may be another one by now.
  if (fault_ != Fault::busy) connection_.reset();
  auto done = connection_ ? Outcome<void>() : open_database();
  if (done) done = write_waiting();
  if (!done && done.error().fault == Fault::damaged) {
    done = replace_damaged(done.error().words);
    if (done) done = write_waiting();
  }
  if (done) {
    health_.writable = true;
    health_.trouble.clear();
    note_settled(connection_->ledger());
  } else {
    begin_trouble(done.error());
  }
  publish();
}

/// Scopes with their new totals.
void Writer::note_settled(const Totals& changed) {
  const auto now = minute_of(clock_.wall());
  for (const auto& [scope, total] : changed) settle_at(scope, now, total);
  let_totals_be_known(changed);
}

void Writer::settle_at(const std::string& scope, std::int64_t minute, Money total) {
  Money& known = floor_.totals[scope];
  const Money by = total - known;
  if (by.picousd != 0) floor_.days.add(scope, minute, by);
  known = total;
}

void Writer::let_totals_be_known(const Totals& changed) {
  if (changed.empty()) return;
  floor_is_old_ = true;
  state_.update_settled(changed);
}

void Writer::publish() {
  if (connection_) newest_ = std::max(newest_, connection_->newest_sequence());
  health_.rows_waiting = ring_.rows().size();
  health_.rows_lost = ring_.lost();
  state_.set_health(health_);
  state_.set_newest(newest_);
  state_.durable = health_.writable || floor_is_writable_;
}

}  // namespace routerone::store
