#include "daemon/dialect/media.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

constexpr std::size_t none = std::string_view::npos;
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(no_digit);
  for (std::uint8_t i = 0; i < 26; ++i) {
    digits['A' + i] = i;
    digits['a' + i] = 26 + i;
  }
  for (std::uint8_t i = 0; i < 10; ++i) digits['0' + i] = 52 + i;
  digits['+'] = digits['-'] = 62;
  digits['/'] = digits['_'] = 63;
  return digits;
}
constexpr auto digit_of = make_digits();

std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}
std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | byte_at(bytes, at + i);
  return value;
}
std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

/// Nobody takes larger images; a header that says so is not believed.
ImageDemand sized(std::uint32_t width, std::uint32_t height) {
  constexpr std::uint32_t longest = 65'535;
  if (width == 0 || height == 0 || width > longest || height > longest) return {};
  return {static_cast<int>(width), static_cast<int>(height), false};
}

ImageDemand webp_size(std::string_view head) {
  const std::string_view chunk = head.substr(std::min<std::size_t>(12, head.size()), 4);
  if (chunk == "VP8X" && head.size() >= 30) {
    return sized(1 + little_endian(head, 24, 3), 1 + little_endian(head, 27, 3));
  }
  if (chunk == "VP8L" && head.size() >= 25) {
    const std::uint32_t bits = little_endian(head, 21, 4);
    return sized(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF));
  }
  if (chunk == "VP8 " && head.size() >= 30) {
    return sized(little_endian(head, 26, 2) & 0x3FFF, little_endian(head, 28, 2) & 0x3FFF);
  }
  return {};
}

bool starts_frame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Segment by segment to the frame header; nullopt: it lies beyond these bytes.
std::optional<ImageDemand> jpeg_size(std::string_view bytes) {
  std::size_t at = 2;
  while (at + 4 <= bytes.size()) {
    if (byte_at(bytes, at) != 0xFF) return ImageDemand{};
    const std::uint32_t marker = byte_at(bytes, at + 1);
    if (marker == 0xFF) {
      ++at;
    } else if (starts_frame(marker)) {
      if (at + 9 > bytes.size()) return std::nullopt;
      return sized(big_endian(bytes, at + 7, 2), big_endian(bytes, at + 5, 2));
    } else if (marker == 0xDA || marker == 0xD9) {
      return ImageDemand{};
    } else {
      const bool bare = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
      at += bare ? 2 : 2 + std::max<std::size_t>(2, big_endian(bytes, at + 2, 2));
    }
  }
  return std::nullopt;
}

/// nullopt: more bytes are needed.
std::optional<ImageDemand> image_size(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\x89PNG\r\n\x1A\n"sv)) {
    return head.substr(std::min<std::size_t>(12, head.size()), 4) == "IHDR" && head.size() >= 24
               ? sized(big_endian(head, 16, 4), big_endian(head, 20, 4))
               : ImageDemand{};
  }
  if (head.starts_with("GIF8") && head.size() >= 10) {
    return sized(little_endian(head, 6, 2), little_endian(head, 8, 2));
  }
  if (head.starts_with("RIFF") && head.substr(std::min<std::size_t>(8, head.size()), 4) == "WEBP") {
    return webp_size(head);
  }
  if (head.starts_with("\xFF\xD8"sv)) return jpeg_size(head);
  return ImageDemand{};
}

/// What a PDF tells of its pages, gathered window by window.
struct PageSigns {
  std::int64_t objects = 0;  ///< `/Type /Page`
  std::int64_t counted = 0;  ///< The largest `/Count`, or a linearized file's `/N`.
  bool compressed = false;   ///< Objects may stand where they cannot be seen.
};

/// The name after this one, both as PDF writes them; empty: something else follows.
std::string_view value_after(std::string_view text, std::size_t at) {
  const std::size_t start = text.find_first_not_of(" \t\r\n\f", at);
  return start == none ? std::string_view() : text.substr(start, 16);
}

void note_count(std::string_view value, PageSigns& signs) {
  std::int64_t count = 0;
  std::from_chars(value.data(), value.data() + value.size(), count);
  signs.counted = std::max(signs.counted, count);
}

bool is_page(std::string_view value) {
  static constexpr std::string_view page = "/Page";
  if (!value.starts_with(page)) return false;
  const char next = value.size() > page.size() ? value[page.size()] : ' ';
  return !(next >= 'a' && next <= 'z') && !(next >= 'A' && next <= 'Z');
}

