#include "daemon/listener/lookups.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/test_loop.h"

using namespace routerone;
using namespace routerone::test;

namespace {

enum class Fate { waiting, ran, refused };

net::Task<void> look(Lookups& lookups, net::Loop& loop, std::function<void()> work, Fate& fate) {
  const bool ran = co_await lookups.run(loop, std::move(work));
  fate = ran ? Fate::ran : Fate::refused;
}

}  // namespace

TEST_CASE("what is looked up runs away from the loop, and its caller goes on upon the loop") {
  TestLoop world;
  Lookups lookups;
  std::thread::id where;
  Fate fate = Fate::waiting;
  world.loop().spawn(look(
      lookups, world.loop(), [&where] { where = std::this_thread::get_id(); }, fate));
  world.run_until([&] { return fate != Fate::waiting; });
  CHECK(fate == Fate::ran);
  CHECK(where != std::thread::id());
  CHECK(where != std::this_thread::get_id());
}

TEST_CASE("beyond the cap nothing is queued, and a place that is free again is given away again") {
  TestLoop world;
  Lookups lookups(3);
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  std::vector<Fate> fates(5, Fate::waiting);
  const auto count = [&fates](Fate fate) { return std::count(fates.begin(), fates.end(), fate); };
  for (Fate& fate : fates) {
    world.loop().spawn(look(
        lookups, world.loop(), [gate] { gate.wait(); }, fate));
  }
  world.run_until([&] { return count(Fate::refused) == 2; });
  CHECK(count(Fate::waiting) == 3);
  open.set_value();
  world.run_until([&] { return count(Fate::ran) == 3; });
  Fate later = Fate::waiting;
  world.loop().spawn(look(
      lookups, world.loop(), [] {}, later));
  world.run_until([&] { return later != Fate::waiting; });
  CHECK(later == Fate::ran);
}
