#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/admission/calendar.h"
#include "daemon/control/nouns.h"
#include "daemon/control/usage_sums.h"
#include "daemon/control/words.h"
#include "daemon/trace/filter.h"

namespace routerone::control {
namespace {

constexpr int most_parts = 1'000;
constexpr std::array groups = {"model",   "key",    "project", "provider",
                               "session", "client", "day",     "hour"};

Status check_groups(const Strings& by) {
  const std::vector<std::string> known(groups.begin(), groups.end());
  for (const std::string& group : by) {
    if (std::find(known.begin(), known.end(), group) == known.end())
      return fail(ErrorKind::invalid,
                  fmt::format("usage cannot be told by \"{}\"", printable(group, 40)),
                  fmt::format("--by takes: {}", fmt::join(known, ",")));
    if (std::count(by.begin(), by.end(), group) > 1)
      return fail(ErrorKind::invalid, fmt::format("--by names {} twice", group));
  }
  return {};
}

Json millis_or_null(const std::optional<std::chrono::microseconds>& time) {
  return time ? Json(static_cast<double>(time->count()) / 1000.0) : Json(nullptr);
}

Json share_or_null(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? Json(static_cast<double>(part) / static_cast<double>(whole)) : Json(nullptr);
}

Json parts_view(const store::UsageLine& line, const store::UsageAnswer& answer) {
  Json out = Json::array();
  const auto count = static_cast<std::int64_t>(line.parts.size());
  for (std::int64_t i = 0; i < count; ++i) {
    const store::UsagePart& part = line.parts[static_cast<std::size_t>(i)];
    Json entry = Json::object();
    entry["start"] = format_rfc3339(answer.since + (answer.until - answer.since) / count * i);
    entry["cost_picousd"] = part.cost.picousd;
    entry["requests"] = part.requests;
    entry["tokens"] = part.tokens;
    out.push_back(std::move(entry));
  }
  return out;
}

Json view(const UsageWish& wish, const store::UsageLine& line, const store::UsageAnswer& answer) {
  Json out = Json::object();
  out["schema"] = schema_version;
  for (std::size_t i = 0; i < wish.by.size() && i < line.group.size(); ++i)
    out[wish.by[i]] = line.group[i];
  add_sums(out, line);
  out["reasoning_tokens"] = line.reasoning_tokens;
  out["error_share"] = share_or_null(line.errors, line.requests);
  out["cache_hit_share"] = share_or_null(
      line.cache_read_tokens, line.input_tokens + line.cache_read_tokens + line.cache_write_tokens);
  out["p50_ms"] = millis_or_null(line.latency_p50);
  out["p95_ms"] = millis_or_null(line.latency_p95);
  out["ttft_p50_ms"] = millis_or_null(line.ttft_p50);
  out["ttft_p95_ms"] = millis_or_null(line.ttft_p95);
  out["complete"] = answer.complete;
  if (wish.parts > 0) out["parts"] = parts_view(line, answer);
  return out;
}

Result<store::UsageQuery> query_of(const UsageWish& wish, WallTime now) {
  TRY_STATUS(check_groups(wish.by));
  if (wish.parts < 0 || wish.parts > most_parts)
    return fail(ErrorKind::invalid, "usage is told in at most 1000 parts");
  TRY(const auto filter, trace::parse_filter(wish.terms, now));
  store::UsageQuery query;
  query.by = wish.by;
  query.where = filter.where;
  query.parts = wish.parts;
  const std::string name = wish.timezone.value_or("UTC");
  const auto zone = admission::Zone::find(name);
  if (!zone)
    return fail(ErrorKind::invalid,
                fmt::format("there is no time zone \"{}\" on this machine", printable(name, 64)),
                "for example --timezone Europe/Berlin");
  if (name != "UTC") query.offset = [zone = *zone](WallTime at) { return zone.offset(at); };
  return query;
}

Result<Json> sum(Desk desk, const Json& body) {
  TRY(const auto wish, read<UsageWish>(body));
  TRY(const auto query, query_of(wish, desk.services.clock.wall()));
  TRY(auto answer, desk.services.traces.usage(query));
  if (answer.lines.empty() && wish.by.empty())
    answer.lines.emplace_back().parts.resize(static_cast<std::size_t>(wish.parts));
  Json out = Json::array();
  for (const auto& line : answer.lines) out.push_back(view(wish, line, answer));
  return out;
}

}  // namespace

void add_usage(Router& router, Desk desk) {
  router.on(path::usage, [desk](const Json& body) { return sum(desk, body); });
}

}  // namespace routerone::control
