#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/clock.h"

namespace routerone::cli {

/// `just now`, `42s ago`, `3m ago`, `5h ago`, `12d ago`, `in 29d`.
std::string relative_time(WallTime at, WallTime now);

/// The same for RFC 3339 as the daemon writes it; the text itself if it is not that.
std::string relative_time(std::string_view rfc3339, WallTime now);

/// `950`, `12.3k`, `4.5M`.
std::string short_count(std::int64_t);

/// `84ms`, `1.18s`, `2m 05s`.
std::string short_duration(double milliseconds);

}  // namespace routerone::cli
