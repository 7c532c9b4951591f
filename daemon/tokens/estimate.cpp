#include "daemon/tokens/estimate.h"

#include <algorithm>
#include <array>

namespace routerone::tokens {
namespace {

/// Kinds of bytes that differ in how many tokens they make.
enum Kind : std::uint8_t {
  letter,
  digit,
  blank,
  line,
  mark,
  quote,
  bracket,
  comma,
  escape,
  two,
  three,
  four,
  tail
};

constexpr std::array<Kind, 256> make_kinds() {
  std::array<Kind, 256> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    if (c >= 0x80) {
      kinds[c] = c < 0xC0 ? tail : c < 0xE0 ? two : c < 0xF0 ? three : four;
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
      kinds[c] = letter;
    } else if (c >= '0' && c <= '9') {
      kinds[c] = digit;
    } else {
      kinds[c] = c == ' ' || c == '\t' ? blank : c == '\n' || c == '\r' ? line : mark;
    }
  }
  for (const char c : {'{', '}', '[', ']'}) kinds[static_cast<unsigned char>(c)] = bracket;
  kinds[':'] = kinds[','] = comma;
  kinds['"'] = quote;
  kinds['\\'] = escape;
  return kinds;
}
constexpr auto kind_of = make_kinds();

/// In sixteenths of a token; fitted on recorded requests and answers (README.md). A quote takes
/// off: what stands between two of them in a request is often a word of the format, which the
/// model never sees.
constexpr std::int64_t a_word = 15, further_letters = 5, a_number = 8, a_mark = 10, a_line = 19,
                       a_quote = -20, a_bracket = 26, a_comma = 13;
constexpr std::array<std::int64_t, 3> wide_character = {16, 18, 64};  // Of two, three, four bytes.
constexpr std::int64_t most_bytes_a_token = 12;
constexpr std::int64_t whole = 16;

/// Of media in base64: it is counted by its content, not by its text.
constexpr std::int64_t packed_bytes_a_token = 64;

bool is_packed(std::string_view window) {
  return window.size() >= 128 && std::all_of(window.begin(), window.end(), [](char c) {
           const Kind kind = kind_of[static_cast<unsigned char>(c)];
           return kind == letter || kind == digit || c == '+' || c == '/' || c == '=' || c == '-' ||
                  c == '_';
         });
}

/// Sixteenths of a token in one stretch of text.
std::int64_t weigh(std::string_view text) {
  if (is_packed(text)) return static_cast<std::int64_t>(text.size()) * whole / packed_bytes_a_token;
  std::int64_t sum = 0;
  int letters = 0, digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Kind kind = kind_of[static_cast<unsigned char>(text[i])];
    letters = kind == letter ? letters + 1 : 0;
    digits = kind == digit ? digits + 1 : 0;
    switch (kind) {
      case letter:
        sum += letters == 1 ? a_word : letters > 6 && letters % 4 == 3 ? further_letters : 0;
        break;
      case digit:
        sum += digits % 3 == 1 ? a_number : 0;
        break;
      case line:
        sum += a_line;
        break;
      case mark:
        sum += a_mark;
        break;
      case quote:
        sum += a_quote;
        break;
      case bracket:
        sum += a_bracket;
        break;
      case comma:
        sum += a_comma;
        break;
      case escape: {  // What is escaped is one sign: a line's end, a quote, a character.
        const char next = i + 1 < text.size() ? text[i + 1] : ' ';
        sum += next == 'u' ? wide_character[1] : next == 'n' ? a_line : a_mark;
        i += next == 'u' ? 5 : 1;
        break;
      }
      case two:
      case three:
      case four:
        sum += wide_character[static_cast<std::size_t>(kind - two)];
        break;
      case blank:
      case tail:
        break;
    }
  }
  const auto size = static_cast<std::int64_t>(text.size());
  return std::max(sum, size * whole / most_bytes_a_token);
}

constexpr std::size_t window_size = 256, windows = 12;
constexpr std::int64_t usual_answer = 512;

}  // namespace

std::int64_t guess_input(std::string_view body) {
  if (body.empty()) return 0;
  std::int64_t sum = 0;
  std::size_t seen = 0;
  const bool sampled = body.size() > window_size * windows;
  const std::size_t stride = sampled ? body.size() / windows : window_size;
  for (std::size_t at = 0; at < body.size(); at += stride) {
    const std::string_view window = body.substr(at, window_size);
    sum += weigh(window);
    seen += window.size();
  }
  const double scale = static_cast<double>(body.size()) / static_cast<double>(seen);
  return std::max<std::int64_t>(
      1, static_cast<std::int64_t>(static_cast<double>(sum) * scale) / whole);
}

std::int64_t best_guess(std::string_view body, std::optional<std::int64_t> output_cap) {
  return guess_input(body) +
         std::clamp<std::int64_t>(output_cap.value_or(usual_answer), 0, usual_answer);
}

Usage estimate(std::uint64_t request_bytes, std::uint64_t answer_bytes, bool stream) {
  Usage usage;
  usage.input = static_cast<std::int64_t>((request_bytes + 3) / 4);
  const std::uint64_t bytes_a_token = stream ? 64 : 4;
  usage.output = static_cast<std::int64_t>((answer_bytes + bytes_a_token - 1) / bytes_a_token);
  return usage;
}

Usage estimate(std::string_view request, std::uint64_t answer_bytes, bool stream) {
  Usage usage = estimate(request.size(), answer_bytes, stream);
  usage.input = guess_input(request);
  return usage;
}

}  // namespace routerone::tokens
