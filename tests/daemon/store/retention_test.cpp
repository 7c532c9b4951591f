#include <rapidcheck.h>

#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

namespace {

std::int64_t spent(const Fixture& f) {
  return f.number(
      "SELECT (SELECT ifnull(sum(cost), 0) FROM usage_quarters) + "
      "(SELECT ifnull(sum(cost), 0) FROM rollups) + "
      "(SELECT ifnull(sum(amount), 0) FROM corrections WHERE scope = 'wallet')");
}

}  // namespace

TEST_CASE("old rows go in small steps, their sums stay in usage and ledger") {
  MovedClock clock;
  Fixture f;
  f.options.retention_every = Millis(20);
  f.options.retention_days = 90;
  REQUIRE(f.open(&clock).has_value());
  for (int i = 0; i < 1200; ++i) f.store->submit(f.record(2), nullptr);
  CHECK(eventually([&] { return f.store->newest_sequence() == 1200; }));
  const auto before = f.store->usage({"model", "key"}, {});
  REQUIRE(before->size() == 1);

  clock.days = 91;
  CHECK(eventually([&] { return f.number("SELECT count(*) FROM traces") == 0; }));
  const auto after = f.store->usage({"model", "key"}, {});
  REQUIRE(after->size() == 1);
  CHECK(after->front().group == before->front().group);
  CHECK(after->front().requests == 1200);
  CHECK(after->front().input_tokens == before->front().input_tokens);
  CHECK(after->front().cost == before->front().cost);
  CHECK(spent(f) == f.number("SELECT settled FROM ledger WHERE scope = 'wallet'"));

  // A sequence is never given twice, not even when all rows that had one are gone.
  REQUIRE(f.open(&clock).has_value());
  auto record = f.record(1);
  record.row.time = clock.wall();
  REQUIRE(f.commit(std::move(record)));
  CHECK(f.store->newest_sequence() == 1201);
}

TEST_CASE("rows beyond the size go too, oldest first, and the file shrinks") {
  Fixture f;
  f.options.retention_every = Millis(20);
  f.options.retention_bytes = 1ull << 40;
  REQUIRE(f.open().has_value());
  for (int i = 0; i < 3000; ++i) {
    auto record = f.record(1);
    record.row.session = std::string(100, 's');
    f.store->submit(std::move(record), nullptr);
  }
  REQUIRE(eventually([&] { return f.store->newest_sequence() == 3000; }));
  const auto pages = f.number("PRAGMA page_count");
  f.store->set_retention(90, 512 * 1024);
  CHECK(eventually([&] { return f.number("PRAGMA page_count") < pages / 2; }));
  CHECK(f.number("SELECT count(*) FROM traces") > 0);
  CHECK(f.number("SELECT max(sequence) FROM traces") == 3000);
  f.store.reset();
  CHECK(spent(f) == 3000);
}

TEST_CASE("ledger = traces + roll-ups + corrections, whatever is written, pruned and reopened") {
  CHECK(rc::check([] {
    MovedClock clock;
    Fixture f;
    f.options.retention_every = Millis(5);
    RC_ASSERT(f.open(&clock).has_value());
    std::int64_t total = 0;
    const auto amounts = *rc::gen::container<std::vector<std::int64_t>>(
        20, rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
    for (std::size_t i = 0; i < amounts.size(); ++i) {
      auto record = f.record(amounts[i]);
      record.row.time = clock.wall();
      record.row.key_name = i % 3 == 0 ? "a" : "b";
      total += amounts[i];
      RC_ASSERT(f.commit(std::move(record)));
      if (i == 7) clock.days = 100;
      if (i == 12) RC_ASSERT(f.open(&clock).has_value());
    }
    RC_ASSERT(eventually([&] { return f.number("SELECT sequence FROM pruned") > 0; }));
    RC_ASSERT(spent(f) == total);
    RC_ASSERT(f.number("SELECT settled FROM ledger WHERE scope = 'wallet'") == total);
    RC_ASSERT(f.store->usage({}, {})->front().cost.picousd == total);
  }));
}
