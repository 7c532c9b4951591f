#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.h"
#include "common/core/result.h"

namespace routerone {

// --- ASCII ---
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view);
bool iequals(std::string_view a, std::string_view b);  ///< ASCII letters only.
bool istarts_with(std::string_view text, std::string_view prefix);
std::string_view trim(std::string_view);  ///< Spaces and tabs.
std::vector<std::string_view> split(std::string_view, char separator);
std::optional<std::uint64_t> parse_uint(std::string_view);  ///< Digits only, no overflow.

/// `*` any run (slashes too), `?` one character, all else itself; case is ignored.
bool glob_match(std::string_view pattern, std::string_view text);

/// Candidates nearest to `wanted` (edit distance, then common prefix), best first, at most `most`;
/// none that shares nothing with it.
std::vector<std::string> nearest(std::string_view wanted, std::span<const std::string> candidates,
                                 std::size_t most);

// --- Encodings ---
std::string to_hex(std::span<const std::uint8_t>);
std::string base62(std::span<const std::uint8_t> random, std::size_t digits);

/// Untrusted text for a terminal or a log: C0, C1, ESC, bidi and zero-width characters become
/// visible escapes, invalid UTF-8 becomes U+FFFD; cut to `most` characters.
std::string printable(std::string_view untrusted, std::size_t most = 128);

// --- Time ---
std::string format_rfc3339(WallTime);  ///< 2026-11-20T12:00:00.123456Z
Result<WallTime> parse_rfc3339(std::string_view);
/// `90s 15m 2h 30d 2w`: one number and one unit.
Result<std::chrono::seconds> parse_duration(std::string_view);

/// `%2F` and friends decoded; what is no escape stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace routerone
