#pragma once

#include <cstdint>
#include <string_view>

#include "common/core/result.h"

namespace routerone::catalog {

/// `3`, `0.15`, `1e-3` USD per million tokens as whole picodollars a token, exactly: integer
/// arithmetic on the decimal text. Error if it is negative, no number, or finer than that.
Result<std::int64_t> read_rate(std::string_view text);

}  // namespace routerone::catalog
