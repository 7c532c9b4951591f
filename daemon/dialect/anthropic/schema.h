#pragma once

#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/chat.h"

namespace routerone::dialect::anthropic {

/// The schema of a tool's input as this dialect takes it: an object at its root, without
/// alternatives there. Those are laid over each other: every property may come, and only what all
/// want must. A schema that fits already comes back as it is.
chat::JsonText input_schema(std::string_view schema);

/// The part of JSON Schema that can be enforced, as the vendor's own libraries cut it out: closed
/// objects, `anyOf` for `oneOf`, and what cannot be enforced said in the description. The error
/// says why it cannot be done at all.
tl::expected<chat::JsonText, std::string_view> enforceable(std::string_view schema);

/// Nothing would have to be cut out of it.
bool is_enforceable(std::string_view schema);

}  // namespace routerone::dialect::anthropic
