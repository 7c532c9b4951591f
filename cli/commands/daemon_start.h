#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/commands/user_service.h"
#include "common/config/listen.h"

namespace routerone::cli {

/// Asks again and again until it is so or the time is over.
bool wait_until(const Clock&, Millis limit, const std::function<bool()>& is_so);

Result<std::filesystem::path> find_daemon();

/// How to start it.
struct StartPlan {
  std::filesystem::path daemon;
  ListenAddresses listen;
  std::string metrics = {};                 ///< Where to serve them; empty: nowhere.
  std::optional<UserService> service = {};  ///< nullopt: as a process of its own.
};

/// By what was typed (--listen, --metrics, --own-process), what the environment says and what is
/// remembered. conflict: a port is taken, and nobody wants another.
Result<StartPlan> plan_start(Call&, const std::filesystem::path& daemon);

/// Starts it and waits until it answers, or until it has died of something; its status. Of many
/// that do this at the same time one starts it, and all get its status. Where it listens is
/// remembered if it was said or is not the first choice.
Result<Json> start_and_wait(Call&, StartPlan);

/// What a daemon of its own is started with, in the background or not.
std::vector<std::string> daemon_arguments(const StartPlan&);

/// conflict: the daemon that runs listens elsewhere than --listen says (--next-free: that is all
/// right), or serves its metrics elsewhere than --metrics says.
Status check_runs_as_said(Call&, const Json& running);

/// The status of the daemon that runs as it was said, or of one that is started now.
Result<Json> ensure_daemon(Call&);

}  // namespace routerone::cli
