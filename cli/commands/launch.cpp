#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "cli/agents/agent.h"
#include "cli/commands/daemon_start.h"
#include "cli/commands/limit_options.h"
#include "cli/commands/port_proof.h"
#include "cli/commands/receipt.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/platform/child.h"
#include "common/platform/environment.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Variables = Environment;

constexpr int our_failure = 125, not_executable = 126, no_such_program = 127;
constexpr Millis look_for_daemon{250};
/// Tells a run that is started by the child of another whose budget it belongs to.
constexpr const char* run_variable = "ROUTERONE_RUN";

std::string variable_in(const Variables& variables, const char* name) {
  const auto found = variables.find(name);
  return found == variables.end() ? "" : found->second;
}

/// The run's own folder; goes with it.
class Scratch {
 public:
  static Result<Scratch> make(const fs::path& path) {
    TRY_STATUS(ensure_private_dir(path.parent_path()));
    TRY_STATUS(ensure_private_dir(path));
    return Scratch(path);
  }
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

/// The held call on which the run's key hangs. A daemon that goes away is waited for.
class Lease {
 public:
  Lease(const control::Client& daemon, control::HeldCall held, std::string id)
      : daemon_(daemon), connection_(std::move(held.connection)), id_(std::move(id)) {}

  int descriptor() const { return connection_.get(); }
  /// How long until it should be looked after again; nullopt: when the descriptor can be read.
  std::optional<Millis> pause() const {
    return connection_ || lost_ ? std::nullopt : std::optional(look_for_daemon);
  }
  void look_after(bool readable) {
    if (readable) connection_.reset();
    if (connection_ || lost_) return;
    auto held = daemon_.attach_run(id_);
    if (held)
      connection_ = std::move(held->connection);
    else
      lost_ = held.error().kind == ErrorKind::conflict;
  }

