#include "daemon/tokens/estimate.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace routerone {
namespace {

TEST_CASE("an estimate is whole tokens, never fewer than one for some bytes") {
  CHECK(tokens::estimate(0, 0, false).input == 0);
  CHECK(tokens::estimate(0, 0, true).output == 0);
  CHECK(tokens::estimate(1, 1, false).input == 1);
  CHECK(tokens::estimate(1, 1, false).output == 1);
  CHECK(tokens::estimate(4, 4, false).output == 1);
  CHECK(tokens::estimate(5, 5, false).output == 2);
  CHECK(tokens::estimate(0, 64, true).output == 1);
  CHECK(tokens::estimate(0, 65, true).output == 2);
}

TEST_CASE("an estimate is of known usage and says nothing of classes it cannot see") {
  const Usage usage = tokens::estimate(100, 200, true);
  CHECK(usage.known());
  CHECK_FALSE(usage.cache_read);
  CHECK_FALSE(usage.reasoning);
  CHECK_FALSE(usage.stated_cost);
}

TEST_CASE("more bytes are never estimated as fewer tokens") {
  CHECK(rc::check([](std::uint32_t request, std::uint32_t answer, std::uint16_t more, bool stream) {
    const Usage less = tokens::estimate(request, answer, stream);
    const Usage all =
        tokens::estimate(std::uint64_t{request} + more, std::uint64_t{answer} + more, stream);
    RC_ASSERT(*less.input <= *all.input);
    RC_ASSERT(*less.output <= *all.output);
    RC_ASSERT(*less.input >= 0);
  }));
}

TEST_CASE("a guess is by what the bytes are, not by how many") {
  const std::string prose = "The quick brown fox jumps over the lazy dog near the old river bank. ";
  const std::string chinese = "\xE6\x95\x8F\xE6\x8D\xB7\xE7\x9A\x84\xE6\xA3\x95\xE8\x89\xB2";
  CHECK(tokens::guess_input("") == 0);
  CHECK(tokens::guess_input("x") == 1);
  CHECK(tokens::guess_input(prose) >= 12);
  CHECK(tokens::guess_input(prose) <= 20);
  CHECK(tokens::guess_input(chinese) >= 4);
  CHECK(tokens::guess_input(std::string(64'000, 'A')) <= 1'100);  // Media in base64.
  CHECK(tokens::estimate(prose, 40, false).input == tokens::guess_input(prose));
  CHECK(tokens::estimate(prose, 40, false).output == 10);
}

TEST_CASE("of a long text samples are enough") {
  std::string text;
  for (int i = 0; i < 4'000; ++i)
    text += "The river runs " + std::to_string(i) + " miles to the sea. ";
  const std::int64_t whole = tokens::guess_input(text);
  const std::int64_t tenth =
      tokens::guess_input(std::string_view(text).substr(0, text.size() / 10));
  CHECK(whole > 8 * tenth);
  CHECK(whole < 12 * tenth);
}

TEST_CASE("a guess of all that is used has an answer of usual length in it, or of the cap's") {
  CHECK(tokens::best_guess("x", std::nullopt) == 513);
  CHECK(tokens::best_guess("x", 100) == 101);
  CHECK(tokens::best_guess("x", 128'000) == 513);
}

TEST_CASE("any bytes can be guessed at, within bounds") {
  CHECK(rc::check([](const std::string& bytes) {
    const std::int64_t guess = tokens::guess_input(bytes);
    RC_ASSERT(guess >= (bytes.empty() ? 0 : 1));
    RC_ASSERT(guess <= 4 * static_cast<std::int64_t>(bytes.size()) + 1);
  }));
}

}  // namespace
}  // namespace routerone
