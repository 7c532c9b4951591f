#include "daemon/dialect/json_out.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>

#include "daemon/dialect/byte_run.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect {
namespace {

void append_escaped(std::string& out, char c) {
  static constexpr std::string_view digits = "0123456789abcdef";
  static constexpr std::string_view named = "\"\\\b\f\n\r\t", words = "\"\\bfnrt";
  out += '\\';
  const std::size_t which = named.find(c);
  if (which != std::string_view::npos) {
    out += words[which];
    return;
  }
  out += "u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[static_cast<unsigned char>(c) & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    out += json_quoted(text);
    return;
  }
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const char* const stop = find_string_stop(at, end);
    out.append(at, stop);
    if (stop < end) append_escaped(out, *stop);
    at = stop + 1;
  }
  out += '"';
}

JsonOut& JsonOut::text(std::string_view value) {
  comma();
  append_json_string(out_, value);
  return *this;
}

JsonOut& JsonOut::whole(std::int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

JsonOut& JsonOut::number(double value) {
  if (!std::isfinite(value)) return null();
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

JsonOut& JsonOut::raw(std::string_view json) {
  comma();
  out_ += json;
  return *this;
}

}  // namespace routerone::dialect
