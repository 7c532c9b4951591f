#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace routerone::dialect {

/// Readers of one JSON value as it stands in a text that JsonScan has accepted.

/// The inside of a JSON string, without its quotes. A lone surrogate becomes U+FFFD.
std::string unescape(std::string_view inside);

inline bool is_null(std::string_view value) { return value == "null"; }
std::optional<std::string> as_string(std::string_view value);
std::optional<bool> as_bool(std::string_view value);
/// A whole number that fits, also written `4e3` or `7.0`.
std::optional<std::int64_t> as_whole(std::string_view value);

/// `text` as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace routerone::dialect
