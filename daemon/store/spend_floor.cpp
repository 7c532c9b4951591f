#include "daemon/store/spend_floor.h"

#include <fmt/format.h>

#include "common/core/text.h"
#include "common/platform/files.h"

namespace routerone::store {
namespace {

constexpr std::string_view heading = "routerone spend floor 2, picodollars a scope\n";
constexpr std::string_view heading_1 = "routerone spend floor 1, picodollars a scope\n";
constexpr std::string_view number_word = "number";
constexpr std::string_view day_word = "minute";
constexpr std::string_view closing = "checksum ";

/// FNV-1a, 64 bits: against torn and flipped bytes, not against people.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

/// Scopes hold names that people chose: a line break in one must not make a line.
std::string escape(std::string_view scope) {
  std::string out;
  for (const char c : scope) {
    if (c == '\\' || static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

std::optional<unsigned> hex_digit(char c) {
  const auto at = std::string_view("0123456789abcdef").find(c);
  return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<unsigned>(at));
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return out;
}

/// The first word of a line, which is then gone from it.
std::string_view next_word(std::string_view& line) {
  const auto space = line.find(' ');
  const auto word = line.substr(0, space);
  line = space == line.npos ? std::string_view() : line.substr(space + 1);
  return word;
}

std::optional<std::int64_t> parse_amount(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto size = parse_uint(text);
  if (!size || *size > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*size);
  return negative ? -value : value;
}

/// `AMOUNT SCOPE`, `minute MINUTE AMOUNT SCOPE` or `number N`. False: none of them.
bool read_line(std::string_view line, Floor& floor) {
  auto word = next_word(line);
  if (word == number_word) {
    const auto number = parse_uint(line);
    floor.number = number.value_or(0);
    return number.has_value();
  }
  std::optional<std::int64_t> minute;
  if (word == day_word) {
    minute = parse_amount(next_word(line));
    if (!minute) return false;
    word = next_word(line);
  }
  const auto amount = parse_amount(word);
  const auto scope = unescape(line);
  if (!amount || !scope) return false;
  if (minute)
    floor.days.add(*scope, *minute, Money{*amount});
  else
    floor.totals[*scope] = Money{*amount};
  return true;
}

std::int64_t writable(Money amount) { return std::max(amount.picousd, -INT64_MAX); }

}  // namespace

std::string write_floor(const Floor& floor) {
  std::string text = fmt::format("{}{} {}\n", heading, number_word, floor.number);
  for (const auto& [scope, amount] : floor.totals)
    text += fmt::format("{} {}\n", writable(amount), escape(scope));
  for (const auto& [scope, days] : floor.days.scopes())
    for (const auto& [number, day] : days)
      text +=
          fmt::format("{} {} {} {}\n", day_word, day.minute, writable(day.settled), escape(scope));
  return text + fmt::format("{}{:016x}\n", closing, checksum(text));
}

std::optional<Floor> read_floor(std::string_view text) {
  const bool ours = text.starts_with(heading) || text.starts_with(heading_1);
  const auto end = text.rfind(closing);
  if (!ours || end == text.npos || text[end - 1] != '\n') return std::nullopt;
  const auto body = text.substr(0, end);
  if (text.substr(end) != fmt::format("{}{:016x}\n", closing, checksum(body))) return std::nullopt;

  Floor floor;
  for (const auto line : split(body.substr(heading.size()), '\n'))
    if (!line.empty() && !read_line(line, floor)) return std::nullopt;
  return floor;
}

Result<Floor> load_floor(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text && text.error().kind == ErrorKind::not_found) return Floor{};
  if (!text) return tl::unexpected(std::move(text).error());
  auto floor = read_floor(*text);
  if (!floor)
    return fail(ErrorKind::internal, fmt::format("{} is damaged", path.filename().string()));
  return *std::move(floor);
}

Status save_floor(const std::filesystem::path& path, const Floor& floor) {
  return write_file_atomic(path, write_floor(floor));
}

}  // namespace routerone::store
