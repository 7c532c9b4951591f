#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

Usage chat(std::string_view json) { return dialect::read_usage_json("openai-chat", json); }
Usage responses(std::string_view json) {
  return dialect::read_usage_json("openai-responses", json);
}
Usage messages(std::string_view json) { return dialect::read_usage_json("anthropic", json); }

TEST_CASE("cached and written tokens are taken out of the prompt's total") {
  const Usage usage =
      chat(R"({"prompt_tokens":2600,"completion_tokens":300,"total_tokens":2900,)"
           R"("prompt_tokens_details":{"cached_tokens":2000,"cache_write_tokens":400},)"
           R"("completion_tokens_details":{"reasoning_tokens":64}})");
  CHECK(usage.input == 200);
  CHECK(usage.cache_read == 2000);
  CHECK(usage.cache_write_5m == 400);
  CHECK(usage.output == 300);
  CHECK(usage.reasoning == 64);
}

TEST_CASE("servers that keep cached tokens elsewhere are understood") {
  CHECK(chat(R"({"prompt_tokens":3000,"completion_tokens":4,"cached_tokens":2560})").input == 440);
  const Usage deepseek = chat(
      R"({"prompt_tokens":1500,"completion_tokens":200,"prompt_cache_hit_tokens":1024,"prompt_cache_miss_tokens":476})");
  CHECK(deepseek.input == 476);
  CHECK(deepseek.cache_read == 1024);
}

TEST_CASE("reasoning that the total shows to be left out is added to the output") {
  const Usage apart = chat(R"({"prompt_tokens":12,"completion_tokens":1,"total_tokens":303,)"
                           R"("completion_tokens_details":{"reasoning_tokens":290}})");
  CHECK(apart.output == 291);
  const Usage inside = chat(R"({"prompt_tokens":500,"completion_tokens":500,"total_tokens":1000,)"
                            R"("completion_tokens_details":{"reasoning_tokens":200}})");
  CHECK(inside.output == 500);
}

TEST_CASE("audio is counted apart on both sides") {
  const Usage usage = chat(
      R"({"prompt_tokens":150,"completion_tokens":320,"total_tokens":470,)"
      R"("prompt_tokens_details":{"text_tokens":20,"audio_tokens":130,"cached_tokens":0},)"
      R"("completion_tokens_details":{"text_tokens":60,"audio_tokens":260,"reasoning_tokens":0}})");
  CHECK(usage.input == 20);
  CHECK(usage.input_audio == 130);
  CHECK(usage.output == 60);
  CHECK(usage.output_audio == 260);
}

TEST_CASE("cached audio stands in a class of its own") {
  const Usage usage = chat(
      R"({"prompt_tokens":100,"completion_tokens":1,"prompt_tokens_details":{"audio_tokens":50,)"
      R"("cached_tokens":60,"cached_tokens_details":{"audio_tokens":40,"text_tokens":20}}})");
  CHECK(usage.cache_read_audio == 40);
  CHECK(usage.cache_read == 20);
  CHECK(usage.input_audio == 10);
  CHECK(usage.input == 30);
}

TEST_CASE("missing is not zero, and null is missing") {
  const Usage usage =
      chat(R"({"prompt_tokens":12,"completion_tokens":null,"prompt_tokens_details":null})");
  CHECK(usage.input == 12);
  CHECK_FALSE(usage.output);
  CHECK_FALSE(usage.cache_read);
  CHECK_FALSE(chat("{}").known());
  CHECK_FALSE(chat("null").known());
  CHECK_FALSE(chat("[1]").known());
  CHECK_FALSE(chat("{").known());
  CHECK_FALSE(dialect::read_usage_json("gopher", R"({"prompt_tokens":1})").known());
  CHECK_FALSE(chat(R"({"prompt_tokens":"12"})").known());
}

TEST_CASE("absurd counts are clamped and never credit anything") {
  constexpr std::int64_t most = (std::int64_t{1} << 53) - 1;
  const Usage usage = chat(R"({"prompt_tokens":-5,"completion_tokens":1e300})");
  CHECK(usage.input == 0);
  CHECK(usage.output == most);
  CHECK(chat(R"({"prompt_tokens":18446744073709551615,"completion_tokens":0})").input == most);
  CHECK(chat(R"({"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":160}})").input == 0);
  CHECK(chat(R"({"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":160}})").cache_read ==
        100);
}

