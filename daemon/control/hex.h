#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/core/secret.h"

namespace routerone::control {

/// Secret bytes as hexadecimal digits, for the files that hold them as text, and back. nullopt: not
/// such digits, or none at all.
std::string hex_of(const Secret&);
std::optional<Secret> secret_of_hex(std::string_view);

}  // namespace routerone::control
