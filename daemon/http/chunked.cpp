#include "daemon/http/chunked.h"

#include <algorithm>

namespace routerone::http {
namespace {

constexpr std::size_t longest_line = 4096;
constexpr std::size_t most_trailers = 8192;
constexpr std::size_t most_digits = 15;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

std::size_t token_length(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_token_char) -
                                  text.begin());
}

/// `*( ";" name [ "=" ( token / quoted-string ) ] )`, without the white space some senders add.
bool is_extension(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    const std::size_t name = token_length(text);
    if (name == 0) return false;
    text.remove_prefix(name);
    if (text.empty() || text.front() != '=') continue;
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '"') {
      std::size_t end = 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2u : 1u;
      if (end >= text.size()) return false;
      text.remove_prefix(end + 1);
    } else {
      const std::size_t value = token_length(text);
      if (value == 0) return false;
      text.remove_prefix(value);
    }
  }
  return true;
}

bool is_clean(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_trailer(std::string_view line) {
  const std::size_t name = token_length(line);
  return name > 0 && name < line.size() && line[name] == ':';
}

}  // namespace

bool ChunkedDecoder::read_size_line(std::string_view line) {
  std::size_t digits = 0;
  std::uint64_t size = 0;
  while (digits < line.size() && hex(line[digits]) >= 0) {
    if (digits == most_digits) return false;
    size = size * 16 + static_cast<std::uint64_t>(hex(line[digits++]));
  }
  if (digits == 0 || !is_extension(line.substr(digits))) return false;
  left_ = size;
  phase_ = size == 0 ? Phase::trailer : Phase::data;
  return true;
}

/// One CRLF-ended line of the framing.
ChunkedDecoder::Step ChunkedDecoder::take_line(std::string_view input) {
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    const bool fits = input.size() <= longest_line;
    const std::size_t cr = input.find('\r');
    const bool clean = cr == std::string_view::npos || cr + 1 == input.size();
    if (!fits || !clean) phase_ = Phase::bad;
    return {fits && clean ? State::more : State::bad, 0, {}};
  }
  const std::string_view line = input.substr(0, end == 0 ? 0 : end - 1);
  bool good = end > 0 && end <= longest_line && input[end - 1] == '\r' && is_clean(line);
  if (good && phase_ == Phase::size) {
    good = read_size_line(line);
  } else if (good && phase_ == Phase::data_end) {
    good = line.empty();
    phase_ = Phase::size;
  } else if (good && line.empty()) {
    phase_ = Phase::done;
  } else if (good) {
    trailer_bytes_ += end + 1;
    good = trailer_bytes_ <= most_trailers && is_trailer(line);
  }
  if (!good) phase_ = Phase::bad;
  return {good ? State::more : State::bad, end + 1, {}};
}

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view input) {
  std::size_t consumed = 0;
  while (phase_ != Phase::done && phase_ != Phase::bad) {
    const std::string_view rest = input.substr(consumed);
    if (phase_ == Phase::data) {
      if (rest.empty()) return {State::more, consumed, {}};
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
      left_ -= size;
      if (left_ == 0) phase_ = Phase::data_end;
      return {State::data, consumed + size, rest.substr(0, size)};
    }
    const Step line = take_line(rest);
    if (line.state == State::bad) break;
    if (line.consumed == 0) return {State::more, consumed, {}};
    consumed += line.consumed;
  }
  return {phase_ == Phase::done ? State::done : State::bad, consumed, {}};
}

}  // namespace routerone::http
