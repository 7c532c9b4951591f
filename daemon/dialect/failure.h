#pragma once

#include <simdjson.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "daemon/exchange/attempt.h"

namespace routerone::dialect {

/// What a provider's error says, in whichever of the shapes that are about: `{"error":{..}}`,
/// `{"type":"error","error":{..}}`, `{"error":"text","code":".."}`, `{"object":"error",..}`,
/// `{"detail":".."}`, an array around one of them. Views into the parsed document.
struct ErrorWords {
  std::string_view type;
  std::string_view code;
  std::string_view message;
  int status = 0;  ///< An HTTP status given as a number inside the error; 0: none.
};

/// Nullopt if the document is no error at all.
std::optional<ErrorWords> read_error(simdjson::dom::element document);

/// Words alone: an error inside a 200 or a stream. Unknown ones are `bad_answer`, which lets
/// another target be tried.
FailureClass failure_of(const ErrorWords&);
/// A status that is not 2xx, made precise by the words that came with it.
FailureClass failure_of(int status, const ErrorWords&);
/// The same for a body as it came; one that is not JSON leaves the status alone to speak.
FailureClass failure_of(int status, std::string_view body);

}  // namespace routerone::dialect
