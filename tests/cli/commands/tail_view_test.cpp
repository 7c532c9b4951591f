#include "cli/commands/tail_view.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <stdlib.h>

#include "cli/terminal/human.h"

namespace routerone::cli {
namespace {

Json trace() {
  return {{"id", "01a1fc7e-a805-7000-8000-000000000001"},
          {"time", "2026-11-20T12:00:00.123456Z"},
          {"key", "ci"},
          {"requested_model", "gpt-5"},
          {"model", "openai/gpt-5"},
          {"provider", "openai"},
          {"status", 200},
          {"state", "completed"},
          {"error", nullptr},
          {"input_tokens", 51'200},
          {"output_tokens", 200},
          {"latency_ms", 1180.4},
          {"cost_picousd", 4'200'000'000},
          {"cost_usd", "0.004200"},
          {"fallback", nullptr}};
}

TEST_CASE("a line of the tail says first what one would miss most, and more where there is room") {
  ::setenv("TZ", "UTC", 1);
  CHECK(tail_row(trace(), 40).bytes(false) == "12:00:00     200   $0.0042  openai/gpt-5");
  CHECK(tail_row(trace(), 80).bytes(false) ==
        "12:00:00     200   $0.0042    1.18s  ci          openai/gpt-5                200");
  CHECK(tail_heading(80).bytes(false) ==
        "TIME      STATUS      COST     TOOK  KEY         MODEL                       OUT");
  CHECK(tail_row(trace(), 200).bytes(false).find("01a1fc7e-a805-7000") != std::string::npos);
}

TEST_CASE("what went wrong is seen by its colour and its word") {
  Json bad = trace();
  bad["status"] = 429;
  bad["state"] = "upstream_failed";
  bad["error"] = "rate_limited";
  bad["cost_picousd"] = nullptr;
  bad["latency_ms"] = 31'000;
  const std::string line = tail_row(bad, 200).bytes(true);
  CHECK(line.find("\x1b[33m429\x1b[0m") != std::string::npos);
  CHECK(line.find("\x1b[31mrate_limited\x1b[0m") != std::string::npos);
  CHECK(line.find("\x1b[33munknown\x1b[0m") != std::string::npos);
  CHECK(line.find("\x1b[31m31.00s\x1b[0m") != std::string::npos);
}

TEST_CASE("no line is wider than the terminal, and whatever is in it, it is one line") {
  const bool held = rc::check("any fields, any width", [](const std::string& any) {
    Json odd = trace();
    for (const char* field : {"key", "model", "provider", "error", "state"}) odd[field] = any;
    const int width = *rc::gen::inRange(1, 250);
    const Shown line = tail_row(odd, width);
    RC_ASSERT(line.width() <= static_cast<std::size_t>(width));
    RC_ASSERT(line.bytes(true).find('\n') == std::string::npos);
    RC_ASSERT(tail_heading(width).width() <= static_cast<std::size_t>(width));
  });
  CHECK(held);
  CHECK_NOTHROW(tail_row(Json::object(), 80));
}

TEST_CASE("the total counts what failed and what nobody knows the price of") {
  TailTotal total;
  CHECK(total.words().bytes(false) == "0 requests, $0, 0 tokens in, 0 out");
  total.add(trace());
  CHECK(total.words().bytes(false) == "1 request, $0.0042, 51.2k tokens in, 200 out");
  Json bad = trace();
  bad["status"] = 502;
  bad["cost_picousd"] = nullptr;
  bad["cache_read_tokens"] = 10'000;
  total.add(bad);
  CHECK(total.words().bytes(false) ==
        "2 requests, $0.0042 and 1 of unknown cost, 112.4k tokens in, 400 out, 1 failed");
}

TEST_CASE("an amount is rounded once, and nothing that was paid is shown as nothing") {
  CHECK(short_usd({0}) == "$0");
  CHECK(short_usd({1}) == "<$0.0001");
  CHECK(short_usd({-1}) == ">-$0.0001");
  CHECK(short_usd({4'250'000'000}) == "$0.0043");
  CHECK(short_usd({12'345'678'000'000}) == "$12.3457");
  CHECK(short_usd({1'234'567'000'000'000}) == "$1234.57");
  CHECK(short_usd({-1'500'000'000'000}) == "-$1.50");
  CHECK(short_usd({INT64_MIN}) == "-$9223372.04");
}

}  // namespace
}  // namespace routerone::cli
