// How the writer comes by its files: at the start, and again when one of them was lost.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/exchange/limits.h"
#include "daemon/store/damage.h"
#include "daemon/store/spend.h"
#include "daemon/store/writer.h"

namespace routerone::store {
namespace {

/// Reading this much at every start costs nothing that anybody notices; more only after a crash.
constexpr std::uintmax_t always_checked_bytes = 64u << 20;
constexpr std::chrono::hours days_are_kept{62 * 24};
constexpr Millis between_journal_tries{5'000};

/// The row of a request whose end nobody knows, or whose row was only in memory: charged what it
/// is known to have cost, else what was held for it. Nothing held: unknown, for it may well have
/// cost something, and nobody's limit is the poorer for it.
CommitRecord record_of(const FoundIntent& found) {
  const auto& [intent, upstream_request_id, account] = found.read;
  CommitRecord record;
  record.intent = found.slot;
  TraceRow& row = record.row;
  row.id = intent.id;
  row.time = intent.time;
  row.key_id = intent.key_id;
  row.key_name = intent.key_name;
  row.project = intent.project;
  row.client = intent.client;
  row.session = intent.session;
  row.dialect = intent.dialect;
  row.operation = intent.operation;
  row.stream = intent.stream;
  row.requested_model = intent.requested_model;
  row.model = intent.model;
  row.provider = intent.provider;
  row.upstream_model = intent.upstream_model;
  row.upstream_request_id = upstream_request_id;
  row.state = FinalState::interrupted;
  row.error = "interrupted";
  if (account.reserved > 0) row.reserved = Money{account.reserved};
  if (account.kind == IntentAccount::Kind::settled)
    row.cost = Money{account.cost};
  else if (account.kind == IntentAccount::Kind::reserved)
    row.cost = row.reserved;
  if (!row.cost) return record;
  row.price_source = PriceSource::catalog;
  if (row.cost->picousd > 0)
    for (auto& scope : scopes_of(row)) record.moves.push_back({std::move(scope), *row.cost});
  return record;
}

bool is_settled(const FoundIntent& found) {
  return found.read.account.kind == IntentAccount::Kind::settled ||
         found.read.account.kind == IntentAccount::Kind::settled_unknown;
}

}  // namespace

Status Writer::start() {
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(options_.database, ignored);
  const bool unclean = closed_badly(options_.database);
  load_spend_floor();
  auto interrupted = take_over(open_journal());

  const auto damage = obvious_damage(options_.database);
  auto opened = damage ? replace_damaged(*damage) : open_database();
  if (!opened && opened.error().fault == Fault::damaged)
    opened = replace_damaged(opened.error().words);
  if (!opened && opened.error().fault == Fault::newer)
    return fail(ErrorKind::conflict, opened.error().words,
                fmt::format("run the newer routerone, or move {} away",
                            options_.database.filename().string()));
  if (!opened) begin_trouble(opened.error());
  charge_interrupted(interrupted);

  const auto bytes = std::filesystem::file_size(options_.database, ignored);
  if (connection_ && !is_new && (unclean || bytes <= always_checked_bytes))
    check_.start(options_.database, [this, of = generation_] { suspect(of); });
  state_.set_settled(floor_.totals);
  if (!health_.writable) save_floor_if_due();
  publish();
  thread_ = std::thread([this] { run(); });
  return {};
}

void Writer::load_spend_floor() {
  if (auto floor = load_floor(options_.spend_floor))
    floor_ = *std::move(floor);
  else if (options_.on_trouble)
    options_.on_trouble(floor.error().message + "; the database's own sums are used");
  floor_knows_days_ = !floor_.days.empty();
}

std::vector<FoundIntent> Writer::open_journal() {
  next_journal_ = clock_.steady() + between_journal_tries;
  if (options_.intents.empty()) return {};
  const bool is_first = thread_.get_id() == std::thread::id();
  auto opened = journal_.open(options_.intents);
  if (!options_.on_trouble) return std::move(opened.found);
  if (!opened.trouble.empty() && is_first) options_.on_trouble(opened.trouble);
  if (opened.unreadable > 0)
    options_.on_trouble(
        fmt::format("{} of the last process's requests under way could not be read from {} and "
                    "are left out",
                    opened.unreadable, options_.intents.filename().string()));
  return std::move(opened.found);
}

/// Splits what was found. What had ended waits in memory again, as it did when the last process
/// died, to be told from what the floor says is settled: a part of that, if this floor was written
/// after it. What had not ended is new spend, beyond any floor.
std::vector<Submitted> Writer::take_over(const std::vector<FoundIntent>& all) {
  std::vector<Submitted> interrupted;
  for (const auto& found : all) {
    auto record = record_of(found);
    if (!is_settled(found)) {
      interrupted.push_back({std::move(record), nullptr});
      continue;
    }
    if (found.read.account.floor >= floor_.number)
      for (const auto& move : record.moves)
        settle_at(move.scope, minute_of(record.row.time), floor_.totals[move.scope] + move.amount);
    ring_.push(std::move(record));
  }
  return interrupted;
}

void Writer::charge_interrupted(std::vector<Submitted>& interrupted) {
  const auto found = ring_.rows().size() + interrupted.size();
  if (found == 0) return;
  if (health_.writable && !ring_.empty()) {
    if (auto written = write_waiting(); !written) begin_trouble(written.error());
  }
  accept(interrupted);
  health_.rows_interrupted += health_.writable ? health_.rows_written : found;
  if (health_.rows_interrupted > 0 && options_.on_trouble)
    options_.on_trouble(
        fmt::format("{} requests were under way when the last process ended; each is charged what "
                    "was held for it until it is reconciled",
                    health_.rows_interrupted));
}

/// A full disk at the start must not mean no journal for ever.
void Writer::open_journal_if_due() {
  if (options_.intents.empty() || clock_.steady() < next_journal_ || journal_.is_open()) return;
  std::vector<Submitted> found;
  for (const auto& one : open_journal()) found.push_back({record_of(one), nullptr});
  const auto before = health_.rows_written;
  if (!found.empty()) accept(found);
  health_.rows_interrupted += health_.rows_written - before;
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
  const auto now = minute_of(clock_.wall());
  std::vector<Correction> corrections;
  for (const auto& [scope, least] : floor_.totals) {
    const auto& ledger = connection_->ledger();
    const auto found = ledger.find(scope);
    Money has = found == ledger.end() ? Money{} : found->second;
    // What waits in memory is settled already and comes with its own rows.
    if (const auto more = waiting.find(scope); more != waiting.end()) has += more->second;
    if (has >= least) continue;
    for (const auto& [minute, part] : floor_.days.when(scope, least - has, now))
      corrections.push_back({scope, part, "settled in a database now lost", start_of(minute)});
  }
  if (!corrections.empty())
    if (auto written = connection_->commit({}, corrections); !written) return written;
  learn_from_database(waiting);
  return {};
}

/// A floor that knew nothing of days, or was lost, learns them; else what it did not know yet was
/// settled just before the last process ended. `waiting`: in memory, beyond what the database has.
void Writer::learn_from_database(const Totals& waiting) {
  Totals settled = connection_->ledger();
  if (!std::exchange(floor_knows_days_, true)) {
    floor_.days = {};
    if (const auto spend = connection_->spend_since(clock_.wall() - days_are_kept))
      for (const auto& [scope, minute, part, requests, tokens] : *spend)
        floor_.days.add(scope, minute, part);
    floor_.totals = settled;
  }
  for (const auto& [scope, amount] : waiting) add_to(settled, scope, amount);
  note_settled(settled);
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

}  // namespace routerone::store
