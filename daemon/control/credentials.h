#pragma once

#include <optional>
#include <string_view>

#include "common/control/wishes.h"
#include "common/core/secret.h"

namespace routerone::control {

/// Is this something that can be sent as a provider's key? Refuses what is empty, too long or no
/// header value, and the login of somebody's app, which is not ours to use. Errors never quote it.
Status check_credential(const Secret&);

/// The credential of a wish: the one it brings, or, for `file:`, read here from an owner-only file.
/// nullopt: it brings none.
Result<std::optional<Secret>> credential_of(const ProviderWish&);

}  // namespace routerone::control
