#pragma once

#include "cli/commands/command.h"
#include "common/config/listen.h"

namespace routerone::cli {

/// The addresses, if all of them are free. Where one is taken: the same ones at the next free port,
/// if --next-free was given or a person says yes; else conflict, which says whose the port is.
Result<ListenAddresses> free_addresses(Call&, const ListenAddresses& wanted);

}  // namespace routerone::cli