TEST_CASE("no classes of input sum to more than the total, whatever a provider says") {
  CHECK(rc::check([] {
    const auto number = rc::gen::inRange(-50, 500);
    const int total = *number, cached = *number, written = *number, audio = *number, both = *number;
    const Usage usage =
        chat("{\"prompt_tokens\":" + std::to_string(total) +
             ",\"prompt_tokens_details\":{\"cached_tokens\":" + std::to_string(cached) +
             ",\"cache_write_tokens\":" + std::to_string(written) +
             ",\"audio_tokens\":" + std::to_string(audio) +
             ",\"cached_tokens_details\":{\"audio_tokens\":" + std::to_string(both) + "}}}");
    std::int64_t sum = 0;
    for (const auto& part : {usage.input, usage.cache_read, usage.cache_write_5m, usage.input_audio,
                             usage.cache_read_audio}) {
      RC_ASSERT(part.value_or(0) >= 0);
      sum += part.value_or(0);
    }
    RC_ASSERT(sum == std::max(total, 0));
  }));
}

TEST_CASE("Responses usage is the same under its own names") {
  const Usage usage = responses(
      R"({"input_tokens":18014,"input_tokens_details":{"cache_write_tokens":0,"cached_tokens":18011},)"
      R"("output_tokens":40,"output_tokens_details":{"reasoning_tokens":7},"total_tokens":18054})");
  CHECK(usage.input == 3);
  CHECK(usage.cache_read == 18011);
  CHECK(usage.output == 40);
  CHECK(usage.reasoning == 7);
}

TEST_CASE("Messages usage has its classes apart already; the hour's writes are a part of all") {
  const Usage usage = messages(
      R"({"input_tokens":2095,"cache_creation_input_tokens":2051,"cache_read_input_tokens":18432,)"
      R"("cache_creation":{"ephemeral_5m_input_tokens":1024,"ephemeral_1h_input_tokens":1027},)"
      R"("output_tokens":503,"output_tokens_details":{"thinking_tokens":9},)"
      R"("server_tool_use":{"web_search_requests":2},"service_tier":"standard"})");
  CHECK(usage.input == 2095);
  CHECK(usage.cache_read == 18432);
  CHECK(usage.cache_write_5m == 1024);
  CHECK(usage.cache_write_1h == 1027);
  CHECK(usage.output == 503);
  CHECK(usage.reasoning == 9);
  CHECK(usage.web_searches == 2);
  CHECK(usage.service_tier == "standard");
}

TEST_CASE("fast mode is a tier of its own") {
  CHECK(messages(R"({"input_tokens":1,"output_tokens":1,"speed":"fast","service_tier":"standard"})")
            .service_tier == "fast");
  CHECK(messages(R"({"input_tokens":1,"service_tier":"batch"})").service_tier == "batch");
}

TEST_CASE("a cost that the provider states is taken exactly, if it is above zero") {
  CHECK(chat(R"({"prompt_tokens":1,"cost":0.000612,"is_byok":false})").stated_cost ==
        Money{612'000'000});
  CHECK(chat(R"({"prompt_tokens":1,"cost":9.85e-05,"is_byok":true,)"
             R"("cost_details":{"upstream_inference_cost":0.00197}})")
            .stated_cost == Money{2'068'500'000});
  CHECK(chat(R"({"prompt_tokens":1,"cost":{"total_cost":0.006}})").stated_cost ==
        Money{6'000'000'000});
  CHECK(chat(R"({"prompt_tokens":1,"cost_in_usd_ticks":1497500})").stated_cost ==
        Money{149'750'000});
  for (const char* none :
       {R"({"prompt_tokens":1,"cost":0})", R"({"prompt_tokens":1,"cost":-3})",
        R"({"prompt_tokens":1,"cost":null})", R"({"prompt_tokens":1})",
        R"({"prompt_tokens":1,"cost":1e300})", R"({"prompt_tokens":1,"cost":"1"})",
        R"({"prompt_tokens":1,"cost_in_usd_ticks":-4})"}) {
    CAPTURE(none);
    CHECK_FALSE(chat(none).stated_cost);
  }
}

}  // namespace
}  // namespace routerone
