#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "cli/commands/daemon_start.h"
#include "cli/commands/log_file.h"
#include "cli/commands/start_options.h"
#include "cli/commands/status_view.h"
#include "cli/commands/table.h"
#include "cli/commands/taken_port.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/control/contract.h"
#include "common/platform/process.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr Millis usual_stop{1'000};
constexpr Millis stop_limit{35'000};  // it gives answers under way 30 s

Result<int> status(Call& call) {
  TRY(const Json answer, call.daemon().status());
  if (call.printed_json(answer)) return 0;
  print_status(call, answer);
  return 0;
}

Result<int> run_in_foreground(Call& call, StartPlan plan) {
  TRY(plan.listen, free_addresses(call, plan.listen));
  Strings words = {plan.daemon.filename().string()};
  for (const std::string& word : daemon_arguments(plan)) words.push_back(word);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  ::execv(plan.daemon.c_str(), argv.data());
  return fail(ErrorKind::internal, fmt::format("{} cannot be run", plan.daemon.string()));
}

int print_started(Call& call, const Json& answer) {
  if (call.printed_json(answer)) return 0;
  call.out().note(fmt::format("routeroned listens on {} ({})", list_of(answer, "listening"),
                              manager_words(answer)));
  if (const std::string warning = text_of(answer, "warning"); !warning.empty())
    call.out().note("warning: " + warning);
  if (whole_of(answer, "keys") == 0) call.out().note("next: routerone init");
  return 0;
}

Result<int> up(Call& call) {
  for (const std::string& address : call.all("listen")) TRY_STATUS(parse_listen_address(address));
  const auto running = call.daemon().status();
  if (!running && running.error().kind != ErrorKind::not_running)
    return tl::unexpected(running.error());
  if (!running) {
    TRY(const fs::path daemon, find_daemon());
    TRY(StartPlan plan, plan_start(call, daemon));
    if (call.has("foreground")) return run_in_foreground(call, std::move(plan));
    TRY(const Json answer, start_and_wait(call, std::move(plan)));
    return print_started(call, answer);
  }
  TRY_STATUS(check_runs_as_said(call, *running));
  if (call.printed_json(*running)) return 0;
  call.out().note(fmt::format("it runs already and listens on {}", list_of(*running, "listening")));
  return 0;
}

/// Returns once its process is gone, so that what comes next finds nothing of it.
Status wait_until_gone(Call& call, int pid) {
  const auto gone = [pid] { return !process_alive(pid); };
  if (wait_until(call.clock(), usual_stop, gone)) return {};
  call.out().note("answers under way may end; that takes 30 s at most");
  if (wait_until(call.clock(), stop_limit, gone)) return {};
  return fail(ErrorKind::unavailable, fmt::format("the daemon (pid {}) is still busy", pid),
              "routerone logs");
}

/// By whoever started it. not_running: there is none, and nobody holds its port for it.
Result<Json> stop(Call& call) {
  auto before = call.daemon().status();
  const bool none = !before && before.error().kind == ErrorKind::not_running;
  if (!before && !none) return before;
  if (none || text_of(*before, "manager") == "systemd") {
    auto service = UserService::find(call.paths(), {});
    if (service && (before || service->holds_port())) {
      TRY_STATUS(service->stop());
      return before ? before : Result<Json>(Json::object());
    }
  }
  TRY(Json answer, call.daemon().shutdown());
  TRY_STATUS(wait_until_gone(call, static_cast<int>(whole_of(answer, "pid"))));
  return answer;
}

Result<int> down(Call& call) {
  const auto stopped = stop(call);
  const bool none = !stopped && stopped.error().kind == ErrorKind::not_running;
  if (!stopped && !none) return tl::unexpected(stopped.error());
  const auto pid = stopped ? whole_of(*stopped, "pid") : 0;
  Json out = {{"schema", control::schema_version},
              {"was_running", !none},
              {"pid", pid == 0 ? Json(nullptr) : Json(pid)}};
  if (!call.printed_json(out)) call.out().note(none ? "the daemon was not running" : "stopped");
  return 0;
}

/// systemd keeps the port open meanwhile.
Result<Json> restart_service(Call& call, UserService service) {
  const LogPosition log = end_of(call.paths().log_file());
  const Status done = service.restart();
  if (!done) {
    const Error said = last_words_since(call.paths().log_file(), log);
    if (said.message.empty()) return tl::unexpected(done.error());
    return fail(ErrorKind::internal, "the daemon did not start again: " + said.message, said.hint);
  }
  return call.daemon().status();
}

Result<int> restart(Call& call) {
  TRY(const fs::path daemon, find_daemon());  // before the one that runs is stopped
  const auto before = call.daemon().status();
  if (before && text_of(*before, "manager") == "systemd") {
    if (auto service = UserService::find(call.paths(), daemon)) {
      TRY(const Json answer, restart_service(call, *std::move(service)));
      return print_started(call, answer);
    }
  }
  const auto stopped = stop(call);
  if (!stopped && stopped.error().kind != ErrorKind::not_running)
    return tl::unexpected(stopped.error());
  StartPlan plan{daemon, {}};
  if (!before) {
    TRY(plan, plan_start(call, daemon));
  } else {
    for (const std::string& text : strings_of(*before, "listening")) {
      TRY(ListenAddress address, parse_listen_address(text));
      plan.listen.push_back(std::move(address));
    }
    plan.metrics = text_of(*before, "metrics");
  }
  TRY(const Json answer, start_and_wait(call, std::move(plan)));
  return print_started(call, answer);
}

Result<int> logs(Call& call) { return print_log(call, call.paths().log_file()); }

Result<int> version(Call& call) {
  const auto status = call.daemon().status();
  const std::string daemon = status ? text_of(*status, "version") : "";
  if (call.json()) {
    Json out = Json::object();
    out["schema"] = control::schema_version;
    out["version"] = ROUTERONE_VERSION;
    out["daemon"] = daemon.empty() ? Json(nullptr) : Json(daemon);
    call.out().json(out);
    return 0;
  }
  call.out().line("routerone " ROUTERONE_VERSION);
  if (!daemon.empty() && daemon != ROUTERONE_VERSION)
    call.out().note(fmt::format("the running daemon is {}; routerone restart", daemon));
  return 0;
}

}  // namespace

