// One line of an agent's status bar, asked for again and again: every look here is a small one.
#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "common/platform/time_zone.h"
#include "daemon/admission/calendar.h"
#include "daemon/control/budget_view.h"
#include "daemon/control/nouns.h"
#include "daemon/control/scopes.h"

namespace routerone::control {
namespace {

using store::Condition;

constexpr Millis patience{100};

Condition text_is(const char* column, std::string text) {
  return {column, Condition::Op::equal, false, 0, std::move(text)};
}

std::vector<Condition> rows_of(const StatuslineWish& wish) {
  std::vector<Condition> where;
  if (!wish.session.empty()) where.push_back(text_is("session", wish.session));
  if (!wish.key.empty()) where.push_back(text_is("key", wish.key));
  return where;
}

/// The newest row that tells which model served; nullopt: none was found soon.
Result<std::optional<TraceRow>> newest_row(std::vector<Condition> where, Desk desk) {
  store::Query query;
  query.where = std::move(where);
  query.where.push_back({"model", Condition::Op::not_equal, false, 0, ""});
  query.limit = 1;
  TRY(auto page, desk.services.traces.page(query, patience));
  if (page.traces.empty()) return std::optional<TraceRow>();
  return std::optional(std::move(page.traces.front().row));
}

Result<store::UsageLine> sums_of(std::vector<Condition> where, Desk desk) {
  store::UsageQuery query;
  query.where = std::move(where);
  query.patience = patience;
  TRY(auto answer, desk.services.traces.usage(query));
  return answer.lines.empty() ? store::UsageLine() : std::move(answer.lines.front());
}

/// What the day has cost that began at the machine's own midnight.
Result<store::UsageLine> today(const StatuslineWish& wish, Desk desk) {
  const auto zone = admission::Zone::find(machine_time_zone()).value_or(admission::Zone());
  const auto day = admission::calendar_span(Period::day, zone, desk.services.clock.wall());
  std::vector<Condition> where{
      {"time", Condition::Op::greater_equal, true, micros_since_epoch(day.start), {}}};
  if (!wish.key.empty()) where.push_back(text_is("key", wish.key));
  return sums_of(std::move(where), desk);
}

std::optional<Money> left_in(const Json& budget) {
  const Json& left = budget["left_usd"];
  if (!left.is_string()) return std::nullopt;
  const auto amount = parse_usd(left.get<std::string>());
  return amount ? std::optional(*amount) : std::nullopt;
}

/// The scope that has least left, of those that bind this key; of nobody's: the wallet.
void add_left(Json& out, const std::string& key_name, Desk desk) {
  const auto snapshot = desk.state.snapshot();
  ControlData data = snapshot->data;
  const KeyRecord* key = key_name.empty() ? nullptr : live_key(data, key_name);
  std::optional<Money> least;
  for (const Scope& scope : all_scopes(data)) {
    const bool binds =
        scope.ledger == wallet_scope || (key && (scope.ledger == key_scope(key->id) ||
                                                 scope.ledger == project_scope(key->project)));
    if (!binds) continue;
    const auto left = left_in(budget_view(scope, data, desk));
    if (!left || (least && *least <= *left)) continue;
    least = left;
    out["left_usd"] = format_usd(*left);
    out["left_scope"] = scope.shown;
  }
}

Result<Json> statusline(Desk desk, const Json& body) {
  TRY(const auto wish, read<StatuslineWish>(body));
  TRY(const auto newest, newest_row(rows_of(wish), desk));
  Json out = Json::object();
  out["schema"] = schema_version;
  out["session_cost_usd"] = nullptr;
  out["session_requests"] = 0;
  if (!wish.session.empty()) {
    TRY(const auto session, sums_of(rows_of(wish), desk));
    out["session_cost_usd"] = format_usd(session.cost);
    out["session_requests"] = session.requests;
  }
  TRY(const auto day, today(wish, desk));
  out["today_usd"] = format_usd(day.cost);
  out["today_requests"] = day.requests;
  out["left_usd"] = nullptr;
  out["left_scope"] = nullptr;
  add_left(out, wish.key.empty() && newest ? newest->key_name : wish.key, desk);
  out["model"] = newest ? Json(newest->model) : Json(nullptr);
  return out;
}

}  // namespace

void add_statusline(Router& router, Desk desk) {
  router.on(path::statusline, [desk](const Json& body) { return statusline(desk, body); });
}

}  // namespace routerone::control
