#include "tests/daemon/dialect/recordings.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "daemon/tokens/bound.h"
#include "daemon/tokens/estimate.h"
#include "tests/daemon/dialect/scan_support.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;

/// A recorded request and what its provider said that it counted.
struct Counted {
  std::string file, request, model;
  const dialect::Dialect* dialect = nullptr;
  dialect::Reading answer;
  std::string answer_text;
};

std::int64_t input_of(const Usage& usage) {
  std::int64_t sum = 0;
  for (const auto& part : {usage.input, usage.cache_read, usage.cache_write_5m,
                           usage.cache_write_1h, usage.input_audio, usage.cache_read_audio}) {
    sum += part.value_or(0);
  }
  return sum;
}

dialect::Reading read_answer(const Json& entry, const std::string& body) {
  const std::string name = entry["dialect"];
  if (entry["stream"].get<bool>())
    return test::scan(name, test::operation_of(name), {body}).reading;
  const dialect::Dialect& dialect = *dialect::find(name);
  return dialect.judge(dialect.operations()[0], 200, {}, body).reading;
}

std::vector<Counted> counted(const fs::path& folder) {
  std::vector<Counted> out;
  for (const char* manifest : {"manifest.json", "parallel/manifest.json"}) {
    for (const Json& entry : test::recorded(folder, manifest)) {
      const std::string asked = test::text_of(entry, "request_file");
      if (asked.empty() || entry["status"].get<int>() != 200) continue;
      const std::string body = test::read_recording(folder / test::text_of(entry, "file"));
      Counted one{test::text_of(entry, "file"),
                  test::read_recording(folder / asked),
                  "",
                  dialect::find(entry["dialect"].get<std::string>()),
                  read_answer(entry, body),
                  ""};
      const auto parsed = parse_json(one.request);
      if (!parsed || !one.answer.usage.input) continue;
      one.model = test::text_of(*parsed, "model");
      out.push_back(std::move(one));
    }
  }
  return out;
}

TEST_CASE("no recorded request counted more than its bound") {
  const fs::path folder = test::recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return;
  }
  int bounded = 0, refused = 0;
  double tightest = 1e9;
  for (const Counted& one : counted(folder)) {
    INFO(one.file);
    const auto demand = one.dialect->measure(one.dialect->operations()[0], one.request);
    REQUIRE(demand);
    if (!demand->unbounded_tool.empty()) {
      ++refused;
      continue;
    }
    ++bounded;
    const auto bound = tokens::input_bound(*demand, one.model, 128'000);
    REQUIRE(bound);
    const std::int64_t said = input_of(one.answer.usage);
    CHECK(said <= *bound);
    tightest = std::min(tightest, static_cast<double>(*bound) / static_cast<double>(said));
  }
  CHECK(bounded >= 350);
  MESSAGE(fmt::format("{} bounded, {} refused under a limit; the tightest bound is {:.2f} times",
                      bounded, refused, tightest));
}

}  // namespace
}  // namespace routerone
