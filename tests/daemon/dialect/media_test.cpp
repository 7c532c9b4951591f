#include "daemon/dialect/media.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace routerone {
namespace {

using namespace std::string_literals;

std::string base64(std::string_view bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < here ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= here ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

std::pair<int, int> size_of(const std::string& bytes) {
  const ImageDemand image = dialect::read_image(base64(bytes));
  return {image.width, image.height};
}

std::string jpeg(std::size_t profile) {
  std::string out = "\xFF\xD8"s;
  while (profile > 0) {
    const std::size_t size = std::min<std::size_t>(profile, 60'000);
    out += "\xFF\xE2"s + static_cast<char>((size + 2) >> 8) + static_cast<char>((size + 2) & 255);
    out += std::string(size, '\xFF');
    profile -= size;
  }
  return out + "\xFF\xC2\x00\x11\x08\x01\x02\x03\x04\x03"s;
}

std::string pdf(const std::string& inside) { return base64("%PDF-1.7\n" + inside); }

TEST_CASE("each image format tells its size in its own way") {
  CHECK(size_of("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xE0\x08"s) ==
        std::pair(640, 480));
  CHECK(size_of("GIF89a\x80\x02\xE0\x01\xF7"s) == std::pair(640, 480));
  CHECK(size_of("RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\0\0\0\0\x7F\x02\0\xDF\x01\0"s) ==
        std::pair(640, 480));
  CHECK(size_of("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9D\x01\x2A\x80\x02\xE0\x01"s) ==
        std::pair(640, 480));
  CHECK(size_of("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2F\x7F\xC2\x77\0"s) == std::pair(640, 480));
  CHECK(size_of(jpeg(0)) == std::pair(772, 258));
}

TEST_CASE("a JPEG's size is found behind a long profile, within reason") {
  CHECK(size_of(jpeg(40'000)) == std::pair(772, 258));
  CHECK(size_of(jpeg(150'000)) == std::pair(772, 258));
  CHECK(size_of(jpeg(400'000)) == std::pair(0, 0));
}

TEST_CASE("an image that cannot be read has no size") {
  CHECK(size_of("") == std::pair(0, 0));
  CHECK(size_of("\x89PNG\r\n\x1A\n"s) == std::pair(0, 0));
  CHECK(size_of("<svg width='9'/>") == std::pair(0, 0));
  CHECK(size_of("\x89PNG\r\n\x1A\n\0\0\0\rIHDR\xFF\0\x02\x80\0\0\x01\xE0\x08"s) == std::pair(0, 0));
}

TEST_CASE("base64 is read through the escapes that JSON writers put into it") {
  std::string out;
  CHECK(dialect::Base64Reader("aGV\\/sb\\nG8\\r\\n=").read(out, 99));
  CHECK(out.substr(0, 2) == "he");
  out.clear();
  CHECK(dialect::Base64Reader("aGVs\\r\\nbG8=").read(out, 99));
  CHECK(out == "hello");
}

TEST_CASE("whatever is packed is unpacked the same, in pieces of any size") {
  CHECK(rc::check([](const std::string& bytes, std::uint8_t step) {
    const std::string packed = base64(bytes);
    dialect::Base64Reader reader(packed);
    std::string out;
    while (reader.read(out, 1 + step % 7u)) {
    }
    RC_ASSERT(out == bytes);
  }));
}

TEST_CASE("pages are counted where they can be seen") {
  CHECK(dialect::most_pages(pdf("<</Type/Page>> <</Type /Page/Parent 1>>")) == 2);
  CHECK(dialect::most_pages(pdf("<</Type/Pages/Kids[]/Count 12>>")) == 12);
  CHECK(dialect::most_pages(pdf("<</Type\n/Page>><</Type/Pages/Count 1>>")) == 1);
  CHECK(dialect::most_pages(pdf(std::string(200'000, ' ') + "/Type /Page")) == 1);
}

TEST_CASE("pages that may be hidden are bounded by the file's size") {
  const std::string packed = "<</Type/ObjStm/N 5>>" + std::string(10'000, 'x');
  CHECK(dialect::most_pages(pdf(packed)) >= 10);
  CHECK(dialect::most_pages(pdf(std::string(5'000, 'x'))) >= 5);
  CHECK(dialect::most_pages(pdf("")) >= 1);
}

TEST_CASE("page objects are found wherever a window of the reader ends") {
  CHECK(rc::check([] {
    const auto gap = *rc::gen::inRange<std::size_t>(65'400, 65'700);
    RC_ASSERT(dialect::most_pages(pdf(std::string(gap, ' ') + "/Type  /Page /Type /Page")) == 2);
  }));
}

TEST_CASE("a file is what its first bytes say, not its label") {
  CHECK(dialect::kind_of_file(pdf("")) == dialect::FileKind::pdf);
  CHECK(dialect::kind_of_file(base64("name,age\nx,1\n")) == dialect::FileKind::text);
  CHECK(dialect::kind_of_file(base64("PK\x03\x04"s)) == dialect::FileKind::other);
  CHECK(dialect::kind_of_file("") == dialect::FileKind::other);
}

}  // namespace
}  // namespace routerone