 private:
  const control::Client& daemon_;
  Descriptor connection_;
  std::string id_;
  bool lost_ = false;  ///< The daemon runs, and has ended the run.
};

Result<control::RunWish> read_wish(const Call& call, const Variables& variables) {
  control::RunWish wish;
  wish.program = fs::path(call.all("CMD").front()).filename().string();
  wish.name = call.text("name");
  wish.resume = call.text("resume");
  wish.project = call.text("project");
  const std::string outer = variable_in(variables, run_variable);
  if (!outer.empty()) wish.outer = outer;
  TRY(wish.limits, read_limits(call));
  return wish;
}

/// The first of `--models`, if it is no pattern, is what the agent shall use; the others may take
/// its place where it falls back on them.
std::string first_model(const Call& call) {
  const auto models = call.list("models");
  if (!models || models->empty()) return {};
  const std::string& model = models->front();
  return model.find_first_of("*?") == model.npos ? model : "";
}

struct Prepared {
  Child::Program program;
  Scratch scratch;
};

Result<Prepared> prepare(Call& call, const Json& run, const Variables& variables) {
  const auto listening = strings_of(run, "listening");
  if (listening.empty()) return fail(ErrorKind::internal, "the daemon listens nowhere");
  const Json& proof = part_of(run, "proof");
  TRY_STATUS(prove_port(listening.front(), text_of(proof, "question"), text_of(proof, "answer")));
  const std::string id = text_of(run, "id");
  TRY(Scratch scratch, Scratch::make(call.paths().run_scratch(id)));
  const Endpoint endpoint{listening.front(), text_of(run, "key"), first_model(call)};
  const Surroundings around{variables, home_of(variables), scratch.path()};
  TRY(Launch launch, prepare_launch(call.all("CMD"), endpoint, around));
  Child::Program program{std::move(launch.command), variables};
  for (const std::string& name : launch.unset) program.environment.erase(name);
  for (auto& [name, value] : launch.set) program.environment[name] = std::move(value);
  program.environment[run_variable] = id;
  return Prepared{std::move(program), std::move(scratch)};
}

Status hand_over_receipt(Call& call, const Json& receipt) {
  if (const auto file = call.text("receipt"))
    TRY_STATUS(write_file_atomic(fs::absolute(*file), receipt.dump(2) + "\n"));
  if (call.json())
    call.out().note(Shown::lines(receipt.dump(2)));
  else
    print_receipt(call.out(), receipt);
  return {};
}

/// What the child's end says is not changed by a receipt that nobody could write.
void settle(Call& call, const std::string& id) {
  const auto receipt = call.daemon().end_run(id);
  const Status told =
      receipt ? hand_over_receipt(call, *receipt) : Status(tl::unexpected(receipt.error()));
  if (!told) call.out().error(told.error());
}

Result<int> watch(const Child::Program& program, Lease& lease) {
  TRY(const auto child, Child::start(program));
  for (;;) {
    const auto pause = lease.pause();
    if (const auto code = child->wait(lease.descriptor(), pause)) return *code;
    lease.look_after(!pause);
  }
}

int code_of(const Error& error, bool at_start) {
  if (at_start && error.kind == ErrorKind::not_found) return no_such_program;
  if (at_start && error.kind == ErrorKind::unauthorized) return not_executable;
  return error.kind == ErrorKind::unauthorized ? exit_code(error.kind) : our_failure;
}

/// Our own failures have codes that no child is likely to have; told here, as their kind would make
/// another.
int failed(Call& call, const Error& error, bool at_start = false) {
  call.out().error(error);
  return code_of(error, at_start);
}

Result<int> launch(Call& call) {
  const Variables variables = environment_of_process();
  const Status there = check_executable(call.all("CMD").front(), variable_in(variables, "PATH"));
  if (!there) return failed(call, there.error(), true);
  const auto wish = read_wish(call, variables);
  if (!wish) return tl::unexpected(wish.error());
  const auto running = ensure_daemon(call);
  if (!running) return failed(call, running.error());
  auto held = call.daemon().begin_run(*wish);
  if (!held) return failed(call, held.error());
  const Json run = std::move(held->answer);
  print_warnings(call, run);
  const std::string id = text_of(run, "id");
  Lease lease(call.daemon(), *std::move(held), id);
  auto prepared = prepare(call, run, variables);
  if (!prepared) return failed(call, prepared.error());
  const auto code = watch(prepared->program, lease);
  if (!code) return failed(call, code.error(), true);
  settle(call, id);
  return *code;
}

std::vector<Option> settings() {
  const Value run = {"NAME", Value::Kind::run};
  std::vector<Option> options = {
      {"project", value::project, "whose run it is"},
      {"name", "NAME", "what to call it; claude-1 and so on unless said"},
      {"resume", run, "go on with a run that has ended: its limits and what it spent"},
      {"receipt", value::file, "write the receipt there, as JSON"}};
  for (const Option& option : limit_options(false)) options.push_back(option);
  return options;
}

}  // namespace

std::vector<Command> launch_commands() {
  return {
      {.noun = "",
       .verb = "run",
       .summary = "run a program on a key of its own, which ends with it",
       .arguments = {{Value("CMD", Value::Kind::program), Argument::Count::some}},
       .options = settings(),
       .run = launch,
       .examples = {{"an agent that cannot spend more than two dollars",
                     "run --max-spend 2 -- claude"},
                    {"a name, to go on with later", "run --max-spend 5 --name refactor -- codex"},
                    {"the same budget, with what it has spent", "run --resume refactor -- codex"}},
       .about = "The program finds the key and the daemon's address in its environment and, where "
                "an agent needs it, in its arguments; your own logins are kept out of its way. The "
                "daemon is started if need be.\n\n"
                "Input, output and signals are the program's. At its end, however it ends, the key "
                "is revoked, and a receipt goes to stderr: cost by model, tokens, share from "
                "caches, fallbacks, refusals, what is left. --json makes it JSON, --quiet leaves "
                "it out.\n\n"
                "A run started inside another spends that one's budget too, and ends with it.",
       .prints = "receipt",
       .rank = Command::Rank::common,
       .effect = Command::Effect::changes,
       .exits = {{125, "the program could not be started for another reason; nothing was spent"},
                 {126, "the program cannot be executed"},
                 {127, "there is no such program"},
                 {128, "and the number of the signal, if one ended the program: 130, 143"}}},
  };
}

}  // namespace routerone::cli
