#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "cli/commands/daemon_start.h"
#include "cli/commands/log_file.h"
#include "cli/commands/table.h"
#include "cli/commands/views.h"
#include "common/control/contract.h"
#include "common/platform/process.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr Millis stop_limit{35'000};  // it gives answers under way 30 s

/// The prepaid balance, else what is left of the wallet's limit; a dash if it has neither.
Cell wallet_cell(const Json& wallet) {
  const std::string balance = text_of(wallet, "balance_usd"), left = text_of(wallet, "left_usd");
  if (left.empty()) return {"", ""};
  const Cell cell = usd_cell(left);
  const bool reached = flag_of(wallet, "reached");
  return {fmt::format("{} left{}", cell.shown, balance.empty() ? "" : ", prepaid"), cell.plain,
          reached ? Color::red : Color::none};
}

int print_status(Call& call, const Json& status) {
  if (call.printed_json(status)) return 0;
  const Json& store = part_of(status, "store");
  const std::string trouble = text_of(store, "trouble");
  print_facts(call.out(),
              {{"daemon", state_cell("active")},
               {"listening", list_of(status, "listening")},
               {"version", text_of(status, "version")},
               {"pid", text_of(status, "pid")},
               {"started", time_cell(text_of(status, "started"), call.clock())},
               {"requests", count_cell(status, "requests")},
               {"keys", text_of(status, "keys")},
               {"providers", text_of(status, "providers")},
               {"state", text_of(status, "state_dir")},
               {"store", trouble.empty() ? state_cell("ok") : Cell(trouble, trouble, Color::red)},
               {"traces kept", count_cell(store, "rows_written")},
               {"traces late", count_cell(store, "rows_late")},
               {"traces lost", count_cell(store, "rows_lost")},
               {"interrupted", count_cell(store, "rows_interrupted")},
               {"wallet", wallet_cell(part_of(status, "wallet"))}});
  if (const std::string spoilt = text_of(part_of(status, "catalog"), "trouble"); !spoilt.empty())
    call.out().note("warning: the catalog's update is not in force: " + spoilt +
                    "; routerone models update --file CATALOG");
  if (whole_of(store, "rows_interrupted") > 0)
    call.out().note(
        "requests the last daemon died with are charged as reserved; to put that right: routerone "
        "budgets reconcile");
  if (const std::string warning = text_of(status, "warning"); !warning.empty())
    call.out().note("warning: " + warning);
  return 0;
}

Result<int> status(Call& call) {
  TRY(const Json answer, call.daemon().status());
  return print_status(call, answer);
}

Result<int> run_in_foreground(const fs::path& daemon, const Strings& arguments) {
  std::vector<char*> words = {const_cast<char*>(daemon.c_str())};
  for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  ::execv(daemon.c_str(), words.data());
  return fail(ErrorKind::internal, fmt::format("{} cannot be run", daemon.string()));
}

Result<int> start(Call& call, const fs::path& daemon, const Strings& listen) {
  Strings arguments;
  for (const std::string& address : listen) {
    arguments.emplace_back("--listen");
    arguments.push_back(address);
  }
  if (call.has("foreground")) return run_in_foreground(daemon, arguments);
  TRY(const Json answer, start_and_wait(call, daemon, arguments));
  if (call.printed_json(answer)) return 0;
  call.out().note(fmt::format("routeroned listens on {}", list_of(answer, "listening")));
  if (const std::string warning = text_of(answer, "warning"); !warning.empty())
    call.out().note("warning: " + warning);
  if (whole_of(answer, "keys") == 0)
    call.out().note("next: routerone keys create NAME, routerone providers add ID");
  return 0;
}

Result<int> up(Call& call) {
  const Strings listen = call.all("listen");
  for (const std::string& address : listen) {
    TRY([[maybe_unused]] const auto checked, parse_listen_address(address));
  }
  const auto running = call.daemon().status();
  if (!running && running.error().kind != ErrorKind::not_running)
    return tl::unexpected(running.error());
  if (!running) {
    TRY(const fs::path daemon, find_daemon());
    return start(call, daemon, listen);
  }
  if (call.printed_json(*running)) return 0;
  call.out().note(fmt::format("it runs already and listens on {}", list_of(*running, "listening")));
  return 0;
}

/// Returns once its process is gone, so that what comes next finds nothing of it.
Result<Json> stop(Call& call) {
  TRY(Json answer, call.daemon().shutdown());
  const int pid = static_cast<int>(whole_of(answer, "pid"));
  if (!wait_until(call.clock(), stop_limit, [pid] { return !process_alive(pid); }))
    return fail(ErrorKind::unavailable, fmt::format("the daemon (pid {}) is still busy", pid),
                "routerone logs");
  return answer;
}

Result<int> down(Call& call) {
  const auto answer = stop(call);
  if (!answer && answer.error().kind == ErrorKind::not_running) {
    call.out().note("the daemon was not running");
    return 0;
  }
  if (!answer) return tl::unexpected(answer.error());
  if (!call.printed_json(*answer)) call.out().note("stopped");
  return 0;
}

Result<int> restart(Call& call) {
  TRY(const fs::path daemon, find_daemon());  // before the one that runs is stopped
  Strings listen;
  const auto before = stop(call);
  if (before)
    listen = strings_of(*before, "listening");
  else if (before.error().kind != ErrorKind::not_running)
    return tl::unexpected(before.error());
  return start(call, daemon, listen);
}

Result<int> logs(Call& call) {
  TRY(const auto lines, call.number("lines", 1, 1'000'000));
  return print_log(call, call.paths().log_file(), lines.value_or(100), call.has("follow"));
}

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
  return {
      {"",
       "up",
       "start the daemon and wait until it answers",
       {},
       {{"listen", "ADDR:PORT", "where; 127.0.0.1:7411 and [::1]:7411 unless said", true},
        {"foreground", "", "stay in this terminal"}},
       up},
      {"", "down", "stop the daemon; answers under way may end", {}, {}, down},
      {"", "restart", "stop the daemon and start it again", {}, {}, restart},
      {"", "status", "show whether the daemon runs, and how it does", {}, {}, status},
      {"",
       "logs",
       "show what the daemon wrote",
       {},
       {{"lines", "N", "the last N lines; 100 unless said", false, 'n'},
        {"follow", "", "go on with what comes", false, 'f'}},
       logs},
      {"", "version", "show the version", {}, {}, version},
  };
}

}  // namespace routerone::cli
