#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::anthropic {

/// A stop reason as this dialect writes it; an unknown word becomes `other`.
std::string finish_word(std::string_view said);

/// A refusal in this dialect's words (DESIGN §6).
struct RefusalWords {
  int status = 500;
  std::string_view type;
};
RefusalWords refusal_words(RefusalKind);

/// The type of a stream's error event. "Overloaded" makes an agent start over; `midway`, in the
/// middle of an answer, it should not.
std::string_view stream_error_type(const Refusal&, bool midway);

/// The request's field for a conversation that the provider keeps.
inline constexpr std::string_view thread_field = "thread";

/// `{"type":..,"message":..}`; of a refused thread with the details its SDK goes on without one by.
std::string error_object(const Refusal&, std::string_view type);

}  // namespace routerone::dialect::anthropic
