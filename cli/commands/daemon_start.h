#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

/// Asks again and again until it is so or the time is over.
bool wait_until(const Clock&, Millis limit, const std::function<bool()>& is_so);

Result<std::filesystem::path> find_daemon();

/// Starts the daemon and waits until it answers, or until it has died of something; its status.
Result<Json> start_and_wait(Call&, const std::filesystem::path& daemon,
                            const std::vector<std::string>& arguments);

/// The status of the daemon that runs, or of one that is started now.
Result<Json> ensure_daemon(Call&);

}  // namespace routerone::cli
