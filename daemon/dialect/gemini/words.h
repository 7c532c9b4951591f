#pragma once

#include <string>
#include <string_view>

#include "daemon/exchange/refusal.h"

namespace routerone::dialect::gemini {

/// A finish or block reason as this dialect writes it; an unknown word becomes `other`.
std::string finish_word(std::string_view said);

/// A refusal in this dialect's words (DESIGN §6).
struct RefusalWords {
  int status = 500;
  std::string_view name;  ///< `INVALID_ARGUMENT`, ...
};
RefusalWords refusal_words(RefusalKind);

/// `{"error":{"code":..,"message":..,"status":..}}`, with details where they help: which field, how
/// long to wait.
std::string error_body(const Refusal&);

}  // namespace routerone::dialect::gemini
