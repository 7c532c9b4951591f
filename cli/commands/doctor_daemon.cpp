// Checks: does the daemon run, is it ours, and does it have its ports?
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/daemon_start.h"
#include "cli/commands/doctor_check.h"
#include "cli/commands/views.h"
#include "common/control/contract.h"

namespace routerone::cli {
namespace {

using State = DaemonFindings::State;

Verdict daemon_running(const Findings& found) {
  const std::string holder =
      found.runtime.holder == 0 ? "" : fmt::format(" (pid {})", found.runtime.holder);
  switch (found.daemon.state) {
    case State::answers:
      if (flag_of(found.daemon.status, "draining"))
        return doubtful("it is ending, and takes no new requests", "routerone up");
      return fine(fmt::format("pid {}, listens on {}", text_of(found.daemon.status, "pid"),
                              list_of(found.daemon.status, "listening", "nothing")));
    case State::silent:
      return broken(found.daemon.why.message + holder,
                    found.runtime.holder == 0
                        ? "routerone restart"
                        : fmt::format("kill -9 {} && routerone up", found.runtime.holder));
    case State::foreign:
      return broken(found.daemon.why.message, found.daemon.why.hint);
    case State::absent:
      break;
  }
  if (found.runtime.holder != 0) return skipped("see daemon-reachable");
  const std::string& said = found.runtime.last_words;
  return broken(said.empty() ? "it is not running" : "it is not running; it last said: " + said,
                "routerone up");
}

Result<std::string> start_daemon(Call& call, const Findings& found) {
  if (found.daemon.state != State::absent)
    return fail(ErrorKind::conflict, "a daemon is there, and is not ended without being asked for");
  TRY(const Json status, ensure_daemon(call));
  return fmt::format("started, pid {}", text_of(status, "pid"));
}

/// A daemon that lives while its socket is not where we look: a cleaner of /tmp took it away, or
/// another XDG_RUNTIME_DIR holds here than where it was started, as in cron and ssh.
Verdict daemon_reachable(const Findings& found) {
  if (found.daemon.state != State::absent || found.runtime.holder == 0)
    return fine(found.runtime.socket.path.string());
  const auto& elsewhere = found.runtime.sockets_elsewhere;
  const std::string evidence =
      fmt::format("process {} is the daemon of this state folder, but nobody answers at {}",
                  found.runtime.holder, found.runtime.socket.path.string());
  if (elsewhere.empty())
    return broken(evidence, fmt::format("kill {} && routerone up", found.runtime.holder));
  const auto runtime = elsewhere.front().parent_path().parent_path();
  return broken(
      fmt::format("{}; there is a socket at {}", evidence, elsewhere.front().string()),
      runtime == "/tmp" ? "unset XDG_RUNTIME_DIR" : "export XDG_RUNTIME_DIR=" + runtime.string());
}

Verdict daemon_version(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  const std::string theirs = text_of(found.daemon.status, "version");
  if (theirs == ROUTERONE_VERSION) return fine(theirs);
  return doubtful(fmt::format("the daemon is {}, routerone is " ROUTERONE_VERSION, theirs),
                  "routerone restart");
}

Verdict daemon_contract(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  const auto theirs = whole_of(found.daemon.status, "contract");
  if (theirs == control::contract_version) return fine(fmt::format("both speak {}", theirs));
  return broken(fmt::format("the daemon speaks {}, routerone {}: hardly a command works", theirs,
                            control::contract_version),
                "routerone restart");
}

Verdict daemon_file(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  const Json& program = part_of(found.daemon.checkup, "program");
  const std::string file = text_of(program, "file");
  if (!flag_of(program, "replaced")) return fine(file);
  return doubtful(file + " was replaced since the daemon was started from it", "routerone restart");
}

std::string ending_of(std::uint16_t port) { return fmt::format(":{}", port); }

Verdict listen_variable(const Findings& found) {
  const std::string said = found.variable("ROUTERONE_LISTEN");
  if (said.empty()) return fine("ROUTERONE_LISTEN is not set");
  const auto wanted = parse_listen_address(said);
  if (!wanted) return broken("ROUTERONE_LISTEN: " + wanted.error().message, wanted.error().hint);
  if (found.daemon.status.is_null()) return unasked(found);
  const auto listening = strings_of(found.daemon.status, "listening");
  const bool there =
      wanted->port == 0 || std::any_of(listening.begin(), listening.end(), [&](const auto& at) {
        return at.ends_with(ending_of(wanted->port));
      });
  if (there) return fine(said);
  return doubtful(fmt::format("ROUTERONE_LISTEN says {}, the daemon listens on {}", said,
                              list_of(found.daemon.status, "listening")),
                  "routerone down && routerone up");
}

Verdict ports(const Findings& found) {
  if (!found.ports.taken.empty())
    return broken(
        "taken: " + some_of(found.ports.taken),
        "routerone up, which offers the next free one; or: routerone up --listen 127.0.0.1:7412");
  if (found.daemon.checkup.is_null()) return unasked(found);
  std::vector<std::string> names;
  for (const auto& port : found.ports.proved) {
    if (!port.trouble.empty())
      return broken(port.trouble, "see who listens there: ss -ltnp; then: routerone restart");
    names.push_back(port.address);
  }
  if (names.empty()) return broken("the daemon listens nowhere", "routerone restart");
  return fine(some_of(names) + (names.size() == 1 ? " is the daemon's" : " are the daemon's"));
}

Verdict other_loopback(const Findings& found) {
  if (found.daemon.status.is_null()) return unasked(found);
  if (!found.ports.strangers.empty())
    return broken(fmt::format("another program listens on {}, which \"localhost\" may mean",
                              some_of(found.ports.strangers)),
                  "write 127.0.0.1 instead of localhost in base URLs, or end that program");
  if (const std::string warning = text_of(found.daemon.status, "warning"); !warning.empty())
    return doubtful(warning, "write 127.0.0.1 instead of localhost in base URLs");
  return fine("nobody else listens on the ports at [::1]");
}

Verdict descriptors(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  constexpr std::int64_t least = 1'024;
  const Json& counted = part_of(found.daemon.checkup, "descriptors");
  const auto open = whole_of(counted, "open"), limit = whole_of(counted, "limit");
  const std::string evidence =
      fmt::format("{} of {} open", open, limit == 0 ? "any number" : std::to_string(limit));
  if (limit == 0) return fine(evidence);
  if (open * 10 > limit * 9) return broken(evidence, "raise ulimit -n, then: routerone restart");
  if (limit < least)
    return doubtful(evidence + "; every request needs two or more",
                    "ulimit -Hn 65536, then: routerone restart");
  return fine(evidence);
}

}  // namespace

std::vector<Check> daemon_checks() {
  return {
      {"daemon-running", "the daemon runs and answers", daemon_running, start_daemon},
      {"daemon-reachable", "the daemon's socket is where we look", daemon_reachable},
      {"daemon-version", "the daemon that runs is of this version", daemon_version},
      {"daemon-contract", "daemon and command line understand each other", daemon_contract},
      {"daemon-file", "the daemon runs from the file that is installed", daemon_file},
      {"listen-variable", "ROUTERONE_LISTEN is what holds", listen_variable},
      {"ports", "the ports are the daemon's own", ports},
      {"other-loopback", "localhost leads to the daemon", other_loopback},
      {"descriptors", "the daemon may open enough files", descriptors},
  };
}

}  // namespace routerone::cli
