#include "daemon/routing/affinity.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>

#include "tests/support/manual_clock.h"

using namespace routerone;
using namespace std::chrono_literals;
using routing::Affinity;

TEST_CASE("a session stays with its target as long as the cache lives after its last use") {
  test::ManualClock clock;
  Affinity affinity(clock);
  affinity.remember("s", "a/m");
  clock.advance(4min);
  CHECK(affinity.find("s") == "a/m");
  affinity.remember("s", "a/m");
  clock.advance(4min);
  CHECK(affinity.find("s") == "a/m");
  clock.advance(1min);
  CHECK_FALSE(affinity.find("s"));
}

TEST_CASE("a longer cache is waited for, an hour at most") {
  test::ManualClock clock;
  Affinity affinity(clock);
  affinity.remember("s", "a/m", 24h);
  clock.advance(59min);
  CHECK(affinity.find("s") == "a/m");
  clock.advance(1min);
  CHECK_FALSE(affinity.find("s"));
}

TEST_CASE("a cache that was made to last is not made shorter by being read, another target's is") {
  test::ManualClock clock;
  Affinity affinity(clock);
  affinity.remember("s", "a/m", 1h);
  affinity.remember("s", "a/m");
  clock.advance(30min);
  CHECK(affinity.find("s") == "a/m");
  affinity.remember("s", "b/m");
  clock.advance(5min);
  CHECK_FALSE(affinity.find("s"));
}

TEST_CASE("who served instead keeps the session when the first one is well again") {
  test::ManualClock clock;
  Affinity affinity(clock);
  affinity.remember("s", "a/m");
  affinity.remember("s", "b/m");
  CHECK(affinity.find("s") == "b/m");
}

TEST_CASE("what has no session is not remembered") {
  test::ManualClock clock;
  Affinity affinity(clock);
  affinity.remember("", "a/m");
  CHECK_FALSE(affinity.find(""));
  CHECK(affinity.size() == 0);
}

TEST_CASE("a target's name as long as a request is not remembered") {
  test::ManualClock clock;
  Affinity affinity(clock);
  affinity.remember("s", "a/" + std::string(2000, 'm'));
  CHECK(affinity.size() == 0);
}

TEST_CASE("it holds the latest sessions, as a list of them would") {
  rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& steps) {
    test::ManualClock clock;
    Affinity affinity(clock, 4);
    std::vector<std::pair<std::string, std::string>> latest;
    for (const auto& [session, target] : steps) {
      const std::string name = "s" + std::to_string(session % 8);
      std::erase_if(latest, [&](const auto& one) { return one.first == name; });
      latest.emplace_back(name, "t" + std::to_string(target));
      if (latest.size() > 4) latest.erase(latest.begin());
      affinity.remember(name, latest.back().second);
    }
    RC_ASSERT(affinity.size() == latest.size());
    for (int i = 0; i < 8; ++i) {
      const std::string name = "s" + std::to_string(i);
      const auto there = std::find_if(latest.begin(), latest.end(),
                                      [&](const auto& one) { return one.first == name; });
      const auto found = affinity.find(name);
      RC_ASSERT(found.has_value() == (there != latest.end()));
      if (found) RC_ASSERT(*found == there->second);
    }
  });
}
