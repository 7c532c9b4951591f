#pragma once

#include <optional>
#include <string_view>

#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect {

/// The refusal of something that a target cannot express and that the caller would miss.
/// `param`: the field in the caller's words. `why`: `it has no log probabilities`.
Refusal untranslatable(std::string_view param, const Target&, std::string_view why);

/// What of a request only the caller's own dialect knows (`own_only`), refused; nullopt if nothing.
/// Every writer asks this first.
std::optional<Refusal> refuse_own_only(const chat::Request&, const Target&);

/// A body or member that is not what its dialect wants there; for readers.
Refusal malformed(std::string_view param, std::string_view what);

}  // namespace routerone::dialect
