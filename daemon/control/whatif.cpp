#include "daemon/control/whatif.h"

#include <algorithm>
#include <cmath>

#include "common/core/text.h"
#include "daemon/exchange/health_name.h"

namespace routerone::control {
namespace {

constexpr std::size_t most_sessions = 20'000;  // as many as are held together when routing
constexpr double most_picousd = 1e16;          // 10,000 USD: no request costs that

std::string session_of(const store::PastRequest& past) {
  return past.session.empty() ? "" : past.key_id + '\n' + past.session;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Was any provider asked? One that failed is not the row's, but among its attempts.
bool was_asked(const store::PastRequest& past) {
  return past.state != FinalState::refused && past.state != FinalState::shed &&
         !(past.provider.empty() && past.attempts.empty());
}

bool went_wrong(FinalState state) {
  return state == FinalState::upstream_failed || state == FinalState::interrupted;
}

std::string server_of(const store::PastRequest& past) {
  const bool has_attempt = !past.attempts.empty() &&
                           past.attempts.back().provider == past.provider &&
                           past.attempts.back().upstream_model == past.upstream_model;
  return has_attempt ? health_name(past.attempts.back())
                     : health_name(past.provider, "", past.upstream_model);
}

/// What it cost, in the proportion in which the two were expected to.
std::optional<Money> scaled(const std::optional<Money>& cost, const Standpoint& from,
                            const Standpoint& to) {
  if (!cost || !from.dollars || !to.dollars) return std::nullopt;
  const double estimate = *from.dollars > 0
                              ? static_cast<double>(cost->picousd) * (*to.dollars / *from.dollars)
                              : *to.dollars * 1e12;
  if (!std::isfinite(estimate) || std::abs(estimate) > most_picousd) return std::nullopt;
  return Money{std::llround(estimate)};
}

std::optional<double> slower_by(const Standpoint& from, const Standpoint& to,
                                std::chrono::duration<double> lost_more) {
  if (!from.seconds || !to.seconds) return std::nullopt;
  const double by = *to.seconds - *from.seconds + lost_more.count();
  return std::isfinite(by) ? std::optional(by) : std::nullopt;
}

void put_money(Json& out, const std::string& name, Money amount) {
  out[name + "_usd"] = format_usd(amount);
  out[name + "_picousd"] = amount.picousd;
}

Json time_json(const std::optional<WallTime>& at) {
  return at ? Json(format_rfc3339(*at)) : Json(nullptr);
}

}  // namespace

WhatIf::WhatIf(routing::ReplayChanges changes, std::vector<ReplayLimit> limits)
    : changes_(std::move(changes)), limits_(std::move(limits)) {}

Decision WhatIf::again(const store::PastRequest& past) const {
  routing::ReplayChanges changes = changes_;
  const auto held = held_.find(session_of(past));
  if (held != held_.end() && !past.decision->sticky.empty()) changes.sticky = held->second;
  return routing::replay(*past.decision, changes);
}

WhatIf::Judged WhatIf::judge_served(const store::PastRequest& past, const Decision& again) {
  const auto passed = routing::passed_over(*past.decision, server_of(past), past.attempts);
  if (!passed) return {Fate::other_rules, {}, {}, past.cost, {}};
  const auto then = routing::served_by(*past.decision, *passed, past.attempts);
  const auto now = routing::served_by(again, *passed, past.attempts);
  if (!now.by) return {Fate::nobody, {}, {}, Money{}, {}};
  const Standpoint &from = then.by->point, &to = now.by->point;
  Judged judged{Fate::moved, health_name(*then.by), health_name(*now.by), past.cost, {}};
  const bool stays = judged.from == judged.to;
  if (stays) judged.fate = Fate::unchanged;
  if (!stays) judged.cost = scaled(past.cost, from, to);
  if (!stays || then.lost != now.lost) judged.slower = slower_by(from, to, now.lost - then.lost);
  return judged;
}

WhatIf::Judged WhatIf::judge(const store::PastRequest& past) {
  if (!was_asked(past)) return {Fate::not_served, {}, {}, Money{}, {}};
  if (!past.decision) {
    if (has(changes_.without, past.provider)) return {Fate::nobody, {}, {}, Money{}, {}};
    return {Fate::no_choice, {}, {}, past.cost, {}};
  }
  if (!past.decision_is_whole) return {Fate::cut, {}, {}, past.cost, {}};
  if (routing::replay(*past.decision, {}).order != past.decision->order)
    return {Fate::other_rules, {}, {}, past.cost, {}};
  const Decision made_again = again(past);
  if (!went_wrong(past.state)) return judge_served(past, made_again);
  if (made_again.order.empty()) return {Fate::nobody, {}, {}, Money{}, {}};
  if (past.decision->order.empty()) return {Fate::failed, {}, {}, past.cost, {}};
  const auto& first = made_again.candidates[made_again.order.front()];
  const auto& then = past.decision->candidates[past.decision->order.front()];
  const bool same = health_name(first) == health_name(then);
  return {same ? Fate::unchanged : Fate::failed, {}, {}, past.cost, {}};
}

void WhatIf::remember(const store::PastRequest& past, const Judged& judged) {
  const std::string session = session_of(past);
  if (session.empty() || (judged.fate != Fate::moved && judged.fate != Fate::unchanged)) return;
  if (judged.fate == Fate::unchanged) {
    held_.erase(session);
  } else if (held_.size() < most_sessions || held_.contains(session)) {
    held_[session] = judged.to;
  }
}

void WhatIf::add_sums(const store::PastRequest& past, const Judged& judged) {
  if (judged.fate == Fate::not_served) return;
  if (judged.fate == Fate::nobody) {
    without_target_ += past.cost.value_or(Money{});
    return;
  }
  if (past.cost && judged.cost) {
    actual_ += *past.cost;
    replayed_ += *judged.cost;
  } else {
    ++unknown_costs_;
  }
  if (judged.slower) {
    ++timed_;
    slower_ += *judged.slower;
  }
  if (judged.fate != Fate::moved) return;
  if (!judged.slower) ++untimed_;
  Move& move = moves_[{judged.from, judged.to}];
  ++move.requests;
  if (!past.cost || !judged.cost) return;
  ++move.known;
  move.change += *judged.cost - *past.cost;
}

void WhatIf::apply_limits(const store::PastRequest& past, Money cost) {
  std::vector<ReplayLimit*> here;
  for (ReplayLimit& limit : limits_)
    if (limit.covers(past)) here.push_back(&limit);
  bool refused = false;
  for (ReplayLimit* limit : here) {
    const bool full = !limit->has_room(past.time, cost);
    limit->count(past.time, full);
    refused |= full;
  }
  if (refused) {
    ++refused_;
    refused_money_ += cost;
    return;
  }
  for (ReplayLimit* limit : here) limit->settle(cost);
}

void WhatIf::add(const store::PastRequest& past) {
  if (!first_) first_ = past.time;
  last_ = past.time;
  const Judged judged = judge(past);
  ++counts_.at(static_cast<std::size_t>(judged.fate));
  remember(past, judged);
  add_sums(past, judged);
  if (judged.fate != Fate::not_served && judged.fate != Fate::nobody)
    apply_limits(past, judged.cost.value_or(Money{}));
}

Json WhatIf::moves_json() const {
  std::vector<std::pair<std::pair<std::string, std::string>, Move>> moves(moves_.begin(),
                                                                          moves_.end());
  std::stable_sort(moves.begin(), moves.end(), [](const auto& a, const auto& b) {
    return a.second.requests > b.second.requests;
  });
  const auto all = static_cast<double>(count(Fate::moved));
  Json out = Json::array();
  for (const auto& [targets, move] : moves) {
    Json entry = Json::object();
    entry["from"] = targets.first;
    entry["to"] = targets.second;
    entry["requests"] = move.requests;
    entry["share"] = static_cast<double>(move.requests) / all;
    put_money(entry, "change", move.change);
    entry["unknown_cost"] = move.requests - move.known;
    out.push_back(std::move(entry));
  }
  return out;
}

Json WhatIf::limits_json() const {
  Json out = Json::array();
  for (const ReplayLimit& limit : limits_) {
    Json entry = Json::object();
    entry["limit"] = limit.text();
    entry["requests"] = limit.requests();
    entry["refused"] = limit.refused();
    entry["first_refused"] = time_json(limit.first_refused());
    out.push_back(std::move(entry));
  }
  return out;
}

Json WhatIf::done() const {
  Json out = Json::object();
  std::int64_t all = 0;
  for (const std::int64_t of_one : counts_) all += of_one;
  out["first"] = time_json(first_);
  out["last"] = time_json(last_);
  out["requests"] = all;
  out["unchanged"] = count(Fate::unchanged);
  out["moved"] = count(Fate::moved);
  out["nobody_left"] = count(Fate::nobody);
  out["no_choice"] = count(Fate::no_choice);
  out["not_served"] = count(Fate::not_served);
  out["not_judged"] = {{"failed", count(Fate::failed)},
                       {"too_many_candidates", count(Fate::cut)},
                       {"other_rules", count(Fate::other_rules)}};
  out["moves"] = moves_json();
  Json& cost = out["cost"] = Json::object();
  put_money(cost, "actual", actual_);
  put_money(cost, "replayed", replayed_);
  put_money(cost, "change", replayed_ - actual_);
  cost["estimated"] = count(Fate::moved) > 0;
  cost["unknown"] = unknown_costs_;
  put_money(cost, "nobody_left", without_target_);
  out["latency"] = {
      {"requests", timed_},
      {"change_ms", timed_ > 0 ? Json(slower_ * 1e3 / static_cast<double>(timed_)) : Json(nullptr)},
      {"unknown", untimed_}};
  out["refused"] = {{"requests", refused_}};
  put_money(out["refused"], "cost", refused_money_);
  out["refused"]["limits"] = limits_json();
  return out;
}

}  // namespace routerone::control
