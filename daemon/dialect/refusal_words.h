#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/exchange/refusal.h"

namespace routerone::dialect {

/// Nothing changes until a person acts: a client that tries again only loses time.
bool is_retry_pointless(RefusalKind);

/// What to tell the caller. A refusal that passes by itself never says "credit", "balance" or
/// "quota": relays in front of us switch a channel off on those words.
std::string message_of(const Refusal&);

/// Headers of a written refusal: type, Retry-After (1 to 60 s: one SDK sleeps any length, one agent
/// gives up above 60), and `x-should-retry: false` where a retry is pointless.
std::vector<std::pair<std::string, std::string>> fields_of(const Refusal&);

}  // namespace routerone::dialect
