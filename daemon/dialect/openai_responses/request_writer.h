#pragma once

#include <tl/expected.hpp>

#include "daemon/dialect/translation.h"

namespace routerone::dialect::openai_responses {

/// A request for a target of this dialect. Nothing is kept there (`store: false`), so the state of
/// thinking is asked for instead. Stop sequences are not in it: the dialect has none, so who sends
/// it cuts the answer (stop_cutter.h).
tl::expected<WrittenRequest, Refusal> write_request(const chat::Request&, const Target&);

}  // namespace routerone::dialect::openai_responses
