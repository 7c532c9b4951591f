#include "daemon/metering/worst_case.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <limits>
#include <vector>

#include "common/core/text.h"
#include "daemon/metering/cost.h"

namespace routerone {
namespace {

using catalog::Price;
using catalog::Rates;
using Rate = std::optional<std::int64_t>;
using metering::Bounds;
using metering::worst_case;

const WallTime now = *parse_rfc3339("2026-11-20T12:00:00Z");

constexpr std::array<Rate Rates::*, 14> rates_used = {
    &Rates::input,       &Rates::output,         &Rates::cache_read,
    &Rates::cache_write, &Rates::cache_write_1h, &Rates::reasoning,
    &Rates::input_audio, &Rates::output_audio,   &Rates::cache_read_audio,
    &Rates::input_image, &Rates::output_image,   &Rates::web_search,
    &Rates::request,     &Rates::per_image};

Price price_of(std::string_view json) {
  auto price = catalog::parse_price(json);
  REQUIRE(price);
  return *std::move(price);
}

Rates any_rates() {
  Rates out;
  for (const auto rate : rates_used) {
    if (*rc::gen::inRange(0, 3) != 0) out.*rate = *rc::gen::inRange<std::int64_t>(0, 600'000'000);
  }
  return out;
}

Price any_price() {
  Price price;
  price.table = any_rates();
  price.table.input = price.table.input.value_or(7);
  price.table.output = price.table.output.value_or(9);
  std::int64_t step = 0;
  for (int i = *rc::gen::inRange(0, 3); i > 0; --i) {
    step += *rc::gen::inRange<std::int64_t>(1, 60'000);
    price.tiers.push_back({step, any_rates()});
  }
  for (const char* name : {"batch", "flex", "priority"}) {
    if (*rc::gen::arbitrary<bool>()) price.service_tiers.push_back({name, any_rates()});
  }
  if (*rc::gen::arbitrary<bool>()) {
    price.off_peak = any_rates();
    price.peak = Price::PeakHours{0x1f, {{60, 240}, {600, 780}}, {}};
  }
  for (int i = *rc::gen::inRange(0, 3), hours = -2; i > 0; --i) {
    hours += *rc::gen::inRange(1, 3);
    price.scheduled.push_back({now + std::chrono::hours(hours), any_rates()});
  }
  return price;
}

/// Up to `most`, and often all of it: bounds are seen to hold at their edge.
std::int64_t any_part(std::int64_t most) {
  return *rc::gen::oneOf(rc::gen::just(most), rc::gen::inRange<std::int64_t>(0, most + 1));
}

/// `total` tokens: half of the time all in one of the classes, else spread over them.
void divide(std::int64_t total, Usage& usage, const std::vector<Rate Usage::*>& classes) {
  const auto favourite = *rc::gen::elementOf(classes);
  const bool alone = *rc::gen::arbitrary<bool>();
  for (const auto one : classes) {
    const std::int64_t part = alone ? (one == favourite ? total : 0) : any_part(total);
    usage.*one = part;
    total -= part;
  }
}

Usage any_usage(const Bounds& bounds, std::int64_t cap) {
  std::vector<Rate Usage::*> inputs = {&Usage::input_audio, &Usage::cache_read_audio,
                                       &Usage::input_image, &Usage::cache_read, &Usage::input};
  if (bounds.cache_writes) {
    inputs.push_back(&Usage::cache_write_5m);
    inputs.push_back(&Usage::cache_write_1h);
  }
  Usage usage;
  divide(any_part(bounds.input_tokens), usage, inputs);
  divide(any_part(cap * bounds.choices), usage,
         {&Usage::output_audio, &Usage::output_image, &Usage::output});
  usage.reasoning = any_part(cap);
  usage.web_searches = any_part(bounds.web_searches);
  usage.images_made = any_part(bounds.images_made);
  usage.requests = any_part(bounds.requests);
  usage.service_tier =
      *rc::gen::element<std::string>("", "default", "standard", "batch", "flex", "priority");
  return usage;
}

TEST_CASE("no usage within the bounds costs more than the worst case, at any price and hour") {
  CHECK(rc::check([] {
    const Price price = any_price();
    Bounds bounds;
    bounds.input_tokens = *rc::gen::inRange<std::int64_t>(0, 200'000);
    bounds.web_searches = *rc::gen::inRange<std::int64_t>(0, 5);
    bounds.choices = *rc::gen::inRange<std::int64_t>(1, 4);
    bounds.images_made = *rc::gen::inRange<std::int64_t>(0, 4);
    bounds.requests = *rc::gen::inRange<std::int64_t>(1, 4);
    bounds.cache_writes = *rc::gen::arbitrary<bool>();
    bounds.now = now;
    const std::int64_t cap = *rc::gen::inRange<std::int64_t>(0, 100'000);
    const Usage usage = any_usage(bounds, cap);
    const auto later = std::chrono::minutes(*rc::gen::inRange(0, 180));
    const auto worst = worst_case(&price, bounds);
    const auto cost = metering::cost_of(usage, &price, PriceSource::catalog, now + later);
    RC_ASSERT(worst.known);
    RC_ASSERT(cost.amount->picousd <= worst.input.picousd + worst.output_rate * cap);
  }));
}

TEST_CASE("a request of one class at one table has no worse case than what it costs") {
  const Price price = price_of(R"({"input":3,"output":15})");
  const auto worst = worst_case(&price, {1'000, 0, 1, true, now});
  CHECK(worst.input == Money{3'000'000'000});
  CHECK(worst.output_rate == 15'000'000);
}

TEST_CASE("cache writes count at their dearest, and not where nothing can be written") {
  const Price price = price_of(R"({"input":3,"output":15,"cache_read":"0.3","cache_write":"3.75",)"
                               R"("cache_write_1h":6})");
  CHECK(worst_case(&price, {10, 0, 1, true, now}).input == Money{60'000'000});
  CHECK(worst_case(&price, {10, 0, 1, false, now}).input == Money{30'000'000});
}

TEST_CASE("only steps that the input can reach count, at their exact edge") {
  const Price price =
      price_of(R"({"input":1,"output":1,"tiers":[{"min_input_tokens":100,"input":2,"output":5}]})");
  const auto under = worst_case(&price, {99, 0, 1, true, now});
  CHECK(under.input == Money{99'000'000});
  CHECK(under.output_rate == 1'000'000);
  const auto at = worst_case(&price, {100, 0, 1, true, now});
  CHECK(at.input == Money{200'000'000});
  CHECK(at.output_rate == 5'000'000);
}

TEST_CASE("a dearer tier, hour or change that may come counts before it is there") {
  const Price price =
      price_of(R"({"input":1,"output":1,"service_tiers":{"priority":{"input":2,"output":3}},)"
               R"("scheduled":[{"from":"2026-12-01","input":9,"output":9}]})");
  CHECK(worst_case(&price, {10, 0, 1, true, now}).input == Money{20'000'000});
  const WallTime eve = *parse_rfc3339("2026-11-30T23:00:00Z");
  CHECK(worst_case(&price, {10, 0, 1, true, eve}).input == Money{90'000'000});
  const Price hours = price_of(R"({"input":2,"output":2,"off_peak":{"input":1,"output":1},)"
                               R"("peak":{"days":["mon"],"utc":[["01:00","04:00"]]}})");
  CHECK(worst_case(&hours, {10, 0, 1, true, now}).input == Money{20'000'000});
}

TEST_CASE("fees and choices count: searches and the request in input, choices in the output rate") {
  const Price price =
      price_of(R"({"input":0,"output":1,"web_search_per_1k":10,"request_per_1k":5})");
  const auto worst = worst_case(&price, {0, 3, 4, true, now});
  CHECK(worst.input == Money{3 * 10'000'000'000 + 5'000'000'000});
  CHECK(worst.output_rate == 4'000'000);
}

TEST_CASE("a plan is as dear as its dearest target, and unknown if one of its targets is") {
  const Price cheap = price_of(R"({"input":1,"output":9})");
  const Price dear = price_of(R"({"input":5,"output":2})");
  RoutePlan plan;
  plan.targets.resize(2);
  plan.targets[0].price = &cheap;
  plan.targets[1].price = &dear;
  const auto worst = metering::worst_of(plan, {10, 0, 1, true, now});
  CHECK(worst.known);
  CHECK(worst.input == Money{50'000'000});
  CHECK(worst.output_rate == 9'000'000);
  plan.targets.emplace_back();
  CHECK_FALSE(metering::worst_of(plan, {10, 0, 1, true, now}).known);
}

TEST_CASE("an absurd price or bound stays at the end of what money can be") {
  Price price;
  price.table.input = price.table.output = std::numeric_limits<std::int64_t>::max();
  const auto worst = worst_case(&price, {1'000'000'000, 9, 128, true, now});
  CHECK(worst.input.picousd == std::numeric_limits<std::int64_t>::max());
  CHECK(worst.output_rate == std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace routerone
