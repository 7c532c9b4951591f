#include "daemon/store/histogram.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

using namespace routerone;
using namespace routerone::store;
using std::chrono::microseconds;

TEST_CASE("a percentile is within 5 % of the true one, whatever was counted") {
  CHECK(rc::check([] {
    auto values = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(
            100, *rc::gen::element<std::int64_t>(1'000, 1'000'000, 3'500'000'000))));
    Histogram histogram;
    for (const auto value : values) histogram.add(microseconds(value));
    std::sort(values.begin(), values.end());
    for (const int percent : {1, 50, 95, 100}) {
      const auto rank = (values.size() * static_cast<std::size_t>(percent) + 99) / 100;
      const auto right = values[rank - 1];
      const auto told = histogram.percentile(percent)->count();
      RC_ASSERT(std::abs(told - right) * 20 <= right + 20);
    }
  }));
}

TEST_CASE("what was written into the database and added up is what was counted") {
  CHECK(rc::check([] {
    const auto values = *rc::gen::container<std::vector<std::int64_t>>(
        rc::gen::inRange<std::int64_t>(-5, 20'000'000'000));
    Histogram all, first, second;
    for (std::size_t i = 0; i < values.size(); ++i) {
      all.add(microseconds(values[i]));
      (i % 3 == 0 ? first : second).add(microseconds(values[i]));
    }
    Histogram read;
    read.add_encoded(first.encoded());
    read.add_encoded(second.encoded());
    first.add(second);
    RC_ASSERT(read.encoded() == all.encoded());
    RC_ASSERT(first.encoded() == all.encoded());
    RC_ASSERT(all.count() == static_cast<std::int64_t>(values.size()));
  }));
}

TEST_CASE("nothing counted has no percentile, and bytes that are none of ours are harmless") {
  CHECK_FALSE(Histogram().percentile(50).has_value());
  CHECK(rc::check([](const std::string& text) {
    Histogram histogram;
    histogram.add_encoded(text);
    histogram.percentile(95);
  }));
}
