#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "common/core/text.h"
#include "common/json/json.h"
#include "daemon/dialect/bedrock_converse/usage.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/usage.h"
#include "daemon/dialect/registry.h"
#include "daemon/metering/cost.h"
#include "tests/support/source_tree.h"

namespace routerone {
namespace {

Json read_vectors() {
  const auto file = test::source_tree() / "tests/daemon/metering/price_vectors.json";
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  const auto json = parse_json(text.str());
  REQUIRE(json);
  return (*json)["vectors"];
}

/// The vector's price with its conditions, in the one object that a user would write.
std::optional<catalog::Price> price_of(const Json& vector) {
  if (vector["price"].is_null()) return std::nullopt;
  Json price = vector["price"];
  for (const char* condition : {"tiers", "service_tiers", "off_peak", "peak", "scheduled"}) {
    if (vector.contains(condition)) price[condition] = vector[condition];
  }
  auto parsed = catalog::parse_price(price.dump());
  REQUIRE(parsed);
  return *std::move(parsed);
}

Usage usage_of(const Json& vector) {
  const std::string dialect = vector["dialect"];
  const Json& reported = vector["usage"];
  Usage usage;
  const std::string text = reported.dump();
  const dialect::Dom dom(text);
  REQUIRE(dom.ok());
  if (dialect == "gemini") {
    usage = dialect::gemini::read_usage(dom.root());
  } else if (dialect == "bedrock-converse") {
    usage = dialect::bedrock_converse::read_usage(dom.root());
  } else {
    const std::string ours = dialect == "anthropic-messages" ? "anthropic" : dialect;
    usage = dialect::read_usage_json(ours, text);
  }
  // What stands elsewhere in an answer than in its usage.
  if (vector.contains("web_search_calls")) usage.web_searches = vector["web_search_calls"];
  if (vector.contains("served_tier")) usage.service_tier = vector["served_tier"];
  return usage;
}

WallTime time_of(const Json& vector) {
  const auto at = parse_rfc3339(vector.value("at", "2026-11-20T12:00:00Z"));
  REQUIRE(at);
  return *at;
}

metering::Cost cost_of(const Json& vector) {
  const auto price = price_of(vector);
  return metering::cost_of(usage_of(vector), price ? &*price : nullptr, PriceSource::catalog,
                           time_of(vector));
}

/// Picodollars of a vector; nullopt: unknown.
std::optional<Money> expected_of(const Json& vector) {
  if (vector["expected_usd"].is_null()) return std::nullopt;
  const auto usd = parse_usd(vector["expected_usd"].get<std::string>());
  REQUIRE(usd);
  if (vector.contains("expected_picousd")) {
    REQUIRE(std::to_string(usd->picousd) == vector["expected_picousd"].get<std::string>());
  }
  return *usd;
}

TEST_CASE("every price vector is met to the picodollar") {
  const Json vectors = read_vectors();
  CHECK(vectors.size() == 59);
  for (const Json& vector : vectors) {
    CAPTURE(vector["id"].get<std::string>());
    const metering::Cost cost = cost_of(vector);
    const auto expected = expected_of(vector);
    REQUIRE(cost.amount.has_value() == expected.has_value());
    if (expected) CHECK(cost.amount->picousd == expected->picousd);
  }
}

TEST_CASE("a vector's known wrong answers are not ours") {
  int wrong_ones = 0;
  for (const Json& vector : read_vectors()) {
    if (!vector.contains("known_wrong")) continue;
    CAPTURE(vector["id"].get<std::string>());
    const metering::Cost cost = cost_of(vector);
    REQUIRE(cost.amount);
    for (const auto& [how, usd] : vector["known_wrong"].items()) {
      if (!usd.is_string()) continue;
      const auto wrong = parse_usd(usd.get<std::string>());
      if (!wrong) continue;  // rounded to less than it is: not equal to anything exact
      CAPTURE(how);
      CHECK(*cost.amount != *wrong);
      ++wrong_ones;
    }
  }
  CHECK(wrong_ones > 10);
}

TEST_CASE("a cost that the provider states is billed, and the list figure stands beside it") {
  int stated = 0;
  for (const Json& vector : read_vectors()) {
    CAPTURE(vector["id"].get<std::string>());
    const metering::Cost cost = cost_of(vector);
    if (!vector.contains("provider_cost_usd")) {
      CHECK_FALSE(cost.list);
      CHECK(cost.source != PriceSource::upstream);
      continue;
    }
    CHECK(cost.source == PriceSource::upstream);
    CHECK(cost.list);
    ++stated;
  }
  CHECK(stated == 3);
}

TEST_CASE("only a write of one hour without a price of its own makes the cost a lower bound") {
  for (const Json& vector : read_vectors()) {
    const std::string id = vector["id"];
    CAPTURE(id);
    CHECK(cost_of(vector).lower_bound == (id == "ant-1h-unpriced"));
  }
}

}  // namespace
}  // namespace routerone
