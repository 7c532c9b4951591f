#include "cli/commands/daemon_start.h"

#include <thread>

#include "cli/commands/log_file.h"
#include "common/platform/files.h"
#include "common/platform/process.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr Millis start_limit{10'000};
constexpr Millis look_every{10};

}  // namespace

/// Asks again and again until it is so or the time is over.
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

/// Starts the daemon and waits until it answers, or until it has died of something.
Result<Json> start_and_wait(Call& call, const fs::path& daemon, const Strings& arguments) {
  TRY_STATUS(ensure_private_dir(call.paths().state_dir));
  const fs::path log = call.paths().log_file();
  const LogPosition before = end_of(log);
  TRY(const int pid, start_detached({daemon, arguments, log}));
  Result<Json> answer = fail(ErrorKind::not_running, "");
  const bool decided = wait_until(call.clock(), start_limit, [&] {
    answer = call.daemon().status();
    return answer.has_value() || !process_alive(pid);
  });
  if (answer) return answer;
  if (!decided)
    return fail(ErrorKind::unavailable, "the daemon does not answer yet", "routerone logs");
  const Error said = last_words_since(log, before);
  return fail(ErrorKind::internal,
              "the daemon did not start" + (said.message.empty() ? "" : ": " + said.message),
              said.hint.empty() ? "routerone logs" : said.hint);
}

Result<Json> ensure_daemon(Call& call) {
  auto running = call.daemon().status();
  if (running || running.error().kind != ErrorKind::not_running) return running;
  TRY(const fs::path daemon, find_daemon());
  return start_and_wait(call, daemon, {});
}

}  // namespace routerone::cli
