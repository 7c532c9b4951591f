#include "daemon/dialect/media_type.h"

#include <doctest/doctest.h>

#include "daemon/dialect/base64.h"

namespace routerone {
namespace {

using chat::Media;
using Kind = chat::Media::Kind;

const std::string png = dialect::to_base64("\x89PNG\r\n\x1a\n1234567890");
const std::string pdf = dialect::to_base64("%PDF-1.7 1234567890");

TEST_CASE("a media type is normalised") {
  CHECK(dialect::normal_media_type("IMAGE/JPG") == "image/jpeg");
  CHECK(dialect::normal_media_type("text/plain; charset=utf-8") == "text/plain");
  CHECK(dialect::normal_media_type("image/webp") == "image/webp");
}

TEST_CASE("the first bytes are believed rather than the label") {
  CHECK(dialect::inline_media(Kind::image, "image/jpeg", png)->media_type == "image/png");
  CHECK(dialect::inline_media(Kind::document, "", pdf)->media_type == "application/pdf");
  CHECK(dialect::inline_media(Kind::image, "image/tiff", "SUkqAAgAAAA=")->media_type ==
        "image/tiff");
  CHECK(dialect::sniff_media_type(dialect::to_base64(std::string("RIFF\0\0\0\0WAVE", 12))) ==
        "audio/wav");
  CHECK(dialect::sniff_media_type(dialect::to_base64(std::string("RIFF\0\0\0\0WEBP", 12))) ==
        "image/webp");
}

TEST_CASE("what has no type or is no base64 is not media") {
  CHECK_FALSE(dialect::inline_media(Kind::image, "", "AAAA"));
  CHECK_FALSE(dialect::inline_media(Kind::image, "image/png", "not base64!"));
  CHECK_FALSE(dialect::inline_media(Kind::image, "image/png", ""));
  CHECK_FALSE(dialect::media_of_url(Kind::image, "data:image/png;base64"));
  CHECK_FALSE(dialect::media_of_url(Kind::image, ""));
}

TEST_CASE("white space in base64 is taken out") {
  CHECK(dialect::inline_media(Kind::image, "image/png", png.substr(0, 8) + "\n " + png.substr(8))
            ->data == png);
}

TEST_CASE("a data URL is read, however it is encoded, and another is an address") {
  const auto image = dialect::media_of_url(Kind::image, "DATA:image/png;base64," + png);
  REQUIRE(image);
  CHECK(image->data == png);
  CHECK(dialect::inline_url(*image) == "data:image/png;base64," + png);
  const auto text = dialect::media_of_url(Kind::document, "data:text/plain,a%20b");
  REQUIRE(text);
  CHECK(text->is_text);
  CHECK(text->data == "a b");
  CHECK(dialect::inline_url(*text) == "data:text/plain;base64," + dialect::to_base64("a b"));
  CHECK(dialect::media_of_url(Kind::image, "https://a.test/b.png")->url == "https://a.test/b.png");
}

TEST_CASE("a text document's text is found in either form") {
  const auto encoded = dialect::media_of_url(
      Kind::document, "data:text/markdown;base64," + dialect::to_base64("# a"));
  REQUIRE(encoded);
  CHECK(dialect::text_of(*encoded) == "# a");
  CHECK_FALSE(dialect::text_of(*dialect::inline_media(Kind::document, "", pdf)));
}

}  // namespace
}  // namespace routerone
