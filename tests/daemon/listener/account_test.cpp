#include "daemon/listener/account.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/listener/exact_json.h"
#include "tests/support/manual_clock.h"

using namespace routerone;
using namespace routerone::test;
using nlohmann::json;

namespace {

Money usd(std::int64_t whole, std::int64_t cents = 0) {
  return Money{whole * 1'000'000'000'000 + cents * 10'000'000'000};
}

/// One key of one project, under a wallet.
struct Household {
  Household() {
    KeyRecord key;
    key.id = "k1";
    key.hint = "sk-rk-AbC1";
    data.keys.push_back(key);
    data.projects.push_back({"default", {}, {}});
  }
  KeyRecord& key() { return data.keys.front(); }
  Limits& project() { return data.projects.front().limits; }
  void top_up(Money amount) { data.wallet.topups.push_back({clock.wall(), amount, ""}); }

  void configure() { admission.configure(data); }
  void spend(Money amount) {
    auto pass = admission.enter(key(), 0);
    REQUIRE(pass);
    pass->settle(amount, 1);
  }
  Account account() const { return account_of(data.keys.front(), data, admission); }

  ManualClock clock;
  ControlData data;
  admission::Admission admission{clock};
};

SpendLimit limit_of(Money amount, Period period = Period::total) {
  SpendLimit limit;
  limit.amount = amount;
  limit.period = period;
  return limit;
}

json number(const std::string& text) { return json::parse(text); }

}  // namespace

TEST_CASE("each path that relays and tools ask belongs to one question, and nothing else does") {
  for (const std::string base : {"/v1", ""}) {
    CHECK(account_question(base + "/dashboard/billing/subscription") ==
          AccountQuestion::subscription);
    CHECK(account_question(base + "/dashboard/billing/usage") == AccountQuestion::usage);
  }
  CHECK(account_question("/v1/key") == AccountQuestion::key);
  CHECK(account_question("/v1/auth/key") == AccountQuestion::key);
  CHECK(account_question("/v1/credits") == AccountQuestion::credits);
  CHECK(account_question("/v1/generation") == AccountQuestion::generation);
  for (const char* other : {"/v1/keys", "/v1/key/", "/key", "/v1/dashboard/billing", "", "/"}) {
    CHECK_FALSE(account_question(other));
  }
}

TEST_CASE("a key without a limit may spend any amount, and says so where a number must stand") {
  Household home;
  home.configure();
  home.spend(usd(3));
  const Account account = home.account();
  CHECK(account.tightest() == nullptr);
  CHECK(account.settled == usd(3));
  const json subscription = json::parse(write_subscription(account));
  CHECK(subscription["hard_limit_usd"] == 100'000'000);
  CHECK(json::parse(write_usage(account, std::nullopt))["total_usage"] == 300);
  const json key = json::parse(write_key(account, std::nullopt))["data"];
  CHECK(key["limit"].is_null());
  CHECK(key["limit_remaining"].is_null());
  CHECK(key["limit_reset"].is_null());
  CHECK(key["usage"] == 3);
  const json credits = json::parse(write_credits(account))["data"];
  CHECK(credits["total_credits"] == 100'000'000);
  CHECK(credits["total_usage"] == 3);
}

TEST_CASE("what is left goes by the tightest of key, project and wallet") {
  Household home;
  home.key().limits.spend = limit_of(usd(10), Period::month);
  home.project().spend = limit_of(usd(6), Period::week);
  home.data.wallet.limits.spend = limit_of(usd(20));
  home.configure();
  home.spend(usd(1));
  CHECK(home.account().tightest()->amount == usd(6));
  CHECK(home.account().tightest()->left == usd(5));
  CHECK(home.account().tightest()->period == Period::week);

  home.project().spend = std::nullopt;
  home.configure();
  CHECK(home.account().tightest()->left == usd(9));
  CHECK(home.account().tightest()->period == Period::month);

  home.top_up(usd(4));
  home.configure();
  const Account prepaid = home.account();
  CHECK(prepaid.tightest()->amount == usd(4));
  CHECK(prepaid.tightest()->left <= usd(4));
  CHECK(prepaid.tightest()->period == Period::total);
}

TEST_CASE("limits that only watch are not told as limits") {
  Household home;
  home.key().limits.spend = limit_of(usd(1));
  home.key().limits.dry_run = true;
  home.configure();
  CHECK(home.account().tightest() == nullptr);
  home.project().spend = limit_of(usd(2));
  home.configure();
  CHECK(home.account().tightest()->amount == usd(2));
  home.project().dry_run = true;
  home.configure();
  CHECK(home.account().tightest() == nullptr);
}

TEST_CASE(
    "what requests under way hold is not taken off, what more than all was spent is not debt") {
  Household home;
  home.key().limits.spend = limit_of(usd(10));
  home.configure();
  auto pass = home.admission.enter(home.key(), 0);
  REQUIRE(pass);
  admission::Bill bill;
  bill.input = usd(9);
  REQUIRE(home.admission.reserve(*pass, home.key(), bill));
  CHECK(home.admission.state(key_scope("k1")).reserved == usd(9));
  CHECK(home.account().tightest()->left == usd(10));
  pass->settle(usd(12), 1);
  const Account over = home.account();
  CHECK(over.tightest()->left == Money{});
  CHECK(json::parse(write_usage(over, std::nullopt))["total_usage"] == 1000);
  CHECK(json::parse(write_key(over, std::nullopt))["data"]["limit_remaining"] == 0);
}

TEST_CASE("a relay that subtracts usage from limit gets what is left, to the picodollar") {
  rc::check([](std::uint32_t seed_amount, std::uint32_t seed_spent) {
    const Money amount{static_cast<std::int64_t>(seed_amount) * 1'000'003 + 1};
    const Money spent{static_cast<std::int64_t>(seed_spent) * 999'983 % amount.picousd};
    Household home;
    home.key().limits.spend = limit_of(amount);
    home.configure();
    home.spend(spent);
    const Account account = home.account();
    RC_ASSERT(account.tightest()->left == amount - spent);
    const std::string subscription = write_subscription(account);
    const std::string limit = json_usd(amount);
    RC_ASSERT(subscription.find("\"hard_limit_usd\":" + limit + ",") != std::string::npos);
    const std::string usage = write_usage(account, std::nullopt);
    RC_ASSERT(usage == R"({"object":"list","total_usage":)" + json_cents(spent) + "}");
    RC_ASSERT(write_credits(account) == R"({"data":{"total_credits":)" + limit +
                                            R"(,"total_usage":)" + json_usd(spent) + "}}");
  });
}

TEST_CASE("a subscription has all that one-api reads") {
  Household home;
  home.key().limits.spend = limit_of(usd(5));
  home.configure();
  Account account = home.account();
  json told = json::parse(write_subscription(account));
  CHECK(told["object"] == "billing_subscription");
  CHECK(told["has_payment_method"] == true);
  for (const char* name : {"soft_limit_usd", "hard_limit_usd", "system_hard_limit_usd"}) {
    CHECK(told[name] == 5);
  }
  CHECK(told["access_until"] == 4'102'444'800);
  account.expires = WallTime(std::chrono::seconds(1'800'000'000));
  CHECK(json::parse(write_subscription(account))["access_until"] == 1'800'000'000);
}

TEST_CASE("a key is told as OpenRouter tells one, with every field its clients insist on") {
  Household home;
  home.key().limits.spend = limit_of(usd(5), Period::day);
  home.key().limits.requests_per_minute = 30;
  home.key().limits.expires = WallTime(std::chrono::seconds(1'800'000'000));
  home.configure();
  home.spend(usd(1, 25));
  const RecentSpend recent{usd(1), usd(2), usd(3)};
  const json key = json::parse(write_key(home.account(), recent))["data"];
  CHECK(key["label"] == "sk-rk-AbC1...");
  CHECK(key["limit"] == 5);
  CHECK(key["limit_remaining"] == 3.75);
  CHECK(key["limit_reset"] == "daily");
  CHECK(key["usage"] == 1.25);
  CHECK(key["usage_daily"] == 1);
  CHECK(key["usage_weekly"] == 2);
  CHECK(key["usage_monthly"] == 3);
  CHECK(key["expires_at"] == "2027-01-15T08:00:00.000000Z");
  CHECK(key["rate_limit"]["requests"] == 30);
  CHECK(key["rate_limit"]["interval"] == "1m");
  CHECK(key["workspace_id"] == "default");
  CHECK(key["effective_budget"]["remaining_usd"] == 3.75);
  CHECK(key["effective_budget"]["reset_interval"] == "daily");
  CHECK(key["effective_budget"]["resets_at"] == "2023-11-15T00:00:00.000000Z");
  CHECK(key["budgets"] == json::array({key["effective_budget"]}));
  CHECK(key["allowed_data_regions"] == json::array({"global"}));
  for (const char* name :
       {"is_free_tier", "is_provisioning_key", "is_management_key", "include_byok_in_limit"}) {
    CHECK(key[name] == false);
  }
  for (const char* name :
       {"byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"}) {
    CHECK(key[name] == 0);
  }
}

TEST_CASE("a key says which limits bind it, and where alone its requests may go") {
  Household home;
  home.key().limits.spend = limit_of(usd(5));
  home.project().spend = limit_of(usd(2), Period::month);
  home.project().policy.region = "eu";
  home.top_up(usd(9));
  home.configure();
  const json key = json::parse(write_key(home.account(), std::nullopt))["data"];
  REQUIRE(key["budgets"].size() == 3);
  CHECK(key["budgets"][0]["scope"] == "key_limit");
  CHECK(key["budgets"][1] == key["effective_budget"]);
  CHECK(key["budgets"][2]["limit_usd"] == 9);
  CHECK(key["budgets"][2]["reset_interval"].is_null());
  CHECK(key["usage_daily"].is_null());
  CHECK(key["allowed_data_regions"] == json::array({"europe"}));
}

TEST_CASE("days of usage are told as OpenAI told them, a day's models together") {
  const WallTime first{std::chrono::seconds(1'700'006'400)};
  const WallTime second = first + std::chrono::days(1);
  const std::vector<DayCost> days = {
      {first, "a/x", usd(1)}, {first, "b/y", usd(0, 3)}, {second, "a/x", usd(2)}};
  const json told = json::parse(write_usage({}, days))["daily_costs"];
  CHECK(told == number(R"([{"timestamp":1700006400,"line_items":[{"name":"a/x","cost":100},)"
                       R"({"name":"b/y","cost":3}]},)"
                       R"({"timestamp":1700092800,"line_items":[{"name":"a/x","cost":200}]}])"));
  CHECK(json::parse(write_usage({}, std::vector<DayCost>{}))["daily_costs"] == json::array());
  CHECK_FALSE(json::parse(write_usage({}, std::nullopt)).contains("daily_costs"));
}
