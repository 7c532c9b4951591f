#include "daemon/control/provider_health.h"

#include <algorithm>
#include <tuple>

#include "common/core/text.h"

namespace routerone::control {
namespace {

using routing::Breaker;
using routing::HealthView;

bool is_ok(const HealthView& view) { return view.state == Breaker::State::closed; }

std::string_view state_word(const HealthView& view) {
  if (is_ok(view)) return "ok";
  if (view.state == Breaker::State::half_open) return "half-open";
  return view.told || view.why == FailureClass::rate_limited ? "cooling" : "open";
}

Json wall(SteadyTime at, const Clock& clock) {
  return format_rfc3339(clock.wall() +
                        std::chrono::duration_cast<WallTime::duration>(at - clock.steady()));
}

Json milliseconds(const std::optional<routing::Seconds>& time) {
  if (!time) return nullptr;
  return std::chrono::duration<double, std::milli>(*time).count();
}

auto badness(const HealthView& view) {
  const int state = is_ok(view) ? 0 : view.state == Breaker::State::half_open ? 1 : 2;
  return std::tuple(state, view.until, view.failure_share);
}

}  // namespace

Json health_json(const HealthView& view, const Clock& clock) {
  const bool ok = is_ok(view);
  Json out = Json::object();
  out["state"] = state_word(view);
  out["since"] = ok ? Json(nullptr) : wall(view.since, clock);
  out["why"] = ok ? Json(nullptr) : Json(to_string(view.why));
  out["told"] = !ok && view.told;
  out["next_probe"] = ok ? Json(nullptr) : wall(std::max(view.until, clock.steady()), clock);
  out["probing"] = !ok && view.probing;
  out["failure_share"] = view.failure_share;
  out["first_byte_ms"] = milliseconds(view.first_byte);
  out["per_token_ms"] = milliseconds(view.per_token);
  out["headroom"] = view.headroom;
  out["in_flight"] = view.in_flight;
  return out;
}

Json targets_json(const TargetHealth& targets, std::string_view provider, const Clock& clock) {
  Json out = Json::array();
  for (const auto& [name, view] : targets) {
    const std::string_view rest = std::string_view(name).substr(provider.size());
    const std::size_t slash = rest.find('/');
    Json row = Json::object();
    row["target"] = name;
    row["credential"] = rest.starts_with('#') ? Json(rest.substr(1, slash - 1)) : Json(nullptr);
    row["model"] = rest.substr(slash + 1);
    row.update(health_json(view, clock));
    out.push_back(std::move(row));
  }
  return out;
}

Json worst_json(const TargetHealth& targets, const Clock& clock) {
  if (targets.empty()) return nullptr;
  const auto worst = std::max_element(
      targets.begin(), targets.end(),
      [](const auto& a, const auto& b) { return badness(a.second) < badness(b.second); });
  Json out = health_json(worst->second, clock);
  out["targets"] = targets.size();
  out["affected"] = std::count_if(targets.begin(), targets.end(),
                                  [](const auto& one) { return !is_ok(one.second); });
  return out;
}

}  // namespace routerone::control
