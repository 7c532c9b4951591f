#include <algorithm>
#include <thread>

#include "common/control/contract.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/budget_view.h"
#include "daemon/control/runs.h"
#include "daemon/control/usage_sums.h"

namespace routerone::control {
namespace {

using store::Condition;

constexpr Millis between_looks{10};
constexpr int most_looks = 150;

/// The run's requests are over and their cost is in the store: then all of its rows are.
bool is_settled(const std::string& scope, Desk desk) {
  const admission::ScopeState state = desk.services.admission.state(scope);
  const auto settled = desk.services.traces.settled();
  const auto stored = settled.find(scope);
  return state.running == 0 &&
         state.settled == (stored == settled.end() ? Money{} : stored->second);
}

void wait_until_settled(const std::string& scope, Desk desk) {
  for (int looks = 0; looks < most_looks && !is_settled(scope, desk); ++looks)
    std::this_thread::sleep_for(between_looks);
}

Condition text_is(const char* column, Condition::Op op, std::string text) {
  return {column, op, false, 0, std::move(text)};
}

/// Of this run and those inside it, since it was last started.
store::Query rows_of(const KeyRecord& key) {
  store::Query query;
  query.where.push_back(text_is("key_id", Condition::Op::glob, key.id + "*"));
  query.where.push_back(
      {"time", Condition::Op::greater_equal, true, micros_since_epoch(key.run->started), {}});
  return query;
}

Result<std::int64_t> count_of(store::Query query, const char* column, const char* value,
                              Desk desk) {
  query.where.push_back(text_is(column, Condition::Op::equal, value));
  TRY(const auto lines, desk.services.traces.usage({}, query));
  return lines.empty() ? 0 : lines.front().requests;
}

/// How much of what was read came from a cache; null: nothing was read.
Json cache_percent(const store::UsageLine& line) {
  const std::int64_t read = line.input_tokens + line.cache_read_tokens + line.cache_write_tokens;
  return read > 0 ? Json(line.cache_read_tokens * 100 / read) : Json(nullptr);
}

void add_receipt_sums(Json& out, const store::UsageLine& line) {
  add_sums(out, line);
  out["cache_hit_percent"] = cache_percent(line);
}

}  // namespace

Result<Json> receipt_of(KeyRecord key, Desk desk) {
  const std::string scope = key_scope(key.id);
  wait_until_settled(scope, desk);
  const store::Query query = rows_of(key);
  TRY(const auto sums, desk.services.traces.usage({}, query));
  TRY(auto models, desk.services.traces.usage({"model"}, query));
  std::sort(models.begin(), models.end(),
            [](const auto& a, const auto& b) { return a.cost > b.cost; });
  Json out = Json::object();
  out["schema"] = schema_version;
  out["name"] = key.name;
  out["id"] = key.id;
  out["project"] = key.project;
  out["started"] = format_rfc3339(key.run->started);
  add_receipt_sums(out, sums.empty() ? store::UsageLine() : sums.front());
  TRY(out["fallbacks"], count_of(query, "route", "fallback", desk));
  TRY(out["refusals"], count_of(query, "state", "refused", desk));
  out["models"] = Json::array();
  for (const auto& line : models) {
    if (line.group.front().empty()) continue;  // refused before there was one
    Json entry = Json::object();
    entry["model"] = line.group.front();
    add_receipt_sums(entry, line);
    out["models"].push_back(std::move(entry));
  }
  out["budget"] = budget_view({key_scope(key.name), scope, &key.limits.spend},
                              desk.state.snapshot()->data, desk);
  return out;
}

}  // namespace routerone::control
