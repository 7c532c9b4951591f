#pragma once

#include "cli/commands/views.h"

namespace routerone::cli {

/// How a provider, a credential or a target does: `ok`, `cooling 42s: rate_limited`. Nothing where
/// it was never asked.
Cell health_cell(const Json& health, const Clock&);

/// What users call a credential: its name, or `first`.
std::string key_name(const Json& credential, const char* field = "name");

void print_provider(Call&, const Json& provider);
/// Its credentials, one a row.
void print_provider_keys(Call&, const Json& keys);
/// All of them, one a row.
void print_providers(Call&, const Json& providers);

}  // namespace routerone::cli
