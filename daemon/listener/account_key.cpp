#include "common/core/text.h"
#include "daemon/listener/account.h"
#include "daemon/listener/exact_json.h"

namespace routerone {
namespace {

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

std::string_view word_of_region(const std::string& region) {
  if (region == "eu") return "europe";
  return region.empty() ? "global" : std::string_view(region);
}

std::string in_data(const JsonObject& object) {
  return JsonObject().put("data", object.str()).str();
}

std::string rfc3339(const std::optional<WallTime>& at) { return at ? format_rfc3339(*at) : ""; }

std::string budget(const Allowance& one) {
  return JsonObject()
      .text("scope", one.scope)
      .usd("limit_usd", one.amount)
      .usd("spend_usd", one.used())
      .usd("remaining_usd", one.left)
      .text_or_null("reset_interval", word_of(one.period))
      .text_or_null("resets_at", rfc3339(one.resets))
      .boolean("include_byok", false)
      .text_or_null("budget_id", "")
      .text_or_null("guardrail_id", "")
      .str();
}

std::string budgets(const Account& account) {
  std::string list;
  for (const Allowance& one : account.allowances) {
    if (!list.empty()) list += ',';
    list += budget(one);
  }
  return "[" + list + "]";
}

void add_limits(JsonObject& key, const Account& account) {
  const Allowance* const tightest = account.tightest();
  key.usd("limit", tightest ? std::optional(tightest->amount) : std::nullopt)
      .usd("limit_remaining", tightest ? std::optional(tightest->left) : std::nullopt)
      .text_or_null("limit_reset", tightest ? word_of(tightest->period) : "")
      .put("effective_budget", tightest ? budget(*tightest) : "null")
      .put("budgets", budgets(account));
}

void add_usage(JsonObject& key, Money settled, const std::optional<RecentSpend>& recent) {
  const auto of = [&recent](Money RecentSpend::*span) {
    return recent ? std::optional((*recent).*span) : std::nullopt;
  };
  key.usd("usage", settled)
      .usd("usage_daily", of(&RecentSpend::day))
      .usd("usage_weekly", of(&RecentSpend::week))
      .usd("usage_monthly", of(&RecentSpend::month));
}

/// What has no counterpart here, but which OpenRouter's own clients do not read an answer without.
void add_foreign(JsonObject& key) {
  for (const std::string_view none :
       {"byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"})
    key.count(none, 0);
  for (const std::string_view not_so :
       {"include_byok_in_limit", "is_free_tier", "is_provisioning_key", "is_management_key"})
    key.boolean(not_so, false);
  key.text_or_null("creator_user_id", "")
      .text_or_null("organization_id", "")
      .put("free_model_daily_requests", R"({"limit":0,"remaining":0,"used":0})");
}

}  // namespace

std::string write_key(const Account& account, const std::optional<RecentSpend>& recent) {
  JsonObject key;
  key.text("label", account.label);
  add_limits(key, account);
  add_usage(key, account.settled, recent);
  JsonObject rate;
  rate.count("requests", account.requests_per_minute.value_or(-1))
      .text("interval", "1m")
      .text("note", "requests a minute; -1: no limit");
  key.put("rate_limit", rate.str())
      .text_or_null("expires_at", rfc3339(account.expires))
      .text("workspace_id", account.project)
      .put("allowed_data_regions", "[\"" + std::string(word_of_region(account.region)) + "\"]");
  add_foreign(key);
  return in_data(key);
}

std::string write_credits(const Account& account) {
  const Allowance* const tightest = account.tightest();
  JsonObject credits;
  credits.put("total_credits", tightest ? json_usd(tightest->amount) : std::string(no_limit))
      .usd("total_usage", tightest ? tightest->used() : account.settled);
  return in_data(credits);
}

std::string write_account_error(int status, std::string_view message) {
  JsonObject error;
  error.text("message", message).count("code", status);
  return JsonObject().put("error", error.str()).str();
}

}  // namespace routerone
