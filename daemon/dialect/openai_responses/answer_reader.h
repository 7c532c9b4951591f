#pragma once

#include <simdjson.h>

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/attempt.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// A whole answer, or a count of an input.
tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body);

/// What came out in an answer's parts, as far as its ending depends on it.
struct SaidKinds {
  bool called = false;
  bool refused = false;
  void note(const chat::Part&);
};

/// How a final response object ended.
chat::Ending read_ending(simdjson::dom::element response, SaidKinds);

/// Of a response that failed, and of an `error` event.
FailureClass failure_in(simdjson::dom::element document);

}  // namespace routerone::dialect::openai_responses
