#include "daemon/store/writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/store/damage.h"
#include "daemon/store/spend_floor.h"

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

/// Reading this much at every start costs nothing that anybody notices; more only after a crash.
constexpr std::uintmax_t always_checked_bytes = 64u << 20;

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
  next_retention_ = clock_.steady() + std::min(options_.retention_every, Millis(5'000));
}

Writer::~Writer() { stop(); }

Status Writer::start() {
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(options_.database, ignored);
  const bool unclean = closed_badly(options_.database);
  if (auto floor = load_floor(options_.spend_floor))
    settled_ = *std::move(floor);
  else if (options_.on_trouble)
    options_.on_trouble(floor.error().message + "; the database's own sums are used");

  const auto damage = obvious_damage(options_.database);
  auto opened = damage ? replace_damaged(*damage) : open_database();
  if (!opened && opened.error().fault == Fault::damaged)
    opened = replace_damaged(opened.error().words);
  if (!opened && opened.error().fault == Fault::newer)
    return fail(ErrorKind::conflict, opened.error().words,
                fmt::format("run the newer routerone, or move {} away",
                            options_.database.filename().string()));
  if (!opened) begin_trouble(opened.error());

  const auto bytes = std::filesystem::file_size(options_.database, ignored);
  if (connection_ && !is_new && (unclean || bytes <= always_checked_bytes))
    check_.start(options_.database, [this, of = generation_] { suspect(of); });
  state_.set_settled(settled_);
  publish();
  thread_ = std::thread([this] { run(); });
  return {};
}

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
    look_after();
  }
  check_.stop();
  if (!health_.writable) try_again();
  next_floor_ = {};
  save_floor_if_due();
  readers_.close();
  connection_.reset();
}

Millis Writer::time_to_sleep() const {
  auto until = next_retention_;
  if (!health_.writable) until = std::min(until, next_try_);
  if (floor_is_old_) until = std::min(until, next_floor_);
  const auto left = std::chrono::ceil<milliseconds>(until - clock_.steady());
  return std::clamp(left, Millis(1), longest_sleep);
}

void Writer::accept(std::vector<Submitted>& batch) {
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
  for (auto& submitted : batch) {
    for (const auto& move : submitted.record.moves)
      changed[move.scope] = add_to(settled_, move.scope, move.amount);
    ring_.push(std::move(submitted.record));
  }
  note_settled(changed);
  publish();
  tell_all(batch, false);
}

Outcome<void> Writer::write(const Rows& rows) {
  std::vector<Correction> corrections;
  for (const auto& [scope, amount] : ring_.lost_money())
    corrections.push_back({scope, amount, "rows lost while the database could not be written"});
  auto committed = connection_->commit(rows, corrections, clock_.wall());
  if (!committed) return committed;
  ring_.clear_lost_money();
  if (health_.writable) note_settled(connection_->last_changes());
  health_.rows_written += rows.size();
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
  if (!connection_ || !health_.writable) return;
  checkpoint_if_due();
  retain_if_due();
}

Outcome<void> Writer::open_database() {
  auto opened = WriteConnection::open(options_.database);
  if (!opened) return tl::unexpected(std::move(opened).error());
  connection_ = *std::move(opened);
  return raise_to_floor();
}

/// Settled spend is the larger of what the database and the floor say; the rest is a correction.
Outcome<void> Writer::raise_to_floor() {
  Totals waiting;
  ring_.add_money_to(waiting);
  std::vector<Correction> corrections;
  for (const auto& [scope, least] : settled_) {
    const auto& ledger = connection_->ledger();
    const auto found = ledger.find(scope);
    Money has = found == ledger.end() ? Money{} : found->second;
    // What waits in memory is settled already and comes with its own rows.
    if (const auto more = waiting.find(scope); more != waiting.end())
      has = saturating_add(has, more->second);
    if (has < least) corrections.push_back({scope, least - has, "settled in a database now lost"});
  }
  if (!corrections.empty())
    if (auto written = connection_->commit({}, corrections, clock_.wall()); !written)
      return written;
  if (ring_.empty()) settled_ = connection_->ledger();
  return {};
}

Outcome<void> Writer::replace_damaged(const std::string& why) {
  check_.stop();
  suspected_ = 0;
  connection_.reset();
  const auto name = put_aside(options_.database, clock_.wall());
  if (!name) return tl::unexpected(Problem{Fault::failing, name.error().message});
  health_.quarantined = *name;
  readers_.renew(++generation_);
  if (options_.on_trouble)
    options_.on_trouble(
        fmt::format("the database was damaged ({}) and has been put aside as {}; "
                    "a new one was begun, spend limits are unharmed",
                    why, *name));
  return open_database();
}

void Writer::begin_trouble(const Problem& problem) {
  const auto now = clock_.steady();
  pause_ = health_.writable ? first_pause : std::min(pause_ * 2, longest_pause);
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
  if (changed.empty()) return;
  for (const auto& [scope, total] : changed) settled_[scope] = total;
  floor_is_old_ = true;
  state_.update_settled(changed);
}

void Writer::publish() {
  if (connection_) newest_ = std::max(newest_, connection_->newest_sequence());
  health_.rows_waiting = ring_.rows().size();
  health_.rows_lost = ring_.lost();
  state_.set_health(health_);
  state_.set_newest(newest_);
}

}  // namespace routerone::store
