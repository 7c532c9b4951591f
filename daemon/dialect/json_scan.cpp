#include "daemon/dialect/json_scan.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "common/core/text.h"
#include "daemon/dialect/byte_run.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// The name as a reader that ignores case sees it: ASCII letters, and the two others that fold to
/// them (long s, Kelvin sign).
std::string folded(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const std::string_view rest = name.substr(i);
    if (rest.starts_with("\xC5\xBF")) {
      out += 's';
      i += 1;
    } else if (rest.starts_with("\xE2\x84\xAA")) {
      out += 'k';
      i += 2;
    } else {
      const char c = name[i];
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return out;
}

/// Do names that differ look the same to such a reader?
bool fold_alike(std::string_view name, bool plain, std::string_view wanted) {
  if (plain) return iequals(name, wanted);
  return folded(name) == folded(wanted);
}

bool is_plain(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return (c & 0x80) == 0; });
}

/// No name that is asked for is longer, however it is spelled.
constexpr std::size_t longest_spelling = 6 * 32;

}  // namespace

void note_member(std::string_view raw_name, std::string_view value,
                 std::span<const std::string_view> names, std::span<Picked> picked) {
  if (raw_name.size() > longest_spelling) return;
  std::string unescaped;
  std::string_view name = raw_name;
  if (raw_name.find('\\') != std::string_view::npos) {
    unescaped = unescape(raw_name);
    name = unescaped;
  }
  const bool plain = is_plain(name);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) continue;
    if (name == names[i]) {
      ++picked[i].times;
      picked[i].value = value;
    } else if (fold_alike(name, plain, names[i])) {
      picked[i].respelled = true;
    }
  }
}

JsonScan::JsonScan(std::string_view text)
    : begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

bool JsonScan::fail(std::string_view what) {
  if (what_.empty()) what_ = what;
  return false;
}

void JsonScan::space() {
  while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
}

bool JsonScan::literal(std::string_view word) {
  if (!std::string_view(p_, static_cast<std::size_t>(end_ - p_)).starts_with(word))
    return fail("a value is expected here");
  p_ += word.size();
  return true;
}

bool JsonScan::digits() {
  const char* const start = p_;
  while (p_ != end_ && is_digit(*p_)) ++p_;
  return p_ != start || fail("a digit is expected here");
}

bool JsonScan::number() {
  if (at('-')) ++p_;
  if (at('0')) {
    ++p_;
  } else if (!digits()) {
    return false;
  }
  if (at('.')) {
    ++p_;
    if (!digits()) return false;
  }
  if (at('e') || at('E')) {
    ++p_;
    if (at('+') || at('-')) ++p_;
    if (!digits()) return false;
  }
  return true;
}

bool JsonScan::escape() {
  ++p_;
  if (p_ == end_) return fail("a string has no end");
  if (*p_ == 'u') {
    if (end_ - p_ < 5) return fail("a string has no end");
    for (int i = 1; i <= 4; ++i) {
      if (!is_hex(p_[i])) return fail("a \\u in a string lacks its four hex digits");
    }
    p_ += 5;
    return true;
  }
  if (*p_ == '\0' || std::strchr("\"\\/bfnrt", *p_) == nullptr)
    return fail("a string has an unknown escape");
  ++p_;
  return true;
}

bool JsonScan::string() {
  ++p_;
  for (;;) {
    p_ = find_string_stop(p_, end_);
    if (p_ == end_) return fail("a string has no end");
    if (*p_ == '"') break;
    if (*p_ != '\\') return fail("a string holds a raw control character");
    if (!escape()) return false;
  }
  ++p_;
  return true;
}

/// A name and its colon.
bool JsonScan::key() {
  if (!at('"')) return fail("a name in quotes is expected here");
  const char* const start = p_ + 1;
  if (!string()) return false;
  name_ = {start, static_cast<std::size_t>(p_ - 1 - start)};
  space();
  if (!at(':')) return fail("a colon is expected here");
  ++p_;
  space();
  return true;
}

/// A scalar whole, or the opening of a container with something in it.
bool JsonScan::enter(bool& opened) {
  opened = false;
  if (p_ == end_) return fail("it ends too early");
  const char c = *p_;
  if (c == '"') return string();
  if (c == '-' || is_digit(c)) return number();
  if (c == 't') return literal("true");
  if (c == 'f') return literal("false");
  if (c == 'n') return literal("null");
  if (c != '{' && c != '[') return fail("a value is expected here");
  if (depth_ == max_depth) return fail("it is nested too deep");
  const bool object = c == '{';
  ++p_;
  space();
  if (at(object ? '}' : ']')) {
    ++p_;
    return true;
  }
  is_object_[depth_++] = object;
  opened = true;
  return !object || key();
}

/// After a value inside a container: to the next value, or out of the container.
bool JsonScan::leave() {
  space();
  if (p_ == end_) return fail("it ends too early");
  const bool object = is_object_[depth_ - 1];
  if (*p_ == (object ? '}' : ']')) {
    ++p_;
    --depth_;
    return true;
  }
  if (*p_ != ',') return fail("a comma or a closing bracket is expected here");
  ++p_;
  space();
  return !object || key();
}

/// Containers stand in a bit set, not on our stack: depth cannot exhaust it.
bool JsonScan::value() {
  const std::size_t floor = depth_;
  for (;;) {
    bool opened = false;
    if (!enter(opened)) return false;
    if (opened) continue;
    for (;;) {
      if (depth_ == floor) return true;
      const std::size_t before = depth_;
      if (!leave()) return false;
      if (depth_ == before) break;
    }
  }
}

std::optional<std::string_view> JsonScan::value_here() {
  const char* const start = p_;
  if (!value()) return std::nullopt;
  return std::string_view(start, static_cast<std::size_t>(p_ - start));
}

std::optional<std::string_view> JsonScan::object_here(std::span<const std::string_view> names,
                                                      std::span<Picked> picked) {
  const char* const start = p_;
  if (!at('{') || !object(names, picked)) return std::nullopt;
  return std::string_view(start, static_cast<std::size_t>(p_ - start));
}

/// The outermost object, member by member.
bool JsonScan::object(std::span<const std::string_view> names, std::span<Picked> picked) {
  ++p_;
  is_object_[depth_++] = true;
  space();
  if (at('}')) {
    ++p_;
    return true;
  }
  for (;;) {
    if (!key()) return false;
    const std::string_view name = name_;
    const auto member = value_here();
    if (!member) return false;
    note_member(name, *member, names, picked);
    space();
    if (at('}')) {
      ++p_;
      return true;
    }
    if (!at(',')) return fail("a comma or a closing bracket is expected here");
    ++p_;
    space();
  }
}

std::optional<JsonProblem> JsonScan::members(std::span<const std::string_view> names,
                                             std::span<Picked> picked) {
  space();
  if (p_ == end_) {
    fail("it is empty");
  } else if (*p_ == '\xEF') {
    fail("it starts with a byte order mark");
  } else if (*p_ != '{') {
    fail("it is not an object");
  } else if (object(names, picked)) {
    space();
    if (p_ == end_) return std::nullopt;
    fail("something follows the object");
  }
  return JsonProblem{static_cast<std::size_t>(p_ - begin_), what_};
}

}  // namespace routerone::dialect
