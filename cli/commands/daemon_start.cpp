#include "cli/commands/daemon_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "cli/commands/log_file.h"
#include "cli/commands/taken_port.h"
#include "cli/commands/views.h"
#include "common/core/text.h"
#include "common/platform/files.h"
#include "common/platform/process.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr Millis start_limit{15'000};
constexpr Millis turn_limit{60'000};  ///< While another starts it.
constexpr Millis look_every{10};

/// The process that holds the daemon's lock, as the file says; 0 if none is alive.
int lock_holder(const Paths& paths) {
  const auto text = read_file(paths.lock_file(), 64);
  const auto pid = text ? parse_uint(trim(split(*text, '\n').front())) : std::nullopt;
  return pid && process_alive(static_cast<int>(*pid)) ? static_cast<int>(*pid) : 0;
}

/// Ours died. Has it only been beaten by one that somebody else started?
bool another_is_coming(const Paths& paths, int ours) {
  const int holder = lock_holder(paths);
  return holder != 0 && holder != ours;
}

Error why_it_died(const fs::path& log, LogPosition before) {
  const Error said = last_words_since(log, before);
  return {ErrorKind::internal,
          "the daemon did not start" + (said.message.empty() ? "" : ": " + said.message),
          said.hint.empty() ? "routerone logs" : said.hint};
}

Result<Json> start_process(Call& call, const StartPlan& plan, LogPosition before) {
  const fs::path log = call.paths().log_file();
  Strings arguments = daemon_arguments(plan);
  arguments.insert(arguments.end(), {"--log", "file"});
  TRY(const int pid, start_detached({plan.daemon, arguments, log}));
  Result<Json> answer = fail(ErrorKind::not_running, "");
  const bool decided = wait_until(call.clock(), start_limit, [&] {
    answer = call.daemon().status();
    return answer.has_value() || (!process_alive(pid) && !another_is_coming(call.paths(), pid));
  });
  if (answer) return answer;
  if (!decided)
    return fail(ErrorKind::unavailable, "the daemon does not answer yet", "routerone logs");
  return tl::unexpected(why_it_died(log, before));
}

Result<Json> start_service(Call& call, StartPlan& plan, LogPosition before) {
  const Status started = plan.service->start(plan.listen, plan.metrics);
  Result<Json> answer = fail(ErrorKind::not_running, "");
  // systemd knows it to be ready or to have failed.
  const Millis limit = started ? start_limit : Millis(0);
  wait_until(call.clock(), limit, [&] { return (answer = call.daemon().status()).has_value(); });
  if (answer) return answer;
  Error died = why_it_died(call.paths().log_file(), before);
  if (!started && died.hint == "routerone logs") return tl::unexpected(started.error());
  return tl::unexpected(std::move(died));
}

/// Takes turns with all others who start it. Gives back the status if one of them did.
Result<std::optional<Json>> take_turn(Call& call, std::optional<FileLock>& turn) {
  Result<Json> answer = fail(ErrorKind::not_running, "");
  Status trouble;
  const bool decided = wait_until(call.clock(), turn_limit, [&] {
    auto lock = FileLock::acquire(call.paths().start_lock());
    if (!lock && lock.error().kind != ErrorKind::conflict) trouble = tl::unexpected(lock.error());
    answer = call.daemon().status();  // after the lock: whoever had it before may have done it
    if (lock) turn.emplace(*std::move(lock));
    return turn || answer || !trouble;
  });
  if (answer) return std::optional<Json>(*std::move(answer));
  TRY_STATUS(trouble);
  if (!decided)
    return fail(ErrorKind::unavailable, "another command has been starting the daemon for a minute",
                "routerone logs");
  if (answer.error().kind != ErrorKind::not_running) return tl::unexpected(answer.error());
  return std::optional<Json>();
}

bool same(const ListenAddresses& left, const ListenAddresses& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const auto& a, const auto& b) { return to_text(a) == to_text(b); });
}

Result<ListenAddresses> said_addresses(Call& call) {
  ListenAddresses said;
  for (const std::string& text : call.all("listen")) {
    TRY(ListenAddress address, parse_listen_address(text));
    said.push_back(std::move(address));
  }
  return said;
}

