#include "daemon/store/spend_floor.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

TEST_CASE("a floor that is written is read back, for all scopes and amounts") {
  CHECK(rc::check([](const std::map<std::string, std::int64_t>& amounts) {
    Totals totals;
    for (const auto& [scope, amount] : amounts) totals[scope] = {amount};
    const auto back = read_floor(write_floor({0, totals, {}}));
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->totals == totals);
  }));
}

TEST_CASE("a floor with any byte changed or cut is not believed") {
  const auto whole = write_floor({3, {{"wallet", {12345}}, {"project:a b", {-5}}}, {}});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CAPTURE(i);
    auto changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(read_floor(changed).has_value());
    CHECK_FALSE(read_floor(whole.substr(0, i)).has_value());
  }
}

TEST_CASE("a lost database does not give spent money back") {
  Fixture f;
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(100)));
  f.store.reset();
  std::filesystem::remove(f.options.database);
  REQUIRE(f.open().has_value());
  CHECK(f.store->settled()["wallet"].picousd == 100);
  CHECK(f.store->settled()["key:key-1"].picousd == 100);
  CHECK(f.number("SELECT sum(amount) FROM corrections WHERE scope = 'wallet'") == 100);
  REQUIRE(f.open().has_value());  // the correction is made once
  CHECK(f.number("SELECT sum(amount) FROM corrections WHERE scope = 'wallet'") == 100);
}

TEST_CASE("a damaged floor is told and the database's own sums hold") {
  Fixture f;
  REQUIRE(f.open().has_value());
  REQUIRE(f.commit(f.record(100)));
  f.store.reset();
  REQUIRE(save_floor(f.options.spend_floor, {1, {{"wallet", {7}}}, {}}).has_value());
  std::filesystem::resize_file(f.options.spend_floor, 20);
  REQUIRE(f.open().has_value());
  CHECK(f.troubles.size() == 1);
  CHECK(f.store->settled()["wallet"].picousd == 100);
  f.store.reset();
  CHECK(load_floor(f.options.spend_floor)->totals.at("wallet").picousd == 100);
}
