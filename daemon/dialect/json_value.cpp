#include "daemon/dialect/json_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "common/json/json.h"

namespace routerone::dialect {
namespace {

std::uint32_t hex4(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + 4, value, 16);
  return value;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

/// The code point of the `\u....` at `at`, which is moved behind it (and its second half).
std::uint32_t code_point(std::string_view inside, std::size_t& at) {
  const std::uint32_t first = hex4(inside.substr(at + 2));
  at += 6;
  if (first < 0xD800 || first > 0xDFFF) return first;
  if (first < 0xDC00 && inside.substr(at).starts_with("\\u") && inside.size() - at >= 6) {
    const std::uint32_t second = hex4(inside.substr(at + 2));
    if (second >= 0xDC00 && second <= 0xDFFF) {
      at += 6;
      return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }
  }
  return 0xFFFD;
}

char plain_escape(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

}  // namespace

std::string unescape(std::string_view inside) {
  std::string out;
  out.reserve(inside.size());
  std::size_t at = 0;
  while (at < inside.size()) {
    if (inside[at] != '\\' || at + 1 == inside.size()) {
      out += inside[at++];
    } else if (inside[at + 1] == 'u' && inside.size() - at >= 6) {
      append_utf8(out, code_point(inside, at));
    } else {
      out += plain_escape(inside[at + 1]);
      at += 2;
    }
  }
  return out;
}

std::optional<std::string> as_string(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return std::nullopt;
  return unescape(value.substr(1, value.size() - 2));
}

std::optional<bool> as_bool(std::string_view value) {
  if (value == "true") return true;
  if (value == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> as_whole(std::string_view value) {
  const char* const end = value.data() + value.size();
  std::int64_t whole = 0;
  auto read = std::from_chars(value.data(), end, whole);
  if (read.ec == std::errc() && read.ptr == end) return whole;
  double number = 0;
  read = std::from_chars(value.data(), end, number);
  constexpr double exact = 9007199254740992.0;
  if (read.ec != std::errc() || read.ptr != end || std::abs(number) > exact ||
      number != std::trunc(number)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(number);
}

std::string json_quoted(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
  if (plain) return '"' + std::string(text) + '"';
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace routerone::dialect
