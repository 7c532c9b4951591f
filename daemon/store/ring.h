#pragma once

#include <deque>
#include <utility>
#include <vector>

#include "daemon/exchange/trace_row.h"
#include "daemon/store/totals.h"

namespace routerone::store {

/// Rows that wait in memory while the database cannot take them. When it is full the oldest row
/// falls out and is counted; its money does not: it is kept as a sum. Writer thread only.
class Ring {
 public:
  explicit Ring(std::size_t most) : most_(most) {}

  void push(CommitRecord record) {
    rows_.push_back(std::move(record));
    if (rows_.size() <= most_) return;
    for (const auto& move : rows_.front().moves) add_to(lost_money_, move.scope, move.amount);
    lost_intents_.push_back(rows_.front().intent);
    rows_.pop_front();
    ++lost_;
  }
  void drop_first(std::size_t count) {
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  bool empty() const { return rows_.empty() && lost_money_.empty(); }
  const std::deque<CommitRecord>& rows() const { return rows_; }
  std::uint64_t lost() const { return lost_; }
  /// Spend of rows that fell out, until clear_lost_money() says that it was written down.
  const Totals& lost_money() const { return lost_money_; }
  void clear_lost_money() { lost_money_.clear(); }

  /// Places in the journal of the rows that fell out, and of all that wait: each is told once.
  std::vector<IntentSlot> take_lost_intents() { return std::exchange(lost_intents_, {}); }
  std::vector<IntentSlot> take_all_intents() {
    auto all = take_lost_intents();
    for (auto& row : rows_) all.push_back(std::exchange(row.intent, 0));
    return all;
  }

  /// Everything here that the ledger does not know yet.
  void add_money_to(Totals& totals) const {
    for (const auto& [scope, amount] : lost_money_) add_to(totals, scope, amount);
    for (const auto& row : rows_)
      for (const auto& move : row.moves) add_to(totals, move.scope, move.amount);
  }

 private:
  std::size_t most_;
  std::deque<CommitRecord> rows_;
  std::uint64_t lost_ = 0;
  Totals lost_money_;
  std::vector<IntentSlot> lost_intents_;
};

}  // namespace routerone::store
