#pragma once

#include <optional>
#include <string>

#include "common/core/result.h"
#include "common/core/secret.h"
#include "daemon/control/state.h"

namespace routerone::control {

/// Is this something that can be sent as a provider's key? Refuses what is empty, too long or no
/// header value, and the login of somebody's app, which is not ours to use. Errors never quote it.
Status check_credential(const Secret&);

/// Is it a `user:password` for a proxy? Errors never quote it.
Status check_proxy_login(const Secret&);

/// The credential of a wish: the `key` it brings, or, where `from` is a `file:`, read here from an
/// owner-only file. nullopt: it brings none.
Result<std::optional<Secret>> credential_of(const std::optional<Secret>& key,
                                            const std::string& from);

/// Takes all credentials of a provider out of a draft; their files go with the change.
void forget_credentials(State::Draft&, const ProviderRecord&);

/// Could any of its credentials be read?
bool has_credential(const routing::Credentials&, const ProviderRecord&);

}  // namespace routerone::control
