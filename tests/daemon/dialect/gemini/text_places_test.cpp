#include "daemon/dialect/gemini/text_places.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

using namespace routerone;

TEST_CASE("places are found as they would be in the text, at any chunking") {
  CHECK(rc::check([] {
    const auto pieces = *rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("a", "plain text", "ü", "\xf0\x9f\x98\x80", ""));
    dialect::gemini::TextPlaces places;
    std::string text;
    for (const std::string& piece : pieces) {
      places.add(piece);
      text += piece;
    }
    RC_ASSERT(places.bytes() == text.size());
    std::int64_t characters = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
      RC_ASSERT(places.characters_before(at) == characters);
      const bool starts =
          at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0u) != 0x80u;
      if (starts) RC_ASSERT(places.byte_of(characters++) == at);
    }
    RC_ASSERT(places.byte_of(characters) == text.size());
  }));
}

TEST_CASE("of a very long text that is not plain only the beginning is known") {
  dialect::gemini::TextPlaces places;
  std::string much;
  for (int i = 0; i < 1 << 10; ++i) much += "ü";
  for (int i = 0; i < 1 << 10; ++i) places.add(much);
  CHECK(places.bytes() == std::size_t{2} << 20);
  CHECK(places.characters_before(4) == 2);
  CHECK(places.characters_before(places.bytes()) == -1);
  CHECK(places.byte_of(1 << 20) == places.bytes());
}
