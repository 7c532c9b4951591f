#pragma once

#include <tl/expected.hpp>

#include "daemon/dialect/translation.h"

namespace routerone::dialect::openai_chat {

tl::expected<WrittenRequest, Refusal> write_request(const chat::Request&, const Target&);

}  // namespace routerone::dialect::openai_chat
