#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::openai_responses {

/// What a final response object says: usage (searches counted from its items), finish, model.
Reading read_response(simdjson::dom::element response);

/// `completed`, or why it is incomplete, as the dialect writes it; an unknown word becomes `other`.
std::string finish_word(std::string_view status, std::string_view incomplete_reason);

}  // namespace routerone::dialect::openai_responses
