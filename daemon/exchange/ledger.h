#pragma once

#include <cstdint>
#include <string>

#include "common/core/clock.h"
#include "common/core/money.h"

namespace routerone {

/// A change of a scope's ledger, in the transaction of the row that caused it.
struct LedgerMove {
  std::string scope;  ///< `wallet`, `project:NAME`, `key:ID` (limits.h).
  Money amount;
};

/// What a scope settled in one minute: enough to tell any window of any calendar again.
struct SpendMinute {
  std::string scope;
  std::int64_t minute = 0;  ///< Since 1970-01-01 UTC.
  Money settled;
  std::int64_t requests = 0;  ///< That were sent to a provider; a refusal is none.
  std::int64_t tokens = 0;    ///< Input and output of all classes.
};

/// A request that is about to be sent, as it must be found if this process dies with it. All of it
/// is metadata that a trace row would hold.
struct Intent {
  std::string id;  ///< The trace's.
  WallTime time{};
  std::string key_id, key_name, project, client, session, dialect, operation, requested_model,
      model, provider, upstream_model;
  bool stream = false;
  Money reserved;  ///< What it is charged if its end is never known.
};

/// Where an intent stands in the journal; 0: nowhere.
using IntentSlot = std::uint32_t;

}  // namespace routerone
