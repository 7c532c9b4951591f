#include "daemon/dialect/freeform_input.h"

#include <utility>

#include "daemon/dialect/byte_run.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/tool_names.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// How many bytes of the inside of a string can be decoded by themselves: not the beginning of an
/// escape, and not the first half of a pair.
std::size_t decodable(std::string_view inside) {
  std::size_t at = 0;
  while (at < inside.size()) {
    if (inside[at] != '\\') {
      ++at;
      continue;
    }
    if (inside.size() - at < 2) return at;
    if (inside[at + 1] != 'u') {
      at += 2;
      continue;
    }
    if (inside.size() - at < 6) return at;
    const bool first_half = (inside[at + 2] == 'd' || inside[at + 2] == 'D') &&
                            std::string_view("89abAB").find(inside[at + 3]) != std::string::npos;
    if (first_half && inside.size() - at < 12) return at;
    at += 6;
  }
  return at;
}

/// Where the string ends: at its closing quote, or not yet.
std::size_t end_of(std::string_view inside) {
  std::size_t at = 0;
  while (at < inside.size() && inside[at] != '"') at += inside[at] == '\\' ? 2 : 1;
  return at < inside.size() ? at : std::string_view::npos;
}

}  // namespace

/// `{"input":"` with blanks wherever JSON has them.
void FreeformInput::look_for_start() {
  static constexpr std::string_view wanted[] = {"{", "\"input\"", ":", "\""};
  std::size_t at = 0;
  for (const std::string_view word : wanted) {
    at = json_.find_first_not_of(blanks, at);
    if (at == std::string::npos) return;
    const std::string_view here = std::string_view(json_).substr(at, word.size());
    if (here != word.substr(0, here.size())) {
      at_ = At::other;
      return;
    }
    if (here.size() < word.size()) return;
    at += word.size();
  }
  at_ = At::inside;
  json_.erase(0, at);
}

std::string FreeformInput::decode() {
  const std::size_t end = end_of(json_);
  const bool closed = end != std::string_view::npos;
  const std::string_view inside = std::string_view(json_).substr(0, end);
  const std::size_t whole = closed ? inside.size() : decodable(inside);
  std::string text = unescape(inside.substr(0, whole));
  json_.erase(0, whole);
  if (closed) {
    at_ = At::behind;
    json_.clear();
  }
  return text;
}

std::string FreeformInput::feed(std::string_view piece) {
  if (at_ == At::behind) return {};
  json_ += piece;
  if (at_ == At::before) look_for_start();
  return at_ == At::inside ? decode() : std::string();
}

std::string FreeformInput::finish() {
  if (at_ == At::inside || at_ == At::behind) return {};
  at_ = At::behind;
  return unwrap_freeform(std::exchange(json_, {}));
}

}  // namespace routerone::dialect
