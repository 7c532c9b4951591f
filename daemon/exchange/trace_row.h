#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.h"
#include "common/core/money.h"
#include "daemon/exchange/attempt.h"
#include "daemon/exchange/decision.h"
#include "daemon/exchange/ledger.h"
#include "daemon/exchange/target.h"
#include "daemon/exchange/usage.h"

namespace routerone {

/// How a request ended; exactly one a request (DESIGN §3).
enum class FinalState {
  completed,
  completed_unmarked,  ///< A finish reason and a clean end, without the terminal event.
  client_gone,
  upstream_failed,
  refused,
  shed,
  interrupted,  ///< The daemon died; written at the next start.
};
std::string_view to_string(FinalState);

enum class Route { primary, fallback, automatic };  ///< Printed `primary`, `fallback`, `auto`.
std::string_view to_string(Route);

/// What is kept of a request: metadata only, never a byte of prompt, completion, header value or
/// upstream message. Printed by `traces show --json` as cli.md names the fields.
struct TraceRow {
  std::string id;      ///< UUIDv7.
  WallTime time{};     ///< When its head was read.
  std::string key_id;  ///< Empty: unauthenticated.
  std::string key_name;
  std::string project;
  std::string client;   ///< `codex_cli/0.169`, from headers; printable, <= 64.
  std::string session;  ///< Agent session; printable, <= 128.
  std::string dialect;
  std::string operation;
  bool stream = false;
  std::string requested_model;  ///< Printable, <= 128 characters.
  std::string model;            ///< Canonical id that served; empty: none did.
  std::string provider;
  std::string upstream_model;
  Usage usage;
  UsageSource usage_source = UsageSource::none;
  std::optional<Money> cost;  ///< nullopt: unknown. Refused or never answered: 0.
  PriceSource price_source = PriceSource::unknown;
  std::chrono::microseconds latency{};
  std::optional<std::chrono::microseconds> ttft;  ///< To the first content byte.
  std::chrono::microseconds overhead{};           ///< Ours: not waiting for upstream or caller.
  int status = 0;                                 ///< What the caller saw; 0: nothing.
  std::string finish_reason;  ///< As the upstream wrote it, from a closed list or `other`.
  std::string error;          ///< FailureClass or RefusalKind word; empty: none.
  FinalState state = FinalState::completed;
  Route route = Route::primary;
  std::string fallback_from;    ///< provider/upstream_model of the plan's first target.
  std::string fallback_reason;  ///< Why it did not serve: a FailureClass word.
  std::vector<std::string> dropped;
  std::optional<std::int64_t> clamped;  ///< The output cap we sent in place of the caller's.
  std::optional<Money> reserved;        ///< What was held for it; nullopt: no spend limit.
  bool overrun = false;                 ///< The provider charged more than was reserved.
  std::vector<Attempt> attempts;
  std::optional<Decision> decision;  ///< Where there was something to choose from.
  std::string upstream_request_id;   ///< Printable, <= 128.
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

/// What the store commits as one.
struct CommitRecord {
  TraceRow row;
  std::vector<LedgerMove> moves;
  IntentSlot intent = 0;  ///< Let go of once the row is committed.
};

}  // namespace routerone
