#pragma once

#include <functional>

#include "cli/commands/command.h"
#include "cli/commands/doctor_findings.h"

namespace routerone::cli {

/// Looks at everything there is to look at; changes nothing. No part of it takes longer than a few
/// seconds, whatever the daemon, a port or a program does.
Findings gather(Call&);

// Its parts, one file each.
ProgramFindings gather_programs(const Environment&);
StateFindings gather_state(const Paths&);
RuntimeFindings gather_runtime(const Paths&, std::uint32_t user);
DaemonFindings gather_daemon(const control::Client&);
PortFindings gather_ports(const Paths&, const DaemonFindings&);
std::vector<SetupFindings> gather_setups(const Paths&);
InstalledFindings gather_installed(const Environment&, const ProgramFindings&);
std::vector<std::string> gather_missing_bundles(const Environment&);

FileFacts facts_of(const std::filesystem::path&);

/// What `work` comes to; nullopt if that takes longer. Then it goes on by itself and nobody waits
/// for it: it must own all that it uses.
std::optional<Result<Json>> within(Millis limit, std::function<Result<Json>()> work);

}  // namespace routerone::cli
