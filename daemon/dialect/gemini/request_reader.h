#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/dialect.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// A generateContent or countTokens request. `path`: as the caller gave it; it names the model.
tl::expected<chat::Request, Refusal> read_request(const Operation&, std::string_view path,
                                                  std::string_view body);

}  // namespace routerone::dialect::gemini
