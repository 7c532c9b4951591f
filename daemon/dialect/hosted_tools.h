#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/exchange/chat.h"
#include "daemon/exchange/refusal.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect {

/// The tools of a request, each once, that the API of `dialect` can be told. What another provider
/// would have run itself is left out and named in `dropped` where agents declare it whether they
/// need it or not, unless it must be called. Anything else of the kind is refused: the model could
/// not do its work.
tl::expected<std::vector<chat::Tool>, Refusal> tools_known_to(std::string_view dialect,
                                                              const chat::Request&, const Target&,
                                                              std::vector<std::string>& dropped);

}  // namespace routerone::dialect
