#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/core/clock.h"
#include "common/core/money.h"

namespace routerone::cli {

/// `just now`, `42s ago`, `3m ago`, `5h ago`, `12d ago`, `in 29d`.
std::string relative_time(WallTime at, WallTime now);

/// The same for RFC 3339 as the daemon writes it; the text itself if it is not that.
std::string relative_time(std::string_view rfc3339, WallTime now);

/// `950`, `12.3k`, `4.5M`.
std::string short_count(std::int64_t);

/// `84ms`, `1.18s`, `2m 05s`.
std::string short_duration(double milliseconds);

/// `$0`, `<$0.0001`, `$0.0123`, `$12.50`, `$1234.57`: rounded, for a glance.
std::string short_usd(Money);

/// `14:03:07`, as clocks where the person is show it; the text itself if it is not RFC 3339.
std::string local_time_of_day(std::string_view rfc3339);

}  // namespace routerone::cli
