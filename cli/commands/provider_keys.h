#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "common/control/wishes.h"

namespace routerone::cli {

/// One further key of a provider, fetched from where `reference` says.
Result<control::CredentialWish> fetched_key(const std::string& provider, const std::string& name,
                                            const std::string& reference);

std::vector<Command> provider_key_commands();

}  // namespace routerone::cli
