#include "daemon/control/reconcile.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/cost_query.h"

namespace routerone::control {
namespace {

using Actual = store::TraceStore::Actual;
using Reconciled = store::TraceStore::Reconciled;

bool doubtful(const TraceRow& row) {
  return row.state == FinalState::interrupted || row.usage_source == UsageSource::estimate;
}

Result<std::vector<Actual>> read_costs(const Pairs& costs) {
  if (costs.size() > ReconcileWish::most_costs)
    return fail(ErrorKind::invalid, "too many costs for one call");
  std::vector<Actual> out;
  for (const auto& [id, usd] : costs) {
    TRY(const Money cost, parse_usd(usd));
    if (cost < Money{})
      return fail(ErrorKind::invalid,
                  fmt::format("the cost of {} is below 0; nobody is credited", printable(id, 64)));
    out.push_back({id, cost});
  }
  return out;
}

/// What reconcile would do, from the rows as they are.
Result<Reconciled> rehearse(const std::vector<Actual>& actuals, bool only_doubtful, Desk desk) {
  std::unordered_map<std::string, Money> wanted;
  for (const Actual& actual : actuals) wanted[actual.id] = actual.cost;
  constexpr std::size_t page = 1'000;
  Reconciled out;
  std::set<std::string> found;
  store::Query query;
  query.limit = page;
  query.oldest_first = true;
  for (;;) {
    TRY(const auto rows, desk.services.traces.query(query));
    for (const auto& stored : rows) {
      const TraceRow& row = stored.row;
      auto match = wanted.find(row.id);
      if (match == wanted.end() && !row.upstream_request_id.empty())
        match = wanted.find(row.upstream_request_id);
      if (match == wanted.end()) continue;
      found.insert(match->first);
      if (row.cost == match->second)
        ++out.equal;
      else if (!only_doubtful || doubtful(row))
        out.changed.emplace_back(row, match->second);
    }
    if (rows.size() < page) break;
    query.after_sequence = rows.back().sequence;
  }
  for (const Actual& actual : actuals)
    if (!found.contains(actual.id)) out.unknown.push_back(actual.id);
  return out;
}

/// Windows under way take the difference in at the minute the request was in.
void correct_limits(const Reconciled& done, admission::Admission& admission) {
  for (const auto& [row, cost] : done.changed) {
    const Money by = cost - row.cost.value_or(Money{});
    for (const std::string& scope : scopes_of(row.key_id, row.project)) {
      admission.correct(scope, row.time, by);
    }
  }
}

Json view(const Reconciled& done, const ReconcileWish& wish) {
  Money difference;
  Json changed = Json::array();
  for (const auto& [row, cost] : done.changed) {
    const Money by = cost - row.cost.value_or(Money{});
    difference += by;
    Json entry = Json::object();
    entry["id"] = row.id;
    entry["upstream_request_id"] = row.upstream_request_id;
    entry["key"] = row.key_name;
    entry["project"] = row.project;
    entry["model"] = row.model;
    entry["state"] = to_string(row.state);
    entry["was_usd"] = row.cost ? Json(format_usd(*row.cost)) : Json(nullptr);
    entry["cost_usd"] = format_usd(cost);
    entry["difference_usd"] = format_usd(by);
    changed.push_back(std::move(entry));
  }
  Json out = Json::object();
  out["schema"] = schema_version;
  out["dry_run"] = wish.dry_run;
  out["changed"] = std::move(changed);
  out["unknown"] = done.unknown;
  out["equal"] = done.equal;
  out["difference_usd"] = format_usd(difference);
  return out;
}

}  // namespace

Result<Json> reconcile(Desk desk, const Json& body) {
  TRY(const auto wish, read<ReconcileWish>(body));
  if (wish.costs.empty() == wish.provider.empty())
    return fail(ErrorKind::invalid, "say where the costs come from: a file or a provider",
                "routerone budgets reconcile --help");
  AskedCosts asked;
  if (wish.provider.empty()) {
    TRY(asked.costs, read_costs(wish.costs));
  } else {
    TRY(asked, ask_costs(wish.provider, desk));
  }
  Reconciled done;
  if (wish.dry_run) {
    TRY(done, rehearse(asked.costs, !wish.all, desk));
  } else if (!asked.costs.empty()) {
    TRY(done, desk.services.traces.reconcile(asked.costs, !wish.all));
    correct_limits(done, desk.services.admission);
  }
  Json out = view(done, wish);
  out["unanswered"] = asked.unanswered;
  out["left"] = asked.left;
  return out;
}

}  // namespace routerone::control
