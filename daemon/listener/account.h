#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.h"
#include "common/core/money.h"
#include "daemon/admission/admission.h"

namespace routerone {

/// What relays and tools ask about the key they call with: the first two as OpenAI answered them
/// when it still did, the way one-api and new-api read them; the others as OpenRouter does.
enum class AccountQuestion { subscription, usage, key, credits, generation };

/// `path` with `/api` taken off. `/dashboard/..` is asked with and without `/v1`.
std::optional<AccountQuestion> account_question(std::string_view path);

/// A limit on what a key may spend: its own, its project's or the wallet's. What requests under way
/// hold is not taken off: most of it comes back, and a relay that once reads 0 gives its channel up
/// for good.
struct Allowance {
  std::string_view scope;  ///< As OpenRouter calls such a layer.
  Money amount;
  Money left;                      ///< Never below zero.
  Period period = Period::total;   ///< Begins anew after it.
  std::optional<WallTime> resets;  ///< Then.

  Money used() const;
};

struct Account {
  std::string label;                  ///< The key's first characters.
  std::string project;                ///< The key's.
  std::string region;                 ///< Where alone its requests may go; empty: anywhere.
  Money settled;                      ///< By the key, since ever.
  std::vector<Allowance> allowances;  ///< All that bind, in no order. Dry runs do not.
  std::optional<WallTime> expires;
  std::optional<std::int64_t> requests_per_minute;

  /// What really is left goes by this one. Null: no limit.
  const Allowance* tightest() const;
};
Account account_of(const KeyRecord&, const ControlData&, const admission::Admission&);

/// What a key spent in the day, week and month under way, by UTC; weeks begin on Monday.
struct RecentSpend {
  Money day, week, month;
};

/// One model's part of one day.
struct DayCost {
  WallTime day;
  std::string model;
  Money cost;
};

/// Where a key has no limit and a field must be a number: what one-api says of such keys, too.
inline constexpr std::string_view no_limit = "100000000";

std::string write_subscription(const Account&);
/// `days` in order of time; nullopt: not asked for. The total is what relays take off the
/// subscription's limit to learn what is left, so it goes by the limit's window and not by dates.
std::string write_usage(const Account&, const std::optional<std::vector<DayCost>>& days);
std::string write_key(const Account&, const std::optional<RecentSpend>&);
std::string write_credits(const Account&);
/// OpenRouter's way to say what is wrong: the status is the code.
std::string write_account_error(int status, std::string_view message);

}  // namespace routerone
