#pragma once

#include <optional>

#include "daemon/http/fields.h"

namespace routerone::dialect {

/// How much of its rate limits a provider says is left to us: the least share of remaining to limit
/// over the pairs of headers in its answer, 0 to 1; nullopt: it says nothing that makes sense. For
/// scores, not for accounts: a share, so that requests, tokens, minutes and days compare.
///
/// Sources: OpenAI's rate limit guide (`x-ratelimit-remaining-tokens`), which Groq, Mistral
/// (`-req-minute`), Cerebras (`-requests-day`) and OpenRouter (no word at the end) follow;
/// Together's `x-tokenlimit-*`; Anthropic's `anthropic-ratelimit-input-tokens-remaining` and
/// `anthropic-priority-*`; `ratelimit-remaining` of the IETF draft, whose limit may carry its
/// window
/// (`100;w=60`). A limit without its remainder, or of 0, or less than what remains, is nonsense.
std::optional<double> headroom_of(http::Fields);

}  // namespace routerone::dialect
