#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "daemon/store/connection.h"
#include "daemon/store/inbox.h"
#include "daemon/store/integrity_check.h"
#include "daemon/store/intents.h"
#include "daemon/store/readers.h"
#include "daemon/store/ring.h"
#include "daemon/store/spend_floor.h"
#include "daemon/store/state.h"

namespace routerone::store {

/// The writer thread: takes rows out of the inbox, commits them as one transaction, and looks after
/// the file in between. While the database cannot take rows they wait in the ring and it tries
/// again; a damaged database is put aside. Everything here but submit() and suspect() is that
/// thread's alone (or of open(), before it runs).
class Writer {
 public:
  Writer(const StoreOptions&, const Clock&, State&, Readers&);
  ~Writer();

  /// Opens the database; starts the thread whatever comes of it, but for a newer schema.
  Status start();
  /// Writes what is queued, closes the database, ends the thread.
  void stop();

  void submit(Submitted row) { inbox_.put(std::move(row)); }
  IntentJournal& journal() { return journal_; }

  /// For the other threads; they return once the writer has done it, after the rows before it.
  void catch_up();
  std::vector<SpendMinute> spend_since(WallTime);
  Result<TraceStore::Reconciled> reprice(const std::vector<Repricing>&, bool only_doubtful);

  struct PruneStep {
    std::size_t deleted = 0;
    bool is_more = false;
  };
  Result<PruneStep> prune(WallTime before);
  Status back_up(const std::filesystem::path& file);
  void stop_copying();

  /// Any thread: somebody found the database of that generation damaged.
  void suspect(std::uint64_t generation);

 private:
  using Rows = std::vector<const CommitRecord*>;

  void do_on_thread(const std::function<void()>& job);
  void run();
  void do_jobs();
  Result<PruneStep> prune_now(WallTime before);
  void copy_step();
  void end_copy(Status);
  static Status stopping();
  void add_waiting(std::int64_t first, std::vector<SpendMinute>&) const;
  Result<TraceStore::Reconciled> reprice_now(const std::vector<Repricing>&, bool only_doubtful);
  void shift_floor(const Shifts&, int sign);
  Millis time_to_sleep() const;
  void accept(std::vector<Submitted>&);
  void keep_in_memory(CommitRecord, Totals& changed);
  Outcome<void> write(const Rows&);
  Outcome<void> write_waiting();
  void look_after();

  void load_spend_floor();
  std::vector<FoundIntent> open_journal();
  std::vector<Submitted> take_over(const std::vector<FoundIntent>&);
  void charge_interrupted(std::vector<Submitted>&);
  void open_journal_if_due();

  Outcome<void> open_database();
  Outcome<void> raise_to_floor();
  void learn_from_database(const Totals& waiting);
  Outcome<void> replace_damaged(const std::string& why);
  void begin_trouble(const Problem&);
  void try_again();
  void warn();

  void note_settled(const Totals& changed);
  void settle_at(const std::string& scope, std::int64_t minute, Money total);
  void let_totals_be_known(const Totals& changed);
  void publish();
  void save_floor_if_due();
  bool save_floor_now();
  void relieve_journal();
  void sum_minutes_if_due();
  void digest_if_due();
  void checkpoint_if_due();
  void retain_if_due();
  Outcome<bool> retain_step();

  const StoreOptions options_;
  const Clock& clock_;
  State& state_;
  Readers& readers_;
  Inbox inbox_;
  std::unique_ptr<WriteConnection> connection_;  // null: not to be opened just now
  std::uint64_t generation_ = 1;
  std::atomic<std::uint64_t> suspected_{0};
  IntegrityCheck check_;

  IntentJournal journal_;
  Floor floor_;  // totals: the ledger and what waits in memory; as the file is to say
  bool floor_is_old_ = true, floor_is_writable_ = false, floor_knows_days_ = false;
  bool summing_ = false;       // more rows are to be added to the spend minutes at once
  bool digesting_ = false;     // the same of digest()
  std::int64_t digested_ = 0;  // the newest sequence when it was last asked for
  /// A copy that somebody waits for, and the connection that makes it.
  struct Copying {
    const WriteConnection* by = nullptr;
    std::promise<Status> done;
  };
  std::optional<Copying> copying_;
  bool copies_ = true;  // until we are about to stop
  Ring ring_;
  StoreHealth health_;
  std::int64_t newest_ = 0;

  Fault fault_ = Fault::failing;  // while !health_.writable
  Millis pause_{};
  SteadyTime next_try_{}, next_warning_{}, next_floor_{}, next_retention_{}, next_checkpoint_{};
  SteadyTime next_sum_{}, next_digest_{}, next_journal_{};
  std::thread thread_;
};

}  // namespace routerone::store