bool is_among(const Strings& listening, const ListenAddress& said) {
  if (said.port == 0) return true;  // whichever it is
  const auto is_there = [&](const char* host) {
    return std::find(listening.begin(), listening.end(), to_text({host, said.port})) !=
           listening.end();
  };
  return said.host.empty() ? is_there("127.0.0.1") || is_there("::1") : is_there(said.host.c_str());
}

}  // namespace

bool wait_until(const Clock& clock, Millis limit, const std::function<bool()>& is_so) {
  const SteadyTime end = clock.steady() + limit;
  while (!is_so()) {
    if (clock.steady() >= end) return false;
    std::this_thread::sleep_for(look_every);
  }
  return true;
}

Result<fs::path> find_daemon() {
  auto file = find_program("routeroned");
  if (file) return file;
  return fail(file.error().kind, file.error().message, "install both programs into one folder");
}

Strings daemon_arguments(const StartPlan& plan) {
  Strings arguments;
  for (const ListenAddress& address : plan.listen) {
    arguments.emplace_back("--listen");
    arguments.push_back(to_text(address));
  }
  if (!plan.metrics.empty()) arguments.insert(arguments.end(), {"--metrics", plan.metrics});
  return arguments;
}

Result<StartPlan> plan_start(Call& call, const fs::path& daemon) {
  StartPlan plan{daemon, {}, call.word("metrics")};
  if (!plan.metrics.empty()) {
    TRY(const ListenAddress metrics, parse_listen_address(plan.metrics));
    TRY_STATUS(check_metrics_address(metrics));
  }
  TRY(const ListenAddresses said, said_addresses(call));
  TRY(plan.listen, choose_addresses(call.paths(), said));
  if (!call.has("own-process") && can_be_activated(plan.listen))
    plan.service = UserService::find(call.paths(), daemon);
  return plan;
}

Result<Json> start_and_wait(Call& call, StartPlan plan) {
  TRY_STATUS(ensure_private_dir(call.paths().state_dir));
  std::optional<FileLock> turn;
  TRY(auto running, take_turn(call, turn));
  if (running) return *std::move(running);
  const ListenAddresses wanted = plan.listen;
  // What systemd has open is taken by nobody else; where another address is said it lets go first.
  bool held = plan.service && plan.service->holds_port();
  if (held && !call.all("listen").empty()) {
    TRY_STATUS(plan.service->stop());
    held = false;
  }
  if (!held) {
    TRY(plan.listen, free_addresses(call, wanted));
  }
  const LogPosition before = end_of(call.paths().log_file());
  auto answer =
      plan.service ? start_service(call, plan, before) : start_process(call, plan, before);
  if (answer && (!call.all("listen").empty() || !same(wanted, plan.listen)))
    TRY_STATUS(remember_addresses(call.paths(), strings_of(*answer, "listening")));
  return answer;
}

Status check_runs_as_said(Call& call, const Json& running) {
  TRY(const ListenAddresses said, said_addresses(call));
  const Strings listening = strings_of(running, "listening");
  const bool there = std::all_of(said.begin(), said.end(), [&](const ListenAddress& address) {
    return is_among(listening, address);
  });
  if (!there && !call.has("next-free")) {
    const std::string asked = fmt::format("{}", fmt::join(call.all("listen"), " --listen "));
    return fail(ErrorKind::conflict,
                fmt::format("it runs already and listens on {}", list_of(running, "listening")),
                fmt::format("routerone down && routerone up --listen {}", asked));
  }
  if (!call.has("metrics")) return {};
  TRY(const ListenAddress metrics, parse_listen_address(call.word("metrics")));
  if (to_text(metrics) == text_of(running, "metrics")) return {};
  return fail(ErrorKind::conflict, "it runs already, without metrics there",
              fmt::format("routerone down && routerone up --metrics {}", to_text(metrics)));
}

Result<Json> ensure_daemon(Call& call) {
  auto running = call.daemon().status();
  if (running) TRY_STATUS(check_runs_as_said(call, *running));
  if (running || running.error().kind != ErrorKind::not_running) return running;
  TRY(const fs::path daemon, find_daemon());
  TRY(StartPlan plan, plan_start(call, daemon));
  return start_and_wait(call, std::move(plan));
}

}  // namespace routerone::cli
