#include <doctest/doctest.h>

#include <algorithm>

#include "daemon/control/exposition.h"
#include "daemon/control/request_counts.h"

namespace routerone {
namespace {

using control::Exposition;
using control::RequestCounts;
using namespace std::chrono_literals;

TraceRow served(const std::string& provider, const std::string& model) {
  TraceRow row;
  row.provider = provider;
  row.model = model;
  row.status = 200;
  row.cost = Money{1};
  row.latency = 120ms;
  row.attempts.push_back({.provider = provider, .status = 200});
  return row;
}

TEST_CASE("a label's value is escaped, and stays on its line") {
  Exposition out;
  out.family("x_total", Exposition::Kind::counter, "What it is.");
  out.sample({{"model", "a\"b\\c\nd\x1b[31m\xff"}}, 3);
  const std::string text = out.take();
  CHECK(text.starts_with("# HELP x_total What it is.\n# TYPE x_total counter\nx_total{model=\""));
  CHECK(text.find("a\\\"b\\\\c") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\xff') == std::string::npos);
  CHECK(text.ends_with("\"} 3\n"));
}

TEST_CASE("seconds are written exactly") {
  CHECK(control::seconds_text(0) == "0");
  CHECK(control::seconds_text(50) == "0.00005");
  CHECK(control::seconds_text(2'500'000) == "2.5");
  CHECK(control::seconds_text(60'000'000) == "60");
}

TEST_CASE("a time on a bucket's edge belongs to it, one beyond all edges to the last") {
  RequestCounts counts;
  TraceRow row = served("box", "box/m");
  for (const auto took : {100ms, 101ms, 700'000ms}) {
    row.latency = took;
    counts.count(row);
  }
  Exposition out;
  out.family("t", Exposition::Kind::histogram, "Time.");
  out.samples({{"provider", "box"}}, counts.totals().providers.at("box").latency);
  const std::string text = out.take();
  CHECK(text.find("t_bucket{provider=\"box\",le=\"0.05\"} 0\n") != std::string::npos);
  CHECK(text.find("t_bucket{provider=\"box\",le=\"0.1\"} 1\n") != std::string::npos);
  CHECK(text.find("t_bucket{provider=\"box\",le=\"0.25\"} 2\n") != std::string::npos);
  CHECK(text.find("t_bucket{provider=\"box\",le=\"600\"} 2\n") != std::string::npos);
  CHECK(text.find("t_bucket{provider=\"box\",le=\"+Inf\"} 3\n") != std::string::npos);
  CHECK(text.find("t_sum{provider=\"box\"} 700.201\n") != std::string::npos);
  CHECK(text.find("t_count{provider=\"box\"} 3\n") != std::string::npos);
}

TEST_CASE("names that callers make up fill no memory: the rest is counted together") {
  RequestCounts counts;
  constexpr std::size_t many = RequestCounts::most_models + 250;
  for (std::size_t i = 0; i < many; ++i)
    counts.count(served("box", "box/made-up-" + std::to_string(i)));
  const auto totals = counts.totals();
  CHECK(totals.models.size() == RequestCounts::most_models + 1);
  CHECK(totals.models.at({"other", "other"}).requests[2] == 250);
  std::uint64_t all = 0;
  for (const auto& [name, sums] : totals.models) all += sums.requests[2];
  CHECK(all == many);
}

TEST_CASE("what was refused has no provider, whatever model was asked for, and no time") {
  RequestCounts counts;
  TraceRow row;
  row.model = "anything";
  row.status = 404;
  row.error = "unknown_model";
  row.cost = Money{};
  counts.count(row);
  const auto totals = counts.totals();
  CHECK(totals.models.at({"", ""}).requests[4] == 1);
  CHECK(totals.errors.at("unknown_model") == 1);
  CHECK(totals.providers.empty());
}

TEST_CASE("tokens of every kind are counted once, an unknown cost is counted as such") {
  RequestCounts counts;
  TraceRow row = served("box", "box/m");
  row.usage.input = 10;
  row.usage.input_audio = 1;
  row.usage.cache_read = 20;
  row.usage.cache_write_5m = 3;
  row.usage.cache_write_1h = 4;
  row.usage.output = 50;
  row.usage.reasoning = 30;
  row.cost.reset();
  counts.count(row);
  const auto totals = counts.totals();
  const auto& sums = totals.models.at({"box", "box/m"});
  CHECK(sums.tokens == std::array<std::uint64_t, 5>{11, 20, 7, 50, 30});
  CHECK(sums.unknown_cost == 1);
  CHECK(sums.cost == Money{});
}

}  // namespace
}  // namespace routerone
