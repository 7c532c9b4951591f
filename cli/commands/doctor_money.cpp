// Checks: does a limit stand in the way, or is spend not known?
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/doctor_check.h"
#include "cli/commands/views.h"
#include "common/core/money.h"
#include "common/platform/time_zone.h"

namespace routerone::cli {
namespace {

std::string scope_of(const Json& budget) { return text_of(budget, "scope"); }

Verdict stopped(const Findings& found) {
  if (found.daemon.budgets.is_null()) return unasked(found);
  for (const Json& budget : found.daemon.budgets)
    if (flag_of(budget, "stopped"))
      return broken(
          fmt::format("{} is stopped: a provider charged more than was held", scope_of(budget)),
          fmt::format("look at it: routerone budgets show {0}; then set it anew: "
                      "routerone budgets set {0} USD",
                      scope_of(budget)));
  return fine("none is stopped");
}

Verdict reached(const Findings& found) {
  if (found.daemon.budgets.is_null()) return unasked(found);
  std::vector<std::string> scopes;
  for (const Json& budget : found.daemon.budgets)
    if (flag_of(budget, "reached") && !flag_of(budget, "stopped"))
      scopes.push_back(scope_of(budget));
  if (scopes.empty()) return fine(fmt::format("{} looked at", found.daemon.budgets.size()));
  return doubtful(some_of(scopes) + " used up: requests are refused",
                  scopes.front() == "wallet"
                      ? "routerone budgets topup USD, or: routerone budgets set wallet USD"
                      : fmt::format("routerone budgets set {} USD", scopes.front()));
}

/// Does less than a twentieth of what was topped up remain?
bool is_nearly_empty(const Json& wallet) {
  const auto balance = parse_usd(text_of(wallet, "balance_usd"));
  Money paid;
  for (const Json& topup : part_of(wallet, "topups"))
    if (const auto amount = parse_usd(text_of(topup, "usd"))) paid += *amount;
  return balance && balance->picousd > 0 && balance->picousd < paid.picousd / 20;
}

Verdict nearly(const Findings& found) {
  if (found.daemon.budgets.is_null()) return unasked(found);
  for (const Json& budget : found.daemon.budgets) {
    const Json& limit = part_of(budget, "limit");
    const auto warn = whole_of(limit, "warn_percent"), used = whole_of(budget, "used_percent");
    if (flag_of(budget, "reached")) continue;
    if (warn > 0 && used >= warn)
      return doubtful(fmt::format("{} has used {} % of its limit", scope_of(budget), used),
                      fmt::format("routerone budgets show {}", scope_of(budget)));
    if (is_nearly_empty(budget))
      return doubtful(fmt::format("{} USD are left in the wallet", text_of(budget, "balance_usd")),
                      "routerone budgets topup USD");
  }
  return fine("none is near its end");
}

Verdict zones(const Findings& found) {
  if (found.daemon.budgets.is_null()) return unasked(found);
  for (const Json& budget : found.daemon.budgets) {
    const std::string zone = text_of(part_of(budget, "limit"), "timezone");
    if (!zone.empty() && !time_zone_exists(zone))
      return broken(fmt::format("{} is by the time in {}, which this machine does not know",
                                scope_of(budget), zone),
                    "sudo apt install tzdata, then: routerone restart");
  }
  return fine("the time of each is known");
}

Verdict unpriced(const Findings& found) {
  if (found.daemon.usage.is_null()) return unasked(found);
  std::vector<std::string> models;
  for (const Json& line : found.daemon.usage)
    if (whole_of(line, "unknown_cost_requests") > 0) models.push_back(text_of(line, "model"));
  if (models.empty()) return fine("every request of 7 days has a cost");
  return doubtful(some_of(models) + ": requests of the last 7 days of unknown cost",
                  fmt::format("routerone models price {} --input USD --output USD",
                              shell_word(models.front())));
}

}  // namespace

std::vector<Check> money_checks() {
  return {
      {"budget-stopped", "no scope was stopped", stopped},
      {"budget-reached", "no limit is used up", reached},
      {"budget-near", "no limit or balance is near its end", nearly},
      {"budget-zones", "the time zones of limits are known", zones},
      {"unknown-costs", "what models cost is known", unpriced},
  };
}

}  // namespace routerone::cli
