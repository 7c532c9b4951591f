#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace routerone::dialect {

std::string to_base64(std::string_view bytes);     ///< With `+`, `/` and padding.
std::string to_base64url(std::string_view bytes);  ///< With `-` and `_`, no padding (RFC 4648 §5).

/// Either alphabet, with or without padding; white space is passed over. Nullopt if anything else
/// is in it.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace routerone::dialect
