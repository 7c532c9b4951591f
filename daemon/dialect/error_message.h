#pragma once

#include <string>
#include <string_view>

namespace routerone::dialect {

/// What a provider's error body says to a person, whatever its dialect; printable, cut. Empty if it
/// says nothing. It can quote a prompt: for the caller only, never kept.
std::string error_message(std::string_view body);

}  // namespace routerone::dialect
