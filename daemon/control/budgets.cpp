#include <fmt/format.h>

#include <numeric>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/budget_view.h"
#include "daemon/control/limits.h"
#include "daemon/control/reconcile.h"

namespace routerone::control {
namespace {

constexpr Money largest_topup{1'000'000'000'000'000'000};  // a million dollars
constexpr std::size_t longest_note = 200;
constexpr std::size_t most_topups = 10'000;

/// A view of the data as it now is.
Result<Json> view_of(Desk desk, const std::string& scope) {
  ControlData data = desk.state.snapshot()->data;
  TRY(const Scope found, find_scope(data, scope));
  return budget_view(found, data, desk);
}

Result<Json> list(Desk desk, const Json&) {
  ControlData data = desk.state.snapshot()->data;
  Json out = Json::array();
  for (const Scope& scope : all_scopes(data))
    if (*scope.spend || scope.ledger == wallet_scope) out.push_back(budget_view(scope, data, desk));
  return out;
}

Result<Json> show(Desk desk, const Json& body) {
  TRY(const std::string scope, read_name(body));
  return view_of(desk, scope);
}

/// The limits whose models and providers a scope's spend limit goes with.
const Limits* limits_of(const ControlData& data, const Scope& scope) {
  for (const KeyRecord& key : data.keys)
    if (&key.limits.spend == scope.spend) return &key.limits;
  for (const ProjectRecord& project : data.projects)
    if (&project.limits.spend == scope.spend) return &project.limits;
  return &data.wallet.limits;
}

Result<Json> set(Desk desk, const Json& body) {
  TRY(const auto wish, read<BudgetWish>(body));
  if (!wish.spend.max_spend || *wish.spend.max_spend == "none")
    return fail(
        ErrorKind::invalid, "a budget is an amount in USD",
        fmt::format("to take it away: routerone budgets clear {}", printable(wish.scope, 64)));
  Strings warnings;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    TRY(const Scope scope, find_scope(draft.data, wish.scope));
    TRY_STATUS(apply_spend(*scope.spend, wish.spend));
    TRY(warnings, check_prices(*limits_of(draft.data, scope), draft.data, desk));
    return {};
  }));
  TRY(Json out, view_of(desk, wish.scope));
  out["warnings"] = warnings;
  return out;
}

Result<Json> clear(Desk desk, const Json& body) {
  TRY(const auto wish, read<BudgetClearWish>(body));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    TRY(const Scope scope, find_scope(draft.data, wish.scope));
    if (wish.prepaid && scope.ledger != wallet_scope)
      return fail(ErrorKind::invalid, "only the wallet can be prepaid",
                  "routerone budgets clear wallet --prepaid");
    if (!*scope.spend && !wish.prepaid)
      return fail(ErrorKind::not_found, fmt::format("{} has no spend limit", scope.shown),
                  scope.ledger == wallet_scope && !draft.data.wallet.topups.empty()
                      ? "to forget its top-ups: routerone budgets clear wallet --prepaid"
                      : "routerone budgets show");
    scope.spend->reset();
    if (wish.prepaid) draft.data.wallet = WalletRecord();
    return {};
  }));
  return view_of(desk, wish.scope);
}

Result<Money> read_topup(const std::string& text) {
  const bool sign = text.starts_with('$');
  TRY(const Money amount, parse_usd(std::string_view(text).substr(sign ? 1 : 0)));
  if (amount == Money{})
    return fail(ErrorKind::invalid, "nothing would be added", "routerone budgets topup 20");
  if (amount > largest_topup || amount < Money{} - largest_topup)
    return fail(ErrorKind::invalid, "a top-up is at most 1000000 USD");
  return amount;
}

/// A top-up typed wrongly is put right by one below zero, as long as what is left covers it.
Status check_correction(Money amount, const WalletRecord& wallet,
                        const admission::ScopeState& state) {
  if (amount > Money{}) {
    const Money sum =
        std::accumulate(wallet.topups.begin(), wallet.topups.end(), Money{},
                        [](Money so_far, const TopUp& one) { return so_far + one.amount; });
    if (sum + amount > largest_topup)
      return fail(ErrorKind::invalid, "the wallet holds at most 1000000 USD of top-ups",
                  "begin anew: routerone budgets clear wallet --prepaid");
    return {};
  }
  const Money balance = state.balance.value_or(Money{});
  if (balance + amount < Money{})
    return fail(ErrorKind::invalid,
                fmt::format("{} USD cannot be taken out: the balance is {}",
                            format_usd(Money{} - amount), format_usd(balance)),
                wallet.topups.empty() ? "the first top-up makes the wallet prepaid"
                                      : fmt::format("at most: routerone budgets topup -{}",
                                                    format_usd(std::max(balance, Money{}))));
  return {};
}

Result<Json> topup(Desk desk, const Json& body) {
  TRY(const auto wish, read<TopUpWish>(body));
  TRY(const Money amount, read_topup(wish.amount));
  if (wish.note.size() > longest_note || printable(wish.note, longest_note) != wish.note)
    return fail(ErrorKind::invalid, "a note is one line of at most 200 characters");
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    WalletRecord& wallet = draft.data.wallet;
    const admission::ScopeState state = desk.services.admission.state(wallet_scope);
    TRY_STATUS(check_correction(amount, wallet, state));
    if (wallet.topups.size() >= most_topups)
      return fail(ErrorKind::conflict, "the ledger of top-ups is full",
                  "begin anew: routerone budgets clear wallet --prepaid");
    if (wallet.topups.empty()) wallet.settled_before = state.settled;
    wallet.topups.push_back({desk.services.clock.wall(), amount, wish.note});
    return {};
  }));
  return view_of(desk, wallet_scope);
}

}  // namespace

void add_budgets(Router& router, Desk desk) {
  router.on(path::budget_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::budget_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::budget_set, [desk](const Json& body) { return set(desk, body); });
  router.on(path::budget_clear, [desk](const Json& body) { return clear(desk, body); });
  router.on(path::budget_topup, [desk](const Json& body) { return topup(desk, body); });
  router.on(path::budget_reconcile, [desk](const Json& body) { return reconcile(desk, body); });
}

}  // namespace routerone::control