/// Names that begin before `end`; the bytes behind it are only looked at.
void look_for_pages(std::string_view window, std::size_t end, PageSigns& signs) {
  for (std::size_t at = window.find('/'); at < end; at = window.find('/', at + 1)) {
    const std::string_view name = window.substr(at, 12);
    if (name.starts_with("/Type")) {
      signs.objects += is_page(value_after(window, at + 5)) ? 1 : 0;
      signs.compressed = signs.compressed || value_after(window, at + 5).starts_with("/ObjStm");
    } else if (name.starts_with("/Count")) {
      note_count(value_after(window, at + 6), signs);
    } else if (name.starts_with("/N ") || name.starts_with("/N\n") || name.starts_with("/N\r")) {
      // Of an object stream it is the number of its objects: more than pages, never fewer.
      note_count(value_after(window, at + 2), signs);
    }
  }
}

/// A page with enough on it to count for one takes more than this, compressed too.
constexpr std::int64_t least_bytes_a_page = 1'024;
constexpr std::int64_t most_believed = 1'000'000;

}  // namespace

bool Base64Reader::read(std::string& out, std::size_t most) {
  const std::size_t before = out.size();
  while (!rest_.empty() && out.size() - before < most) {
    const auto c = static_cast<unsigned char>(rest_.front());
    if (c == '\\' && rest_.size() >= 2 && rest_[1] != '/') {
      if (rest_[1] != 'n' && rest_[1] != 'r' && rest_[1] != 't') break;
      rest_.remove_prefix(2);
      continue;
    }
    if (c != '\\' && c != ' ') {
      if (digit_of[c] == no_digit) break;
      bits_ = bits_ << 6 | digit_of[c];
      count_ += 6;
      if (count_ >= 8) {
        count_ -= 8;
        out += static_cast<char>(bits_ >> count_ & 0xFF);
      }
    }
    rest_.remove_prefix(1);
  }
  return out.size() != before;
}

bool is_data_url(std::string_view inside) { return istarts_with(inside, "data:"); }

DataUrl read_data_url(std::string_view inside) {
  DataUrl out;
  const std::size_t comma = inside.find(',');
  if (!is_data_url(inside) || comma == none) return out;
  const std::string_view head = inside.substr(5, comma - 5);
  out.media_type = head.substr(0, head.find(';'));
  static constexpr std::string_view mark = ";base64";
  const bool coded =
      head.size() >= mark.size() && iequals(head.substr(head.size() - mark.size()), mark);
  if (coded) out.base64 = inside.substr(comma + 1);
  return out;
}

ImageDemand read_image_file(std::string_view bytes) {
  return image_size(bytes).value_or(ImageDemand{});
}

ImageDemand read_image(std::string_view base64) {
  Base64Reader reader(base64);
  std::string head;
  // Most tell at once; a JPEG may have a profile and a preview before its size.
  for (const std::size_t most :
       {std::size_t{1} << 10, std::size_t{16} << 10, std::size_t{1} << 18}) {
    const bool more = reader.read(head, most - head.size());
    if (const auto size = image_size(head)) return *size;
    if (!more) break;
  }
  return {};
}

FileKind kind_of_file(std::string_view base64) {
  std::string head;
  Base64Reader(base64).read(head, 1 << 10);
  if (head.find("%PDF-") != std::string::npos) return FileKind::pdf;
  const bool printed = std::all_of(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t' ||
           c == '\f';
  });
  return printed && !head.empty() ? FileKind::text : FileKind::other;
}

std::int64_t most_pages(std::string_view base64) {
  constexpr std::size_t window_size = 64 << 10, overlap = 64;
  Base64Reader reader(base64);
  std::string window;
  PageSigns signs;
  std::int64_t bytes = 0;
  for (;;) {
    const std::size_t kept = window.size();
    const bool more = reader.read(window, window_size);
    bytes += static_cast<std::int64_t>(window.size() - kept);
    const std::size_t end = more ? window.size() - std::min(overlap, window.size()) : window.size();
    look_for_pages(window, end, signs);
    if (!more) break;
    window.erase(0, end);
  }
  const std::int64_t seen =
      std::clamp<std::int64_t>(std::max(signs.objects, signs.counted), 0, most_believed);
  if (seen > 0 && !signs.compressed) return seen;
  return std::max(seen, bytes / least_bytes_a_page + 1);
}

}  // namespace routerone::dialect
