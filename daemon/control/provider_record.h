#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/control/wishes.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

/// Makes provider records of what the user said and what the catalog knows. Pure but for what it
/// reads of the catalog and the dialect registry.

/// Why a provider of the catalog cannot be added; empty: it can.
std::string unsupported_reason(const catalog::Provider&);

/// A new record. With an id of the catalog the rest may be left unsaid; else --base-url is needed.
Result<ProviderRecord> make_provider(const ProviderWish&, Desk);

/// What the wish says, laid over a record there is.
Status update_provider(ProviderRecord&, const ProviderWish&, Desk);

/// What looks wrong with a base URL of a record, in words; nothing does with the catalog's own.
std::optional<std::string> slip_of(const ProviderRecord&, const EndpointRecord&,
                                   const catalog::Catalog&);

/// The auth that most of the catalog's providers of a dialect use; bearer for an unknown one.
AuthScheme usual_auth(std::string_view dialect, const catalog::Catalog&);

/// Fixed headers that the catalog's providers of a dialect want, for those it does not know.
Pairs usual_headers(std::string_view dialect, const catalog::Catalog&);

}  // namespace routerone::control
