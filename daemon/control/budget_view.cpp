#include "daemon/control/budget_view.h"

#include <algorithm>

#include "common/control/contract.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/limits.h"

namespace routerone::control {
namespace {

Json usd_or_null(const std::optional<Money>& amount) {
  return amount ? Json(format_usd(*amount)) : Json(nullptr);
}

/// What may still be asked for: the least of what limit and balance leave. nullopt: no bound.
std::optional<Money> left_of(const admission::ScopeState& state,
                             const std::optional<SpendLimit>& limit) {
  std::optional<Money> left = state.balance;
  if (limit) {
    const Money rest = limit->amount - state.spent;
    left = left ? std::min(*left, rest) : rest;
  }
  if (!left) return left;
  return std::max(Money{}, *left - state.reserved);
}

/// A run never has more left than those around it.
std::optional<Money> bounded_by_outer(std::optional<Money> left, const std::string& ledger,
                                      const ControlData& data, Desk desk) {
  for (const KeyRecord& key : data.keys) {
    const std::string outer = key_scope(key.id);
    if (!key.limits.spend || !is_inside(ledger, outer)) continue;
    const auto theirs = left_of(desk.services.admission.state(outer), key.limits.spend);
    if (theirs) left = left ? std::min(*left, *theirs) : *theirs;
  }
  return left;
}

Json resets_view(const std::optional<WallTime>& at) {
  return at ? Json(format_rfc3339(*at)) : Json(nullptr);
}

/// Of the limit, spent and held; more than 100 where a provider charged more than was held.
Json used_percent(const admission::ScopeState& state, const std::optional<SpendLimit>& limit) {
  if (!limit) return nullptr;
  constexpr std::int64_t whole = 100;
  const Money used = state.spent + state.reserved;
  const std::int64_t part = limit->amount.picousd / whole;
  return part > 0 ? used.picousd / part : used.picousd * whole / limit->amount.picousd;
}

void add_prepaid(Json& out, const WalletRecord& wallet, const admission::ScopeState& state) {
  out["balance_usd"] = usd_or_null(state.balance);
  out["topups"] = Json::array();
  for (const TopUp& topup : wallet.topups) {
    Json entry = Json::object();
    entry["time"] = format_rfc3339(topup.time);
    entry["usd"] = format_usd(topup.amount);
    entry["note"] = topup.note;
    out["topups"].push_back(std::move(entry));
  }
}

}  // namespace

Json budget_view(const Scope& scope, const ControlData& data, Desk desk) {
  const admission::ScopeState state = desk.services.admission.state(scope.ledger);
  const std::optional<SpendLimit>& limit = *scope.spend;
  const std::optional<Money> left =
      bounded_by_outer(left_of(state, limit), scope.ledger, data, desk);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["scope"] = scope.shown;
  out["limit"] = spend_limit_view(limit);
  out["spent_usd"] = format_usd(limit ? state.spent : state.settled);
  out["reserved_usd"] = format_usd(state.reserved);
  out["left_usd"] = usd_or_null(left);
  out["used_percent"] = used_percent(state, limit);
  out["resets"] = limit ? resets_view(state.resets) : Json(nullptr);
  out["settled_usd"] = format_usd(state.settled);
  out["running"] = state.running;
  out["stopped"] = state.stopped;
  out["reached"] = state.stopped || left == Money{};
  if (scope.ledger == wallet_scope) add_prepaid(out, data.wallet, state);
  return out;
}

}  // namespace routerone::control
