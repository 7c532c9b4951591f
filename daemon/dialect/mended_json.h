#pragma once

#include <string>
#include <string_view>

namespace routerone::dialect {

/// JSON text that a strict reader would not take for what stands in its values, made readable. In
/// strings, bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD; whole numbers of
/// 19 digits and more become fractions; numbers beyond what a double holds become the largest that
/// is round. All else stays, and so does how many numbers there are and in which order.
std::string mended_json(std::string_view json);

}  // namespace routerone::dialect
