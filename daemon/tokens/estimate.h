#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/exchange/usage.h"

namespace routerone::tokens {

/// About how many tokens a request's body counts as input, from its kinds of bytes: no tokenizer,
/// no table of one. Of a long body only samples are looked at, so it costs a few microseconds at
/// most. How far off it is, class by class: README.md.
std::int64_t guess_input(std::string_view body);

/// About what a request will use in all, for rates of tokens: its input and an answer of usual
/// length, or of the cap's if that is shorter.
std::int64_t best_guess(std::string_view body, std::optional<std::int64_t> output_cap);

/// What an answer that reported no usage may have cost, from the bytes that went through. Rough by
/// nature and marked as an estimate wherever it is shown: four bytes of request a token, and for a
/// stream one token for each 64 bytes of events (a delta of a token or two with its JSON around
/// it).
Usage estimate(std::uint64_t request_bytes, std::uint64_t answer_bytes, bool stream);

/// The same where the request is still at hand: its input is guessed from its bytes.
Usage estimate(std::string_view request, std::uint64_t answer_bytes, bool stream);

}  // namespace routerone::tokens
