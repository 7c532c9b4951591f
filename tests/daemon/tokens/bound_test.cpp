#include "daemon/tokens/bound.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>

#include "daemon/tokens/image_rules.h"

namespace routerone {
namespace {

using tokens::ImageRule;

std::int64_t bound(const Demand& demand, std::string_view model = "lab/m",
                   std::optional<std::int64_t> context = 200'000) {
  const auto found = tokens::input_bound(demand, model, context);
  REQUIRE(found);
  return *found;
}

Demand text(std::int64_t bytes) {
  Demand demand;
  demand.text_bytes = bytes;
  return demand;
}

TEST_CASE("text is at most a token a byte, with what the provider puts before it") {
  CHECK(bound(text(0)) == 1'024);
  CHECK(bound(text(5'000)) == 6'024);
  Demand tools = text(5'000);
  tools.built_in_tools = 2;
  CHECK(bound(tools) == 6'024 + 4'096);
}

TEST_CASE("what refers elsewhere is the whole context, or has no bound") {
  Demand demand = text(10);
  demand.refers_to = "file_id";
  CHECK(bound(demand) == 200'000);
  CHECK_FALSE(tokens::input_bound(demand, "m", std::nullopt));
  demand.text_bytes = 900'000;
  CHECK(bound(demand) == 901'024);
}

TEST_CASE("each use of a server tool reads everything again, with what came of the others") {
  Demand demand = text(1'000);
  demand.output_cap = 500;
  demand.server_turns = 2;
  demand.server_results = 30'000;
  const std::int64_t once = 2'024;
  CHECK(bound(demand) == once + 2 * (once + 30'000 + 500));
  demand.server_results = 900'000;
  CHECK(bound(demand) == once + 2 * 200'000);
  demand.refers_to = "web_fetch";
  CHECK(bound(demand) == 3 * 200'000);
  demand.refers_to.clear();
  demand.output_cap.reset();
  CHECK_FALSE(tokens::input_bound(demand, "m", std::nullopt));
}

TEST_CASE("pages are no more than fit, sound is by its bytes") {
  Demand demand = text(0);
  demand.document_pages = 2;
  CHECK(bound(demand) == 1'024 + 2 * 8'192);
  demand.document_pages = 5'000;
  CHECK(bound(demand) == 1'024 + 200'000);
  demand.document_pages = 0;
  demand.audio_bytes = 160;
  CHECK(bound(demand) == 1'024 + 11);
}

TEST_CASE("a model's lab is known by its name, wherever that stands") {
  CHECK(tokens::image_rule("openai/gpt-5") == ImageRule::patches);
  CHECK(tokens::image_rule("o4-mini") == ImageRule::patches);
  CHECK(tokens::image_rule("openai/gpt-4o-mini-2024-07-18") == ImageRule::dear_tiles);
  CHECK(tokens::image_rule("relay/anthropic/claude-haiku-4.5") == ImageRule::area);
  CHECK(tokens::image_rule("openai/gpt-oss-120b") == ImageRule::unknown);
  CHECK(tokens::image_rule("local/my-deployment") == ImageRule::unknown);
}

TEST_CASE("images count as the labs publish it, taken at the dearest") {
  const ImageDemand screen{1'920, 1'080, false};
  CHECK(tokens::image_bound(screen, ImageRule::patches) >= 2'040);  // 60 x 34 patches.
  CHECK(tokens::image_bound(screen, ImageRule::area) >= 1'920 * 1'080 / 750);
  CHECK(tokens::image_bound({3, 2, false}, ImageRule::area) < 100);
  CHECK(tokens::image_bound({512, 512, true}, ImageRule::patches) <
        tokens::image_bound(screen, ImageRule::patches));
  CHECK(tokens::image_bound({512, 512, true}, ImageRule::dear_tiles) == 2'833);
  CHECK(tokens::image_bound(screen, ImageRule::dear_tiles) == 48'169);
}

TEST_CASE("no size counts more than an unknown one, and no rule more than the unknown one") {
  CHECK(rc::check([] {
    const ImageDemand image{*rc::gen::inRange(1, 60'000), *rc::gen::inRange(1, 60'000), false};
    for (const ImageRule rule : {ImageRule::patches, ImageRule::area, ImageRule::unknown}) {
      RC_ASSERT(tokens::image_bound(image, rule) <= tokens::image_bound({}, rule));
      RC_ASSERT(tokens::image_bound(image, rule) <= tokens::image_bound(image, ImageRule::unknown));
    }
  }));
}

TEST_CASE("more of anything is never bounded lower, and no amount overflows") {
  CHECK(rc::check([] {
    const auto amount = [] { return *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 60); };
    Demand less;
    less.text_bytes = amount();
    less.document_pages = amount();
    less.server_turns = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
    less.server_results = amount();
    less.output_cap = amount();
    const std::int64_t before = bound(less);
    RC_ASSERT(before >= less.text_bytes);
    Demand more = less;
    more.text_bytes += 1;
    more.server_turns += 1;
    more.document_pages += 1;
    more.images.push_back({});
    RC_ASSERT(bound(more) >= before);
    more.refers_to = "x";
    RC_ASSERT(bound(more) >= before);
  }));
}

}  // namespace
}  // namespace routerone
