#include "daemon/relay/sessions.h"

#include <doctest/doctest.h>

#include "tests/support/manual_clock.h"
#include "tests/support/relay_world.h"

using namespace routerone;

namespace {

struct Named {
  test::ManualClock clock;
  test::CountingRandom random;
  Sessions sessions{clock, random};

  std::string by_opening(const std::string& body, std::string_view model = "m") {
    const std::vector<std::pair<std::size_t, std::size_t>> all{{0, body.size()}};
    return sessions.name_of({.key_id = "k", .model = model, .body = body, .opening = all});
  }
  std::string by_word(std::string_view session, std::string_view key = "k") {
    return sessions.name_of({.key_id = key, .model = "m", .session = session, .body = "x"});
  }
};

}  // namespace

TEST_CASE("a session is told apart by its word, its key and its model") {
  Named one;
  CHECK(one.by_word("a") == one.by_word("a"));
  CHECK(one.by_word("a") != one.by_word("b"));
  CHECK(one.by_word("a", "k") != one.by_word("a", "j"));
  CHECK(one.by_opening("hello") != one.by_opening("hello", "n"));
  CHECK(one.by_word("") == "");
}

TEST_CASE("without a word it is told apart by both ends of how it began, however long that is") {
  Named one;
  const std::string long_words(200'000, 'x');
  CHECK(one.by_opening(long_words + "one") != one.by_opening(long_words + "two"));
  CHECK(one.by_opening("one" + long_words) != one.by_opening("two" + long_words));
  CHECK(one.by_opening(long_words + "one") == one.by_opening(long_words + "one"));
}

TEST_CASE("nothing of what was said stands in a session's name") {
  Named one;
  CHECK(one.by_opening("a secret plan").find("secret") == std::string::npos);
  CHECK(one.by_word("a secret plan").size() == 32);
}

TEST_CASE(
    "what is too short for a cache is worth no staying, but what one account alone can read") {
  CHECK_FALSE(Sessions::worth_staying("{}"));
  CHECK(Sessions::worth_staying(std::string(5000, ' ')));
  CHECK(Sessions::worth_staying(R"({"signature":"x"})"));
}
