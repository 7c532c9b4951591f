#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"
#include "daemon/exchange/ledger.h"
#include "daemon/store/intent_slot.h"

namespace routerone::store {

/// A request of a process that died, or whose row has not come to the database yet.
struct FoundIntent {
  IntentSlot slot = 0;
  ReadIntent read;
};

/// The journal of what is under way: a file of fixed places, all of its space taken beforehand and
/// mapped into memory. Noting a request is a copy into it; the page cache keeps that through
/// kill -9, and nothing ever waits for the disk. Thread-safe; a place belongs to whoever got it
/// from begin() until release().
class IntentJournal {
 public:
  static constexpr std::size_t places = 4'096;

  IntentJournal() = default;
  ~IntentJournal();
  IntentJournal(const IntentJournal&) = delete;
  IntentJournal& operator=(const IntentJournal&) = delete;

  struct Opened {
    std::vector<FoundIntent> found;  ///< Each keeps its place until release().
    std::size_t unreadable = 0;      ///< Places torn, or not ours: free from now on.
    std::string trouble;  ///< Why there is no journal, in words of ours; empty: there is.
  };
  /// Reads what is there and takes it over. May be called again while there is none.
  Opened open(const std::filesystem::path&);
  bool is_open() const;

  /// Error: there is no journal, or all its places are taken.
  Result<IntentSlot> begin(const Intent&);
  void amend(IntentSlot, const Intent&, std::string_view upstream_request_id);
  void settle(IntentSlot, std::optional<Money> cost, std::uint64_t floor);
  void release(const std::vector<IntentSlot>&);  ///< 0 among them does nothing.
  std::size_t taken() const;

 private:
  IntentPlace* place(IntentSlot) const;
  void take_over(Opened&);

  mutable std::mutex mutex_;  // for the free ones; a place is written without it
  std::vector<IntentSlot> free_;
  IntentPlace* mapped_ = nullptr;
};

}  // namespace routerone::store
