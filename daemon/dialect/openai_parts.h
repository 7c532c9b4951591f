#pragma once

#include <string_view>

#include "daemon/dialect/demand_maker.h"

namespace routerone::dialect {

/// Content as both OpenAI dialects and the servers that speak them know it: a string, a part, or an
/// array of parts. What is neither text nor media that can be measured refers elsewhere.
void take_openai_content(std::string_view value, DemandMaker&);

/// One part, whichever of the two dialects' spellings it is in.
void take_openai_part(std::string_view part, DemandMaker&);

/// The tools of a request. `most_calls`: how often server tools may be used in all, if that is
/// said.
void take_openai_tools(std::string_view tools, std::optional<std::int64_t> most_calls,
                       DemandMaker&);

/// What one search brings at most into what the model reads: 7,500 tokens were the most seen.
constexpr std::int64_t most_of_a_search = 20'000;

}  // namespace routerone::dialect
