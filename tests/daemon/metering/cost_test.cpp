#include "daemon/metering/cost.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <limits>

#include "common/core/text.h"

namespace routerone {
namespace {

using Count = std::optional<std::int64_t>;

/// What the readers of usage clamp to.
constexpr std::int64_t most_tokens = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t most_rate = std::numeric_limits<std::int64_t>::max();

constexpr std::array<Count Usage::*, 12> classes = {
    &Usage::input,          &Usage::cache_read,   &Usage::cache_write_5m,
    &Usage::cache_write_1h, &Usage::output,       &Usage::reasoning,
    &Usage::input_audio,    &Usage::output_audio, &Usage::cache_read_audio,
    &Usage::input_image,    &Usage::output_image, &Usage::web_searches};

constexpr std::array<std::optional<std::int64_t> catalog::Rates::*, 15> rates = {
    &catalog::Rates::input,
    &catalog::Rates::output,
    &catalog::Rates::cache_read,
    &catalog::Rates::cache_write,
    &catalog::Rates::cache_write_1h,
    &catalog::Rates::reasoning,
    &catalog::Rates::input_audio,
    &catalog::Rates::output_audio,
    &catalog::Rates::cache_read_audio,
    &catalog::Rates::input_image,
    &catalog::Rates::output_image,
    &catalog::Rates::input_video,
    &catalog::Rates::web_search,
    &catalog::Rates::request,
    &catalog::Rates::per_image};

rc::Gen<Count> any_count(std::int64_t most) {
  return rc::gen::oneOf(rc::gen::just(Count()),
                        rc::gen::map(rc::gen::inRange<std::int64_t>(0, most),
                                     [](std::int64_t n) { return Count(n); }),
                        rc::gen::just(Count(0)), rc::gen::just(Count(most)));
}

Usage any_usage(std::int64_t most) {
  Usage usage;
  for (const auto part : classes) usage.*part = *any_count(most);
  return usage;
}

catalog::Rates any_rates(std::int64_t most) {
  catalog::Rates out;
  for (const auto rate : rates) out.*rate = *any_count(most);
  out.input = out.input.value_or(1);
  out.output = out.output.value_or(1);
  return out;
}

const WallTime now = *parse_rfc3339("2026-11-20T12:00:00Z");

catalog::Price price_of(std::string_view json) {
  auto price = catalog::parse_price(json);
  REQUIRE(price);
  return *std::move(price);
}

std::optional<std::int64_t> picousd(const Usage& usage, const catalog::Price& price,
                                    WallTime at = now) {
  const auto cost = metering::cost_of(usage, &price, PriceSource::catalog, at);
  return cost.amount ? std::optional(cost.amount->picousd) : std::nullopt;
}

TEST_CASE("without a price the cost is unknown, never nothing") {
  Usage usage;
  usage.input = 100;
  const auto cost = metering::cost_of(usage, nullptr, PriceSource::unknown, now);
  CHECK_FALSE(cost.amount);
  CHECK_FALSE(cost.list);
  CHECK(cost.source == PriceSource::unknown);
}

TEST_CASE("without any usage the cost is unknown though the price is posted") {
  const auto price = price_of(R"({"input":3,"output":15,"request_per_1k":5})");
  const auto cost = metering::cost_of(Usage{}, &price, PriceSource::own, now);
  CHECK_FALSE(cost.amount);
  CHECK(cost.source == PriceSource::unknown);
}

TEST_CASE("a price of nothing that is posted costs nothing, and says so") {
  Usage usage;
  usage.input = 100;
  usage.output = 10;
  const auto price = price_of(R"({"input":"0","output":"0"})");
  const auto cost = metering::cost_of(usage, &price, PriceSource::own, now);
  REQUIRE(cost.amount);
  CHECK(cost.amount->picousd == 0);
  CHECK(cost.source == PriceSource::own);
}

TEST_CASE("a stated cost wins without a price too, and nothing is invented beside it") {
  Usage usage;
  usage.stated_cost = Money{612'000'000};
  const auto cost = metering::cost_of(usage, nullptr, PriceSource::unknown, now);
  CHECK(cost.amount == Money{612'000'000});
  CHECK_FALSE(cost.list);
  CHECK(cost.source == PriceSource::upstream);
}

TEST_CASE("a stated cost of nothing or less is not believed") {
  Usage usage;
  usage.input = 2;
  const auto price = price_of(R"({"input":1,"output":1})");
  for (const std::int64_t stated : {0L, -5L}) {
    usage.stated_cost = Money{stated};
    const auto cost = metering::cost_of(usage, &price, PriceSource::catalog, now);
    CHECK(cost.amount == Money{2'000'000});
    CHECK(cost.source == PriceSource::catalog);
  }
}

TEST_CASE("reasoning with a rate of its own is not paid twice") {
  Usage usage;
  usage.input = 0;
  usage.output = 100;
  usage.reasoning = 60;
  CHECK(picousd(usage, price_of(R"({"input":1,"output":2,"reasoning":5})")) == 380'000'000);
  usage.reasoning = 500;  // more than the output there is
  CHECK(picousd(usage, price_of(R"({"input":1,"output":2,"reasoning":5})")) == 500'000'000);
}

TEST_CASE("peak hours end on the minute, by the provider's clock") {
  const auto price = price_of(R"({"input":2,"output":2,"off_peak":{"input":1,"output":1},)"
                              R"("peak":{"days":["fri"],"utc":[["01:00","04:00"]]}})");
  Usage usage;
  usage.input = 1;
  const auto at = [&](const char* time) { return *picousd(usage, price, *parse_rfc3339(time)); };
  CHECK(at("2026-11-20T00:59:59Z") == 1'000'000);
  CHECK(at("2026-11-20T01:00:00Z") == 2'000'000);
  CHECK(at("2026-11-20T03:59:59.999999Z") == 2'000'000);
  CHECK(at("2026-11-20T04:00:00Z") == 1'000'000);
  CHECK(at("2026-11-19T02:00:00Z") == 1'000'000);
}

TEST_CASE("a posted change counts from its first moment, and a tier that was not served never") {
  const auto price =
      price_of(R"({"input":1,"output":1,"scheduled":[{"from":"2026-12-01","input":3}],)"
               R"("service_tiers":{"flex":{"input":"0.5","output":"0.5"}}})");
  Usage usage;
  usage.input = 1;
  usage.service_tier = "standard";
  CHECK(picousd(usage, price, *parse_rfc3339("2026-11-30T23:59:59Z")) == 1'000'000);
  CHECK(picousd(usage, price, *parse_rfc3339("2026-12-01T00:00:00Z")) == 3'000'000);
  usage.service_tier = "flex";
  CHECK(picousd(usage, price, *parse_rfc3339("2026-12-01T00:00:00Z")) == 500'000);
}

TEST_CASE("steps and changes that a user wrote out of order count as if in order") {
  const auto price = price_of(
      R"({"input":1,"output":1,"tiers":[{"min_input_tokens":200,"input":9},)"
      R"({"min_input_tokens":100,"input":4}],)"
      R"("scheduled":[{"from":"2026-11-19","output":7},{"from":"2026-11-01","output":5}]})");
  Usage usage;
  usage.input = 150;
  usage.output = 1;
  CHECK(picousd(usage, price) == 150 * 4'000'000 + 7'000'000);
  usage.input = 200;
  CHECK(picousd(usage, price) == 200 * 9'000'000 + 7'000'000);
}

TEST_CASE("a day that the provider excepts from its peak is off-peak for all of its hours") {
  const auto price = price_of(R"({"input":2,"output":2,"off_peak":{"input":1,"output":1},)"
                              R"("peak":{"days":["fri"],"utc":[["01:00","04:00"]],)"
                              R"("except":["2026-11-27"]}})");
  Usage usage;
  usage.input = 1;
  CHECK(picousd(usage, price, *parse_rfc3339("2026-11-20T02:00:00Z")) == 2'000'000);
  CHECK(picousd(usage, price, *parse_rfc3339("2026-11-27T02:00:00Z")) == 1'000'000);
}

TEST_CASE("excepted days that are only named count as peak: never cheaper than what is billed") {
  const auto price = price_of(R"({"input":2,"output":2,"off_peak":{"input":1,"output":1},)"
                              R"("peak":{"days":["fri"],"utc":[["01:00","04:00"]],)"
                              R"("except":"public holidays"}})");
  Usage usage;
  usage.input = 1;
  CHECK(picousd(usage, price, *parse_rfc3339("2026-11-27T02:00:00Z")) == 2'000'000);
}

TEST_CASE("a tier's classes follow its own rates, and fees stay what they are") {
  const auto price =
      price_of(R"({"input":1,"output":2,"cache_read":"0.1","reasoning":9,"input_audio":7,)"
               R"("web_search_per_1k":10,"request_per_1k":1,)"
               R"("service_tiers":{"priority":{"input":3,"output":4}}})");
  Usage usage;
  usage.service_tier = "priority";
  usage.input = 0;
  usage.cache_read = 1;
  CHECK(picousd(usage, price) == 3'000'000 + 1'000'000'000);
  usage.cache_read = 0;
  usage.input_audio = 1;
  usage.web_searches = 1;
  CHECK(picousd(usage, price) == 3'000'000 + 11'000'000'000);
  usage.input_audio = usage.web_searches = 0;
  usage.output = usage.reasoning = 1;
  CHECK(picousd(usage, price) == 4'000'000 + 1'000'000'000);
}

TEST_CASE("the step comes last: it goes by all input, whatever tier served it") {
  const auto price =
      price_of(R"({"input":1,"output":1,"tiers":[{"min_input_tokens":10,"input":5}],)"
               R"("service_tiers":{"flex":{"input":"0.5","output":"0.5"}}})");
  Usage usage;
  usage.service_tier = "flex";
  usage.input = 4;
  usage.cache_read = 5;
  CHECK(picousd(usage, price) == 9 * 500'000);
  usage.cache_write_5m = 1;
  CHECK(picousd(usage, price) == 10 * 5'000'000);
}

TEST_CASE("no counts and no rates make a cost negative or wrap it") {
  CHECK(rc::check([] {
    catalog::Price price;
    price.table = any_rates(most_rate);
    Usage usage = any_usage(most_tokens);
    usage.input = usage.input.value_or(0);
    const auto cost = metering::cost_of(usage, &price, PriceSource::catalog, now);
    RC_ASSERT(cost.amount.has_value());
    RC_ASSERT(cost.amount->picousd >= 0);
  }));
}

TEST_CASE("more tokens of any class never cost less at one table") {
  CHECK(rc::check([] {
    catalog::Price price;
    price.table = any_rates(600'000'000);
    price.table.reasoning.reset();  // cheaper reasoning moves output tokens to a lower rate
    Usage less = any_usage(10'000'000);
    less.input = less.input.value_or(0);
    Usage more = less;
    for (const auto part : classes) {
      more.*part = (less.*part).value_or(0) + *rc::gen::inRange<std::int64_t>(0, 1'000'000);
    }
    RC_ASSERT(*picousd(less, price) <= *picousd(more, price));
  }));
}

TEST_CASE("a cost is the sum of its parts as long as it fits") {
  CHECK(rc::check([] {
    catalog::Price price;
    price.table.input = *rc::gen::inRange<std::int64_t>(0, 600'000'000);
    price.table.output = *rc::gen::inRange<std::int64_t>(0, 600'000'000);
    Usage usage;
    usage.input = *rc::gen::inRange<std::int64_t>(0, 10'000'000);
    usage.output = *rc::gen::inRange<std::int64_t>(0, 10'000'000);
    RC_ASSERT(*picousd(usage, price) ==
              *usage.input * *price.table.input + *usage.output * *price.table.output);
  }));
}

TEST_CASE("an image is priced each where there is such a price, else by its tokens, else not") {
  const catalog::Price each = *catalog::parse_price(R"({"input":0,"output":0,"per_image":0.04})");
  const catalog::Price tokens = *catalog::parse_price(R"({"input":5,"output":40})");
  Usage two;
  two.images_made = 2;
  CHECK(picousd(two, each) == 80'000'000'000);
  CHECK_FALSE(picousd(two, tokens));
  two.input = 10;
  two.output_image = 100;
  CHECK(picousd(two, tokens) == 10 * 5'000'000LL + 100 * 40'000'000LL);
}

TEST_CASE("a fee for each request is charged as often as the provider counts it") {
  const catalog::Price price =
      *catalog::parse_price(R"({"input":0,"output":0,"request_per_1k":2})");
  Usage usage;
  usage.input = 1;
  CHECK(picousd(usage, price) == 2'000'000'000);
  usage.requests = 3;
  CHECK(picousd(usage, price) == 6'000'000'000);
}

}  // namespace
}  // namespace routerone
