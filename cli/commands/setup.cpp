#include "cli/agents/setup.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/agents/difference.h"
#include "cli/agents/setup_record.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/core/text.h"
#include "common/platform/environment.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

/// Stands for a key that is not made yet, and for every key where a person looks.
constexpr std::string_view masked = "sk-rk-..";
constexpr std::string_view key_prefix = "sk-rk-";
constexpr std::size_t key_size = key_prefix.size() + 36;

Surroundings surroundings_here() {
  Surroundings here;
  here.environment = environment_of_process();
  here.home = home_of(here.environment);
  return here;
}

fs::path record_folder(Call& call) { return call.paths().state_dir / "setup" / call.word("TOOL"); }

Status check_tool(const std::string& tool) {
  const auto known = setup_tools();
  if (std::find(known.begin(), known.end(), tool) != known.end()) return {};
  const auto near = nearest(tool, known, 1);
  return fail(ErrorKind::invalid, fmt::format("\"{}\" cannot be set up", printable(tool, 40)),
              near.empty() ? fmt::format("one of: {}", fmt::join(known, ", "))
                           : fmt::format("did you mean: routerone setup {}", near.front()));
}

/// Where tools shall find the daemon. Without one a dry run says the default.
Result<std::string> daemon_address(Call& call) {
  const auto status = call.daemon().status();
  if (!status && call.has("dry-run")) return fmt::format("127.0.0.1:{}", default_port);
  if (!status) return tl::unexpected(status.error());
  const auto listening = strings_of(*status, "listening");
  if (listening.empty())
    return fail(ErrorKind::unavailable, "the daemon listens nowhere", "routerone restart");
  return listening.front();
}

/// A key of ours in a text, if there is one.
std::string key_in(std::string_view text) {
  const std::size_t at = text.find(key_prefix);
  if (at == text.npos || at + key_size > text.size()) return "";
  return std::string(text.substr(at, key_size));
}

std::string without_keys(std::string text) {
  for (std::string key = key_in(text); !key.empty(); key = key_in(text))
    text.replace(text.find(key), key.size(), masked);
  return text;
}

/// The key that an earlier setup wrote, if it still stands in a file and is still good.
std::string earlier_key(Call& call, const std::optional<SetupRecord>& record) {
  if (!record || (call.has("key") && call.word("key") != record->key)) return "";
  const auto shown = call.daemon().show_key(record->key);
  if (!shown || text_of(*shown, "state") != "active") return "";
  for (const SetupRecord::File& file : record->files) {
    const auto plan = read_file(file.path, 4 << 20);
    const std::string key = plan ? key_in(*plan) : "";
    if (!key.empty() && key.starts_with(text_of(*shown, "hint"))) return key;
  }
  return "";
}

Json describe(Call& call, const SetupPlan& plan, bool written) {
  Json files = Json::array();
  for (const FileChange& change : plan.files) {
    std::string text;
    for (const DiffLine& line : difference(change.before.value_or(""), change.after))
      text += without_keys(line.text) + "\n";
    if (text.empty()) continue;
    files.push_back({{"path", change.file.string()},
                     {"change", change.before ? "modify" : "create"},
                     {"difference", text}});
  }
  return {{"schema", 1},
          {"tool", call.word("TOOL")},
          {"written", written},
          {"start", plan.start},
          {"files", files}};
}

void show_difference(Output& out, const FileChange& change) {
  const auto lines = difference(change.before.value_or(""), change.after);
  if (lines.empty()) return;
  const std::string name = printable(change.file.string(), 256);
  out.line(out.paint(Color::bold, change.before ? "--- " + name : "--- /dev/null"));
  out.line(out.paint(Color::bold, "+++ " + name));
  for (const DiffLine& line : lines) {
    const Color color = line.kind == DiffLine::Kind::added     ? Color::green
                        : line.kind == DiffLine::Kind::removed ? Color::red
                        : line.kind == DiffLine::Kind::place   ? Color::cyan
                                                               : Color::none;
    out.line(out.paint(color, printable(without_keys(line.text), 400)));
  }
}

bool changes_nothing(const SetupPlan& plan) {
  return std::all_of(plan.files.begin(), plan.files.end(),
                     [](const FileChange& change) { return change.before == change.after; });
}

struct NewKey {
  std::string name, key;
  bool made = false;
};

/// A key that exists is shown to nobody, so to be written it must be given a new secret.
Result<NewKey> rotate(Call& call, const std::string& name) {
  TRY_STATUS(call.confirm(fmt::format(
      "The key \"{}\" exists and was shown once. Give it a new secret? What uses it now stops.",
      name)));
  TRY(const Json key, call.daemon().rotate_key(name));
  return NewKey{name, text_of(key, "key"), false};
}

Result<NewKey> obtain_key(Call& call) {
  if (const auto name = call.text("key"); name && call.daemon().show_key(*name))
    return rotate(call, *name);
  const std::string wanted = call.text("key").value_or(call.word("TOOL"));
  for (int number = 1;; ++number) {
    control::KeyWish wish;
    wish.name = number == 1 ? wanted : fmt::format("{}-{}", wanted, number);
    auto key = call.daemon().create_key(wish);
    if (key) return NewKey{wish.name, text_of(*key, "key"), true};
    // Somebody else's key of that name is left alone.
    if (key.error().kind != ErrorKind::conflict || call.has("key") || number == 9)
      return tl::unexpected(std::move(key).error());
  }
}

