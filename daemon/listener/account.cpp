#include "daemon/listener/account.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/core/text.h"
#include "daemon/admission/amounts.h"
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

void narrow(std::optional<Allowance>& tightest, Allowance one) {
  one.left = std::max(one.left, Money{});
  if (!tightest || one.left < tightest->left) tightest = one;
}

Money paid_in(const WalletRecord& wallet) {
  Money sum;
  for (const TopUp& topup : wallet.topups) sum = admission::add(sum, topup.amount);
  return sum;
}

bool only_watches(const ControlData& data, const std::string& project) {
  const auto found = std::find_if(data.projects.begin(), data.projects.end(),
                                  [&](const ProjectRecord& one) { return one.name == project; });
  return found != data.projects.end() && found->limits.dry_run;
}

Money used(const Allowance& allowance) {
  return std::max(Money{}, admission::subtract(allowance.amount, allowance.left));
}

std::string_view word_of(Period period) {
  switch (period) {
    case Period::hour:
      return "hourly";
    case Period::day:
      return "daily";
    case Period::week:
      return "weekly";
    case Period::month:
      return "monthly";
    case Period::total:
      break;
  }
  return "";
}

std::string in_data(const JsonObject& object) {
  return JsonObject().put("data", object.str()).str();
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

Account account_of(const KeyRecord& key, const ControlData& data,
                   const admission::Admission& admission) {
  Account account;
  account.label = key.hint + "...";
  account.expires = key.limits.expires;
  account.requests_per_minute = key.limits.requests_per_minute;
  const auto consider = [&](const admission::ScopeState& state) {
    if (state.limit) {
      narrow(account.allowance,
             {state.limit->amount, admission::subtract(state.limit->amount, state.spent),
              state.limit->period});
    }
    if (state.balance) {
      narrow(account.allowance, {paid_in(data.wallet), *state.balance, std::nullopt});
    }
  };
  const admission::ScopeState own = admission.state(key_scope(key.id));
  account.settled = own.settled;
  if (!key.limits.dry_run) consider(own);
  if (!only_watches(data, key.project)) consider(admission.state(project_scope(key.project)));
  if (!data.wallet.limits.dry_run) consider(admission.state(wallet_scope));
  return account;
}

std::string write_subscription(const Account& account) {
  const std::string limit =
      account.allowance ? json_usd(account.allowance->amount) : std::string(no_limit);
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
  const Money total = account.allowance ? used(*account.allowance) : account.settled;
  JsonObject usage;
  usage.text("object", "list").put("total_usage", json_cents(total));
  if (days) usage.put("daily_costs", daily_costs(*days));
  return usage.str();
}

std::string write_key(const Account& account, const std::optional<RecentSpend>& recent) {
  const std::optional<Allowance>& allowance = account.allowance;
  const auto of = [](const auto& from, auto member) {
    return from ? std::optional<Money>((*from).*member) : std::nullopt;
  };
  JsonObject key;
  key.text("label", account.label)
      .usd("limit", of(allowance, &Allowance::amount))
      .usd("limit_remaining", of(allowance, &Allowance::left))
      .text_or_null("limit_reset",
                    allowance ? word_of(allowance->period.value_or(Period::total)) : "")
      .usd("usage", account.settled)
      .usd("usage_daily", of(recent, &RecentSpend::day))
      .usd("usage_weekly", of(recent, &RecentSpend::week))
      .usd("usage_monthly", of(recent, &RecentSpend::month))
      .boolean("include_byok_in_limit", false);
  for (const std::string_view none :
       {"byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"})
    key.count(none, 0);
  key.text_or_null("expires_at", account.expires ? format_rfc3339(*account.expires) : "")
      .put("creator_user_id", "null");
  for (const std::string_view not_so : {"is_free_tier", "is_provisioning_key", "is_management_key"})
    key.boolean(not_so, false);
  const JsonObject rate = JsonObject()
                              .count("requests", account.requests_per_minute.value_or(-1))
                              .text("interval", "1m");
  key.put("rate_limit", rate.str());
  return in_data(key);
}

std::string write_credits(const Account& account) {
  const std::optional<Allowance>& allowance = account.allowance;
  return in_data(
      JsonObject()
          .put("total_credits", allowance ? json_usd(allowance->amount) : std::string(no_limit))
          .usd("total_usage", allowance ? used(*allowance) : account.settled));
}

std::string write_account_error(int status, std::string_view message) {
  const JsonObject error = JsonObject().text("message", message).count("code", status);
  return JsonObject().put("error", error.str()).str();
}

}  // namespace routerone
