#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/listener/account.h"
#include "daemon/listener/lookups.h"
#include "daemon/store/trace_store.h"

namespace routerone {

/// Answers what relays and tools ask about the key they call with. Reads what is settled from the
/// counters that decide, and the past from the store, away from the loops. One a daemon, for all
/// loops; goes after the loops have stopped and before the store.
class AccountDesk {
 public:
  AccountDesk(const admission::Admission& admission, const store::TraceStore& store)
      : admission_(admission), store_(store) {}

  struct Reply {
    int status = 200;
    std::string body;  ///< JSON.
    std::optional<std::chrono::seconds> retry_after;
  };
  /// On `loop`. `query` must stay until the answer; key and data need not.
  net::Task<Reply> answer(AccountQuestion, std::string_view query, const KeyRecord& key,
                          const ControlData& data, net::Loop& loop);

 private:
  net::Task<std::optional<RecentSpend>> recent_spend(std::string key, net::Loop&);
  net::Task<std::optional<std::vector<DayCost>>> day_costs(std::string key, std::string_view query,
                                                           net::Loop&);
  net::Task<Reply> generation(std::string key, std::string_view query, net::Loop&);

  const admission::Admission& admission_;
  const store::TraceStore& store_;
  Lookups lookups_;
};

}  // namespace routerone