std::vector<Command> daemon_commands() {
  using Rank = Command::Rank;
  using Effect = Command::Effect;
  return {
      {.noun = "",
       .verb = "up",
       .summary = "start the daemon and wait until it answers",
       .options = start_options(),
       .run = up,
       .examples = {{"start it, or see that it runs", "up"},
                    {"at another port, from now on", "up --listen 7420"}},
       .about =
           "Where a systemd user manager runs, the daemon is its unit: systemd opens the "
           "port, starts the daemon, watches that it works and starts it again if it fails. "
           "The unit is the package's; where there is none it is written into "
           "~/.config/systemd/user. Elsewhere, with --own-process, and with ROUTERONE_HOME "
           "set, the daemon is a background process of its own. Many at once start one.\n\n"
           "Where it listens is said by --listen, else by ROUTERONE_LISTEN, else it is where "
           "--listen or --next-free was last used, else 127.0.0.1:7411 and [::1]:7411. What "
           "was said is remembered for later, since programs have been given that address; "
           "run and setup use the address of the daemon that runs. If that is another one than "
           "--listen says, it is an error. If the port is taken, the "
           "error says by whom, and --next-free takes the next one that is free; on a "
           "terminal it is asked for.",
       .prints = "status",
       .rank = Rank::common,
       .effect = Effect::changes},
      {.noun = "",
       .verb = "down",
       .summary = "stop the daemon; answers under way may end",
       .run = down,
       .examples = {{"stop it", "down"}},
       .about = "New requests are not taken; answers under way get up to 30 seconds, as they do on "
                "SIGTERM. Where systemd holds the port it lets go of it too.",
       .prints = "stopped",
       .rank = Rank::common,
       .effect = Effect::changes},
      {.noun = "",
       .verb = "restart",
       .summary = "stop the daemon and start it again",
       .run = restart,
       .examples = {{"after an upgrade", "restart"}},
       .about = "It listens where it did. As a systemd unit nobody is refused meanwhile: systemd "
                "holds the port, and who connects waits. A process of its own lets go of its port "
                "while answers under way end and until the new one listens: who connects then is "
                "refused and must try again.",
       .prints = "status",
       .effect = Effect::changes},
      {.noun = "",
       .verb = "status",
       .summary = "show whether the daemon runs, and how it does",
       .run = status,
       .examples = {{"how it does", "status"}, {"for a script", "status --json"}},
       .prints = "status",
       .rank = Rank::common},
      {.noun = "",
       .verb = "logs",
       .summary = "show what the daemon wrote",
       .options = {{"lines", value::count, "the last N lines; 100 unless said", false, 'n'},
                   {"follow", "", "go on with what comes", false, 'f'},
                   {"since", value::time, "only what was written since then"},
                   {"level",
                    {"LEVEL", Value::Kind::choice, "debug|info|warning|error"},
                    "only lines of that level and above"}},
       .run = logs,
       .examples = {{"the last lines", "logs -n 20"},
                    {"what went wrong today", "logs --since 24h --level warning"},
                    {"and what comes", "logs --follow", 130}},
       .about = "The log is a file of the state folder, under systemd too. At 10 MiB it is put "
                "aside as routeroned.log.1, that one as .2, and so on; five are kept. Following "
                "goes on over that and over a restart of the daemon. What systemd says of the "
                "unit itself is in its journal: journalctl --user -u routeroned.",
       .prints = "[log_line]"},
      {.noun = "",
       .verb = "version",
       .summary = "show the version",
       .run = version,
       .examples = {{"the version", "version"}},
       .prints = "version"},
  };
}

}  // namespace routerone::cli
