#include "daemon/listener/account.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/listener/exact_json.h"

namespace routerone {
namespace {

constexpr std::array<std::pair<std::string_view, AccountQuestion>, 8> questions = {{
    {"/v1/dashboard/billing/subscription", AccountQuestion::subscription},
    {"/dashboard/billing/subscription", AccountQuestion::subscription},
    {"/v1/dashboard/billing/usage", AccountQuestion::usage},
    {"/dashboard/billing/usage", AccountQuestion::usage},
    {"/v1/key", AccountQuestion::key},
    {"/v1/auth/key", AccountQuestion::key},
    {"/v1/credits", AccountQuestion::credits},
    {"/v1/generation", AccountQuestion::generation},
}};

/// 2100-01-01: 0 would read as long over.
constexpr std::int64_t never_expires = 4'102'444'800;

std::int64_t unix_seconds(WallTime at) { return micros_since_epoch(at) / 1'000'000; }

Money paid_in(const WalletRecord& wallet) {
  Money sum;
  for (const TopUp& topup : wallet.topups) sum += topup.amount;
  return sum;
}

const ProjectRecord* project_of(const KeyRecord& key, const ControlData& data) {
  const auto found =
      std::find_if(data.projects.begin(), data.projects.end(),
                   [&](const ProjectRecord& one) { return one.name == key.project; });
  return found == data.projects.end() ? nullptr : &*found;
}

void add_limit(std::vector<Allowance>& all, std::string_view scope,
               const admission::ScopeState& state) {
  if (!state.limit) return;
  const Money left = state.limit->amount - state.spent;
  all.push_back(
      {scope, state.limit->amount, std::max(left, Money{}), state.limit->period, state.resets});
}

/// The runs around it: what is left of theirs is all that is left of its own.
void add_outer(std::vector<Allowance>& all, const KeyRecord& key, const ControlData& data,
               const admission::Admission& admission) {
  for (const KeyRecord& outer : data.keys) {
    if (outer.limits.dry_run || !is_inside(key.id, outer.id)) continue;
    add_limit(all, "key_limit", admission.state(key_scope(outer.id)));
  }
}

void add_prepaid(std::vector<Allowance>& all, const WalletRecord& wallet,
                 const admission::ScopeState& state) {
  if (!state.balance) return;
  all.push_back({"workspace", paid_in(wallet), std::max(*state.balance, Money{}), {}, {}});
}

std::string daily_costs(const std::vector<DayCost>& days) {
  std::string list, items;
  for (auto one = days.begin(); one != days.end(); ++one) {
    if (!items.empty()) items += ',';
    items += JsonObject().text("name", one->model).put("cost", json_cents(one->cost)).str();
    const auto next = one + 1;
    if (next != days.end() && next->day == one->day) continue;
    if (!list.empty()) list += ',';
    list += JsonObject()
                .count("timestamp", unix_seconds(one->day))
                .put("line_items", "[" + std::exchange(items, {}) + "]")
                .str();
  }
  return "[" + list + "]";
}

}  // namespace

std::optional<AccountQuestion> account_question(std::string_view path) {
  for (const auto& [known, question] : questions)
    if (known == path) return question;
  return std::nullopt;
}

Money Allowance::used() const { return std::max(Money{}, amount - left); }

const Allowance* Account::tightest() const {
  const auto least =
      std::min_element(allowances.begin(), allowances.end(),
                       [](const Allowance& a, const Allowance& b) { return a.left < b.left; });
  return least == allowances.end() ? nullptr : &*least;
}

Account account_of(const KeyRecord& key, const ControlData& data,
                   const admission::Admission& admission) {
  const admission::ScopeState own = admission.state(key_scope(key.id));
  const ProjectRecord* const project = project_of(key, data);
  Account account;
  account.label = key.hint + "...";
  account.project = key.project;
  account.region = key.limits.policy.region;
  if (account.region.empty() && project != nullptr) account.region = project->limits.policy.region;
  account.settled = own.settled;
  account.expires = key.limits.expires;
  account.requests_per_minute = key.limits.requests_per_minute;
  std::vector<Allowance>& all = account.allowances;
  if (!key.limits.dry_run) add_limit(all, "key_limit", own);
  add_outer(all, key, data, admission);
  if (project != nullptr && !project->limits.dry_run) {
    add_limit(all, "workspace", admission.state(project_scope(key.project)));
  }
  if (!data.wallet.limits.dry_run) {
    const admission::ScopeState wallet = admission.state(wallet_scope);
    add_limit(all, "workspace", wallet);
    add_prepaid(all, data.wallet, wallet);
  }
  return account;
}

std::string write_subscription(const Account& account) {
  const Allowance* const tightest = account.tightest();
  const std::string limit = tightest ? json_usd(tightest->amount) : std::string(no_limit);
  return JsonObject()
      .text("object", "billing_subscription")
      .boolean("has_payment_method", true)
      .put("soft_limit_usd", limit)
      .put("hard_limit_usd", limit)
      .put("system_hard_limit_usd", limit)
      .count("access_until", account.expires ? unix_seconds(*account.expires) : never_expires)
      .str();
}

std::string write_usage(const Account& account, const std::optional<std::vector<DayCost>>& days) {
  const Allowance* const tightest = account.tightest();
  const Money total = tightest ? tightest->used() : account.settled;
  JsonObject usage;
  usage.text("object", "list").put("total_usage", json_cents(total));
  if (days) usage.put("daily_costs", daily_costs(*days));
  return usage.str();
}

}  // namespace routerone
