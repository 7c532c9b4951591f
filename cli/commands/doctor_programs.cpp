// Checks: are the right programs run, by the right user?
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/doctor_check.h"

namespace routerone::cli {
namespace {

Verdict daemon_program(const Findings& found) {
  if (found.programs.daemon) return fine(found.programs.daemon->string());
  return broken(
      fmt::format("routeroned is neither beside {} nor on PATH", found.programs.own.string()),
      "install both programs into one folder");
}

Verdict program_versions(const Findings& found) {
  if (!found.programs.daemon) return skipped("there is no routeroned");
  const std::string& theirs = found.programs.daemon_version;
  if (theirs == ROUTERONE_VERSION) return fine("both are " ROUTERONE_VERSION);
  const std::string file = found.programs.daemon->string();
  if (theirs.empty()) return broken(file + " does not say its version", "install routerone again");
  return broken(fmt::format("routerone is " ROUTERONE_VERSION ", {} is {}", file, theirs),
                "install both programs of one version");
}

Verdict path_order(const Findings& found) {
  const auto& all = found.programs.on_path;
  const std::string folder = shell_word(found.programs.own.parent_path().string());
  const std::string mend = fmt::format("export PATH={}:\"$PATH\"", folder);
  if (all.empty()) return doubtful("routerone is not on PATH; what hints say would not run", mend);
  if (all.front() != found.programs.own)
    return doubtful(fmt::format("a shell starts {}, this is {}", all.front().string(),
                                found.programs.own.string()),
                    mend);
  if (all.size() > 1)
    return doubtful(fmt::format("there is another: {}", all[1].string()),
                    "remove the one that is old");
  return fine(all.front().string());
}

Verdict right_user(const Findings& found) {
  const std::string user = found.variable("SUDO_USER");
  if (found.user == 0 && !user.empty() && user != "root")
    return doubtful(
        fmt::format("run with sudo: this looks at root's daemon and files, not {}'s", user),
        "run it again without sudo");
  return fine(fmt::format("user {}", found.user));
}

}  // namespace

std::vector<Check> program_checks() {
  return {
      {"daemon-program", "routeroned is found", daemon_program},
      {"program-versions", "both programs are of one version", program_versions},
      {"path-order", "a shell starts this routerone and no other", path_order},
      {"right-user", "it is run by the user whose daemon it is", right_user},
  };
}

}  // namespace routerone::cli
