#include "daemon/control/limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/control/words.h"

namespace routerone::control {
namespace {

Result<std::optional<WallTime>> read_expiry(const std::string& text, WallTime now) {
  if (text == "never" || text == "none") return std::optional<WallTime>();
  std::optional<WallTime> at;
  if (const auto span = parse_duration(text)) at = now + *span;
  if (const auto moment = parse_rfc3339(text)) at = *moment;
  if (const auto day = parse_rfc3339(text + "T00:00:00Z")) at = *day;
  if (!at)
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is not a time", printable(text, 40)),
                "write --expires 30d, 2026-12-31, an RFC 3339 time, or never");
  if (*at <= now)
    return fail(ErrorKind::invalid, fmt::format("{} is already past", format_rfc3339(*at)),
                "to stop a key now: routerone keys revoke NAME");
  return at;
}

bool says_all(const Strings& list) { return list.size() == 1 && list.front() == "*"; }

Status check_globs(const Strings& globs) {
  for (const std::string& glob : globs) {
    if (glob.empty() || glob.size() > 128 || printable(glob) != glob)
      return fail(ErrorKind::invalid,
                  fmt::format("\"{}\" is not a model or a pattern of models", printable(glob, 64)));
  }
  return {};
}

/// A typing error here would lock the key out of everything, and nobody would see why.
Status check_providers(const Strings& ids, const ControlData& data, const Services& services) {
  std::vector<std::string> known;
  for (const ProviderRecord& provider : data.providers) known.push_back(provider.id);
  for (const auto& built_in : services.built_in) known.push_back(built_in.record.id);
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) == known.end())
      return fail(ErrorKind::not_found,
                  fmt::format("there is no provider \"{}\"", printable(id, 64)),
                  suggestion(id, known, "routerone providers list"));
  }
  return {};
}

/// A limit that counts, and the most that still means something.
struct CountLimit {
  const char* option;
  std::int64_t most;
};

Status apply_count(std::optional<std::int64_t>& limit, const std::optional<std::string>& said,
                   CountLimit kind) {
  if (!said) return {};
  if (*said == "none") {
    limit.reset();
    return {};
  }
  const auto count = parse_uint(*said);
  if (!count || *count == 0 || *count > static_cast<std::uint64_t>(kind.most))
    return fail(ErrorKind::invalid,
                fmt::format("--{} takes a whole number from 1 to {}, not \"{}\"", kind.option,
                            kind.most, printable(*said, 40)),
                "for no limit: none; to stop a key: routerone keys revoke NAME");
  limit = static_cast<std::int64_t>(*count);
  return {};
}

Status apply_counts(Limits& limits, const LimitsWish& wish) {
  TRY_STATUS(apply_count(limits.requests_per_minute, wish.rate_limit, {"rate-limit", 10'000'000}));
  TRY_STATUS(apply_count(limits.requests_per_day, wish.requests_per_day,
                         {"requests-per-day", 10'000'000'000}));
  TRY_STATUS(apply_count(limits.tokens_per_minute, wish.token_limit_tpm,
                         {"token-limit-tpm", 1'000'000'000'000}));
  return apply_count(limits.concurrency, wish.concurrency, {"concurrency", 1'000'000});
}

bool is_region(const std::string& text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; };
  return text.size() >= 2 && text.size() <= 16 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(), fits);
}

Status apply_policy(DataPolicy& policy, const LimitsWish& wish) {
  if (wish.require) {
    if (*wish.require != "zdr" && *wish.require != "none")
      return fail(ErrorKind::invalid,
                  fmt::format("\"{}\" cannot be required", printable(*wish.require, 40)),
                  "--require takes: zdr, none");
    policy.zero_retention = *wish.require == "zdr";
  }
  policy.no_training = wish.no_training.value_or(policy.no_training);
  if (wish.region) {
    const std::string region = lower(*wish.region);
    if (!is_region(region))
      return fail(ErrorKind::invalid,
                  fmt::format("\"{}\" is not a region", printable(*wish.region, 40)),
                  "--region takes a word like eu or us, or none");
    policy.region = region == "none" ? "" : region;
  }
  return {};
}

Status apply_conduct(Limits& limits, const LimitsWish& wish) {
  limits.unpriced = wish.unpriced.value_or(limits.unpriced);
  limits.dry_run = wish.dry_run.value_or(limits.dry_run);
  if (!wish.on_limit) return {};
  if (*wish.on_limit != "refuse" && *wish.on_limit != "clamp")
    return fail(ErrorKind::invalid,
                fmt::format("--on-limit does not know \"{}\"", printable(*wish.on_limit, 20)),
                "--on-limit takes: clamp, refuse");
  limits.refuse_to_clamp = *wish.on_limit == "refuse";
  return {};
}

Json or_null(const std::optional<std::int64_t>& count) {
  return count ? Json(*count) : Json(nullptr);
}

}  // namespace

Status apply_limits(Limits& limits, const LimitsWish& wish, const ControlData& data,
                    const Services& services) {
  if (wish.models) {
    TRY_STATUS(check_globs(*wish.models));
    limits.models = says_all(*wish.models) ? Strings() : *wish.models;
  }
  if (wish.providers) {
    limits.providers = says_all(*wish.providers) ? Strings() : *wish.providers;
    TRY_STATUS(check_providers(limits.providers, data, services));
  }
  if (wish.expires) {
    TRY(limits.expires, read_expiry(*wish.expires, services.clock.wall()));
  }
  TRY_STATUS(apply_spend(limits.spend, wish.spend));
  TRY_STATUS(apply_counts(limits, wish));
  TRY_STATUS(apply_policy(limits.policy, wish));
  return apply_conduct(limits, wish);
}

void add_limits(Json& out, const Limits& limits) {
  out["models"] = limits.models;
  out["providers"] = limits.providers;
  out["expires"] = limits.expires ? Json(format_rfc3339(*limits.expires)) : Json(nullptr);
  out["max_spend"] = spend_limit_view(limits.spend);
  out["rate_limit"] = or_null(limits.requests_per_minute);
  out["requests_per_day"] = or_null(limits.requests_per_day);
  out["token_limit_tpm"] = or_null(limits.tokens_per_minute);
  out["concurrency"] = or_null(limits.concurrency);
  out["require"] = limits.policy.zero_retention ? Json("zdr") : Json(nullptr);
  out["no_training"] = limits.policy.no_training;
  out["region"] = limits.policy.region.empty() ? Json(nullptr) : Json(limits.policy.region);
  out["unpriced"] = limits.unpriced;
  out["on_limit"] = limits.refuse_to_clamp ? "refuse" : "clamp";
  out["dry_run_limits"] = limits.dry_run;
}

}  // namespace routerone::control
