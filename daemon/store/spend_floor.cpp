#include "daemon/store/spend_floor.h"

#include <fmt/format.h>

#include "common/core/text.h"
#include "common/platform/files.h"

namespace routerone::store {
namespace {

constexpr std::string_view heading = "routerone spend floor 1, picodollars a scope\n";
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

std::optional<std::int64_t> parse_amount(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto size = parse_uint(text);
  if (!size || *size > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  const auto value = static_cast<std::int64_t>(*size);
  return negative ? -value : value;
}

}  // namespace

std::string write_floor(const Totals& totals) {
  std::string text(heading);
  for (const auto& [scope, amount] : totals)
    text += fmt::format("{} {}\n", std::max(amount.picousd, -INT64_MAX), escape(scope));
  return text + fmt::format("{}{:016x}\n", closing, checksum(text));
}

std::optional<Totals> read_floor(std::string_view text) {
  const auto end = text.rfind(closing);
  if (!text.starts_with(heading) || end == text.npos || text[end - 1] != '\n') return std::nullopt;
  const auto body = text.substr(0, end);
  if (text.substr(end) != fmt::format("{}{:016x}\n", closing, checksum(body))) return std::nullopt;

  Totals totals;
  for (const auto line : split(body.substr(heading.size()), '\n')) {
    if (line.empty()) continue;
    const auto space = line.find(' ');
    const auto amount = parse_amount(line.substr(0, space));
    const auto scope = space == line.npos ? std::nullopt : unescape(line.substr(space + 1));
    if (!amount || !scope) return std::nullopt;
    totals[*scope] = Money{*amount};
  }
  return totals;
}

Result<Totals> load_floor(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text && text.error().kind == ErrorKind::not_found) return Totals{};
  if (!text) return tl::unexpected(std::move(text).error());
  auto totals = read_floor(*text);
  if (!totals)
    return fail(ErrorKind::internal, fmt::format("{} is damaged", path.filename().string()));
  return *std::move(totals);
}

Status save_floor(const std::filesystem::path& path, const Totals& totals) {
  return write_file_atomic(path, write_floor(totals));
}

}  // namespace routerone::store
