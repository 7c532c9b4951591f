#pragma once

#include <array>
#include <span>
#include <string_view>

#include "daemon/dialect/json_scan.h"
#include "daemon/exchange/route_words.h"

namespace routerone::dialect {

/// The members at the top of a Chat Completions, Responses or Messages body that ask for something
/// not every model can do. No two of these dialects mean different things by one of them.
inline constexpr std::array<std::string_view, 9> need_names = {
    "tools",         "functions",        "response_format", "text",    "output_format",
    "output_config", "reasoning_effort", "reasoning",       "thinking"};

/// What they ask for; `members` were picked by `need_names`. What is there but of another kind than
/// it should be asks for nothing: the target will say what it thinks of it.
RequestNeeds needs_of(std::span<const Picked, need_names.size()> members);

/// Is it a level of thinking above none? `minimal` leaves it to the model whether to think at all.
bool asks_for_thought(std::string_view effort);

}  // namespace routerone::dialect