int print_done(Call& call, const SetupPlan& plan, const std::string& key) {
  if (call.json()) {
    Json answer = describe(call, plan, true);
    answer["key"] = key;
    call.out().json(answer);
    return 0;
  }
  Output& out = call.out();
  const std::string tool = call.word("TOOL");
  out.note(fmt::format("{} goes through routerone with the key \"{}\"; start it with: {}", tool,
                       key, plan.start));
  out.note(fmt::format("limit it:  routerone keys update {} --max-spend USD --every day", key));
  out.note(fmt::format("undo:      routerone setup {} --undo", tool));
  return 0;
}

int print_unchanged(Call& call, const SetupPlan& plan) {
  if (call.printed_json(describe(call, plan, false))) return 0;
  call.out().note(fmt::format("{} is set up already; nothing changes", call.word("TOOL")));
  return 0;
}

Result<int> write_setup(Call& call, Endpoint endpoint, const Surroundings& here,
                        const std::string& present_name) {
  NewKey key{present_name, endpoint.key, false};
  if (endpoint.key.empty()) {
    TRY(key, obtain_key(call));
    endpoint.key = key.key;
  }
  auto written = plan_setup(call.word("TOOL"), endpoint, here).and_then([&](SetupPlan&& plan) {
    return apply_setup(record_folder(call), plan, key.name, key.made).map([&] {
      return std::move(plan);
    });
  });
  if (written) return print_done(call, *written, key.name);
  if (key.made) (void)call.daemon().revoke_key(key.name);
  return tl::unexpected(std::move(written).error());
}

Result<int> undo(Call& call) {
  const fs::path folder = record_folder(call);
  TRY(const auto record, read_record(folder));
  const std::string tool = call.word("TOOL");
  if (!record)
    return fail(ErrorKind::not_found, fmt::format("{} is not set up by routerone", tool),
                fmt::format("routerone setup {}", tool));
  if (!call.has("force")) TRY_STATUS(check_undo(*record, folder));
  TRY_STATUS(call.confirm(
      fmt::format("Put {}'s configuration back as it was{}?", tool,
                  record->key_made ? fmt::format(" and revoke the key \"{}\"", record->key) : "")));
  if (record->key_made) {
    const auto revoked = call.daemon().revoke_key(record->key);
    if (!revoked && revoked.error().kind != ErrorKind::not_found && !call.has("force"))
      return tl::unexpected(revoked.error());
  }
  TRY_STATUS(undo_setup(*record, folder));
  if (call.json())
    call.out().json({{"schema", 1}, {"tool", tool}, {"undone", true}});
  else
    call.out().note(fmt::format("{} is as it was before", tool));
  return 0;
}

Result<int> setup(Call& call) {
  TRY_STATUS(check_tool(call.word("TOOL")));
  if (call.has("undo")) return undo(call);
  const Surroundings here = surroundings_here();
  TRY(const auto record, read_record(record_folder(call)));
  Endpoint endpoint;
  TRY(endpoint.address, daemon_address(call));
  endpoint.model = call.word("model");
  endpoint.key = earlier_key(call, record);
  Endpoint shown = endpoint;
  if (shown.key.empty()) shown.key = masked;
  TRY(const SetupPlan plan, plan_setup(call.word("TOOL"), shown, here));
  if (changes_nothing(plan)) return print_unchanged(call, plan);
  if (!call.json())
    for (const FileChange& change : plan.files) show_difference(call.out(), change);
  if (call.has("dry-run")) {
    if (call.json()) call.out().json(describe(call, plan, false));
    return 0;
  }
  if (!call.out().flush()) return 1;
  TRY_STATUS(call.confirm(fmt::format("Write this to {}'s configuration?", call.word("TOOL"))));
  return write_setup(call, endpoint, here, record ? record->key : "");
}

}  // namespace

std::vector<Command> setup_commands() {
  return {
      {.noun = "",
       .verb = "setup",
       .summary = "point a coding agent's own configuration at routerone",
       .arguments = {{Value("TOOL", Value::Kind::tool)}},
       .options = {{"model", value::model, "the model it asks for"},
                   {"key", value::key, "the key it gets; one that exists is given a new secret"},
                   {"dry-run", "", "show the difference and write nothing"},
                   {"undo", "", "put everything back as it was"},
                   {"force", "", "with --undo: lose what was changed since"}},
       .run = setup,
       .examples = {{"look first", "setup claude --dry-run"},
                    {"show the difference, ask, write; makes the key `codex`",
                     "setup codex --model openai/gpt-5"},
                    {"byte for byte as it was; the key is revoked", "setup codex --undo"}},
       .about = "Comments, order and spacing of your files stay. Give the key it makes a limit: "
                "routerone keys update NAME --max-spend 10 --every day.",
       .prints = "setup",
       .rank = Command::Rank::common,
       .effect = Command::Effect::destroys}};
}

}  // namespace routerone::cli
