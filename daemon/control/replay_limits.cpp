#include "daemon/control/replay_limits.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/control/limits.h"
#include "daemon/control/scopes.h"

namespace routerone::control {
namespace {

tl::unexpected<Error> no_limit(const std::string& text) {
  return fail(ErrorKind::invalid,
              fmt::format("--limit {}: it is SCOPE=USD or SCOPE=USD/PERIOD", printable(text, 64)),
              "for example --limit key:ci=2/day, project:web=10/month or wallet=50");
}

}  // namespace

Result<ReplayLimit> ReplayLimit::read(const std::string& text, const ControlData& data) {
  const std::size_t equals = text.rfind('=');
  if (equals == text.npos || equals + 1 == text.size()) return no_limit(text);
  const std::string amount = text.substr(equals + 1);
  const std::size_t slash = amount.find('/');
  SpendWish wish;
  wish.max_spend = amount.substr(0, slash);
  if (slash != amount.npos) wish.every = amount.substr(slash + 1);
  if (wish.max_spend == "none") return no_limit(text);
  std::optional<SpendLimit> limit;
  TRY_STATUS(apply_spend(limit, wish));
  ControlData copy = data;
  TRY(const Scope scope, find_scope(copy, text.substr(0, equals)));
  ReplayLimit made;
  made.text_ = text;
  made.scope_ = scope.ledger;
  made.limit_ = *limit;
  made.zone_ = admission::Zone::find(limit->timezone).value_or(admission::Zone());
  return made;
}

bool ReplayLimit::covers(const store::PastRequest& past) const {
  const auto scopes = scopes_of(past.key_id, past.project);
  return std::find(scopes.begin(), scopes.end(), scope_) != scopes.end();
}

void ReplayLimit::begin_window(WallTime at) {
  if (limit_.period == Period::total || (at >= window_.start && at < window_.end)) return;
  window_ = admission::calendar_span(limit_.period, zone_, at);
  spent_ = Money{};
}

bool ReplayLimit::has_room(WallTime at, Money cost) {
  begin_window(at);
  return spent_ + cost <= limit_.amount;
}

void ReplayLimit::count(WallTime at, bool refused) {
  ++requests_;
  if (!refused) return;
  ++refused_;
  if (!first_refused_) first_refused_ = at;
}

}  // namespace routerone::control
