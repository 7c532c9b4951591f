#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace routerone::dialect {

/// The first `digits` (at most 64) hexadecimal digits of a text's SHA-256 (FIPS 180-4). For names
/// and ids that must come out the same each time; no secret ever goes in here.
std::string digest_hex(std::string_view text, std::size_t digits);

}  // namespace routerone::dialect
