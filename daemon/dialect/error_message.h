#pragma once

#include <string>
#include <string_view>

namespace routerone::dialect {

/// What a provider's error body says to a person, whatever its dialect; printable, cut. Empty if it
/// says nothing. It can quote a prompt: for the caller only, never kept.
std::string error_message(std::string_view body);

/// How a refusal begins that says that a prompt is longer than the model's context: agents compact
/// their history by these words, or by the code that some dialects have for it.
inline constexpr std::string_view prompt_too_long = "prompt is too long";

/// Does an error body say so, in whatever dialect?
bool says_prompt_too_long(std::string_view body);

}  // namespace routerone::dialect
