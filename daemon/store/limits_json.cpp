#include "daemon/store/limits_json.h"

#include <array>
#include <utility>

#include "common/json/json.h"
#include "daemon/store/json_fields.h"

namespace routerone::store {
namespace {

constexpr std::array<std::pair<Period, std::string_view>, 5> periods = {{{Period::total, "total"},
                                                                         {Period::hour, "hour"},
                                                                         {Period::day, "day"},
                                                                         {Period::week, "week"},
                                                                         {Period::month, "month"}}};

Json or_null(const std::optional<std::int64_t>& count) {
  return count ? Json(*count) : Json(nullptr);
}

Json spend_to_json(const std::optional<SpendLimit>& limit) {
  if (!limit) return nullptr;
  Json out = Json::object();
  out["usd"] = format_usd(limit->amount);
  out["every"] = to_word(limit->period);
  out["rolling"] = limit->rolling;
  out["timezone"] = limit->timezone;
  out["warn_percent"] = limit->warn_percent;
  return out;
}

/// A limit that was spoilt by hand must not pass for none.
void read_spend(JsonFields& record, std::optional<SpendLimit>& into) {
  if (!record.has("spend")) return;
  JsonFields in = record.part("spend");
  SpendLimit limit;
  in.read("usd", limit.amount);
  std::string every = "total";
  in.read("every", every);
  if (const auto period = period_of(every))
    limit.period = *period;
  else
    in.note("every", "is not hour, day, week, month or total");
  in.read("rolling", limit.rolling);
  in.read("timezone", limit.timezone);
  in.read("warn_percent", limit.warn_percent);
  if (limit.amount <= Money{}) in.note("usd", "is not above 0");
  into = std::move(limit);
}

void read_count(JsonFields& record, const char* name, std::optional<std::int64_t>& into) {
  if (!record.has(name)) return;
  std::int64_t count = 0;
  record.read(name, count);
  if (count < 1) record.note(name, "is not above 0");
  into = count;
}

}  // namespace

std::string_view to_word(Period period) {
  for (const auto& [known, word] : periods)
    if (known == period) return word;
  return "total";
}

std::optional<Period> period_of(std::string_view word) {
  for (const auto& [period, known] : periods)
    if (known == word) return period;
  return std::nullopt;
}

void write_limits(Json& record, const Limits& limits) {
  record["expires"] = limits.expires ? Json(format_rfc3339(*limits.expires)) : Json(nullptr);
  record["models"] = limits.models;
  record["providers"] = limits.providers;
  record["spend"] = spend_to_json(limits.spend);
  record["requests_per_minute"] = or_null(limits.requests_per_minute);
  record["requests_per_day"] = or_null(limits.requests_per_day);
  record["tokens_per_minute"] = or_null(limits.tokens_per_minute);
  record["concurrency"] = or_null(limits.concurrency);
  record["zero_retention"] = limits.policy.zero_retention;
  record["no_training"] = limits.policy.no_training;
  record["region"] = limits.policy.region;
  record["unpriced"] = limits.unpriced;
  record["refuse_to_clamp"] = limits.refuse_to_clamp;
  record["dry_run"] = limits.dry_run;
}

void read_limits(JsonFields& record, Limits& limits) {
  record.read("expires", limits.expires);
  record.read("models", limits.models);
  record.read("providers", limits.providers);
  read_spend(record, limits.spend);
  read_count(record, "requests_per_minute", limits.requests_per_minute);
  read_count(record, "requests_per_day", limits.requests_per_day);
  read_count(record, "tokens_per_minute", limits.tokens_per_minute);
  read_count(record, "concurrency", limits.concurrency);
  record.read("zero_retention", limits.policy.zero_retention);
  record.read("no_training", limits.policy.no_training);
  record.read("region", limits.policy.region);
  record.read("unpriced", limits.unpriced);
  record.read("refuse_to_clamp", limits.refuse_to_clamp);
  record.read("dry_run", limits.dry_run);
}

Json wallet_to_json(const WalletRecord& wallet) {
  Json out = Json::object();
  out["spend"] = spend_to_json(wallet.limits.spend);
  out["topups"] = Json::array();
  for (const TopUp& topup : wallet.topups) {
    Json entry = Json::object();
    entry["time"] = format_rfc3339(topup.time);
    entry["usd"] = format_usd(topup.amount);
    entry["note"] = topup.note;
    out["topups"].push_back(std::move(entry));
  }
  out["settled_before_usd"] = format_usd(wallet.settled_before);
  return out;
}

void read_wallet(JsonFields wallet, WalletRecord& into) {
  read_spend(wallet, into.limits.spend);
  for (const auto& entry : wallet.list("topups")) {
    JsonFields in = wallet.entry(entry, "topups");
    TopUp& topup = into.topups.emplace_back();
    in.read("time", topup.time);
    in.read("usd", topup.amount);
    in.read("note", topup.note);
  }
  wallet.read("settled_before_usd", into.settled_before);
}

}  // namespace routerone::store
