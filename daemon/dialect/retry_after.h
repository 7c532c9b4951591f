#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "daemon/http/fields.h"

namespace routerone::dialect {

/// No provider cools a target for longer.
inline constexpr std::chrono::seconds longest_retry_after{3600};

/// How long an answer asks us to wait: `retry-after-ms`, else `retry-after` in seconds or as a
/// date, which is measured against the same answer's own Date header, never a clock of ours.
/// Rounded up, capped at an hour.
std::optional<std::chrono::seconds> retry_after(http::Fields fields);

/// The same from an error's message: "Please try again in 1.5s", "... in 300ms", "... in 2m".
std::optional<std::chrono::seconds> retry_after_in_words(std::string_view message);

}  // namespace routerone::dialect
