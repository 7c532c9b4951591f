#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "cli/commands/config_text.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "cli/secrets/read_secret.h"
#include "cli/terminal/prompt.h"
#include "common/control/contract.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

constexpr std::size_t largest_file = 3u << 20;  ///< What a call of the daemon carries.

Result<int> path(Call& call) {
  const Paths& paths = call.paths();
  if (!call.json()) {
    call.out().line(paths.control_file().string());
    return 0;
  }
  Json out = Json::object();
  out["schema"] = control::schema_version;
  out["control_file"] = paths.control_file().string();
  out["config_dir"] = paths.config_dir.string();
  out["state_dir"] = paths.state_dir.string();
  out["runtime_dir"] = paths.runtime_dir.string();
  out["control_socket"] = paths.control_socket().string();
  out["database"] = paths.database().string();
  out["log_file"] = paths.log_file().string();
  call.out().json(out);
  return 0;
}

Result<int> show(Call& call) {
  TRY(const Json config, call.daemon().export_config({}));
  if (call.printed_json(config)) return 0;
  Table table({{"WHAT"}, {"IS"}});
  for (const auto& [name, value] : config_facts(part_of(config, "control")))
    table.add({name, value});
  table.print(call.out());
  return 0;
}

/// Its bytes: the same ones on stdout and in a file.
std::string file_text(const Json& config) {
  return config.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

Result<int> export_secrets(Call& call, const std::string& name) {
  if (name == "-")
    return fail(ErrorKind::invalid, "secrets are not printed", "name a file: it is made with 0600");
  const std::filesystem::path file = std::filesystem::absolute(name);
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored))
    TRY_STATUS(call.confirm(fmt::format("Replace {}?", file.string())));
  TRY(const Json config, call.daemon().export_config({.secrets = true}));
  TRY_STATUS(write_file_atomic(file, file_text(config)));
  Json out = Json::object();
  out["schema"] = control::schema_version;
  out["file"] = file.string();
  out["secrets"] = true;
  if (!call.printed_json(out))
    call.out().note(fmt::format("wrote {}; whoever has it can spend your money", file.string()));
  return 0;
}

Result<int> export_(Call& call) {
  if (const auto file = call.text("with-secrets")) return export_secrets(call, *file);
  TRY(const Json config, call.daemon().export_config({}));
  call.out().json(config);
  return 0;
}

Result<std::string> read_config(const std::string& name) {
  if (name == "-") {
    TRY(const Secret text, read_secret(STDIN_FILENO, "stdin", largest_file));
    return std::string(text.reveal());
  }
  auto text = read_file(name, largest_file);
  if (!text && text.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::not_found, fmt::format("there is no file {}", name),
                "write one: routerone config export > FILE");
  return text;
}

/// A file with secrets that others may read has told them already.
void warn_of_mode(Call& call, const std::string& name) {
  struct stat info {};
  if (::stat(name.c_str(), &info) != 0 || (info.st_mode & 077) == 0) return;
  call.out().note(
      fmt::format("warning: {0} holds secrets and others may read it: chmod 600 {0}", name));
}

Result<Json> call_apply(Call& call, const std::string& name, const std::string& text,
                        bool dry_run) {
  auto answer = call.daemon().apply_config({.config = text, .dry_run = dry_run});
  if (answer || answer.error().kind == ErrorKind::not_running) return answer;
  Error error = answer.error();
  error.message = fmt::format("{}: {}", name == "-" ? "stdin" : name, error.message);
  return tl::unexpected(std::move(error));
}

void print_changes(Call& call, const Json& changes) {
  for (const ChangeLine& line : change_lines(changes))
    call.out().line(Output::paint(line.color, line.text));
}

void print_warnings(Call& call, const Json& answer) {
  for (const std::string& warning : strings_of(answer, "warnings"))
    call.out().note("warning: " + warning);
}

/// Asked off a terminal too, where it needs --yes, even if nothing would change: a script that
/// works today must not stop tomorrow.
Status agree(Call& call, std::size_t count) {
  if (count == 0 && can_ask()) return {};
  return call.confirm(fmt::format("Put {} change{} in force?", count, count == 1 ? "" : "s"));
}

Result<int> apply(Call& call) {
  const std::string name = call.word("FILE");
  TRY(const std::string text, read_config(name));
  TRY(Json answer, call_apply(call, name, text, true));
  if (flag_of(answer, "secrets") && name != "-") warn_of_mode(call, name);
  if (!call.json()) print_changes(call, part_of(answer, "changes"));
  if (!call.has("dry-run")) {
    TRY_STATUS(agree(call, part_of(answer, "changes").size()));
    TRY(answer, call_apply(call, name, text, false));
  }
  if (call.printed_json(answer)) return 0;
  print_warnings(call, answer);
  const std::size_t count = part_of(answer, "changes").size();
  if (count == 0)
    call.out().note("nothing changes: it is so already");
  else
    call.out().note(call.has("dry-run") ? "nothing was changed; without --dry-run it is"
                                        : "in force");
  return 0;
}

}  // namespace

std::vector<Command> config_commands() {
  return {
      {.noun = "config",
       .verb = "path",
       .summary = "print where the control data is kept",
       .run = path,
       .examples = {{"Where is it?", "config path"}, {"All the places", "config path --json"}},
       .about =
           "The control data is one file, control.json: keys (as HMACs), projects, budgets, "
           "providers, routes, aliases and prices. The daemon owns it and replaces it as a whole "
           "with every change; a copy of the version before stands beside it. Works without the "
           "daemon.",
       .prints = "config_paths"},
      {.noun = "config",
       .verb = "show",
       .summary = "show the settings, and how much of what there is",
       .run = show,
       .examples = {{"What is set?", "config show"}},
       .prints = "config"},
      {.noun = "config",
       .verb = "export",
       .summary = "write the control data, for a backup or another machine",
       .options = {{"with-secrets", value::file,
                    "to this file (0600), with what keys and providers need to work elsewhere"}},
       .run = export_,
       .examples = {{"Keep it under version control: no secret is in it",
                     "routerone config export > routerone.json"},
                    {"Take everything to another machine",
                     "config export --with-secrets routerone-secrets.json --yes"}},
       .about =
           "Without --with-secrets nothing in it opens anything: keys come without their HMACs, "
           "providers with the reference to their credential and not with the credential. With "
           "it the file holds the keys' HMACs, the pepper they were made with and the providers' "
           "credentials; a key made here then works where the file is applied.\n\n"
           "What was spent is not part of it, but for a prepaid wallet's balance; neither are "
           "runs, traces and an update of the catalog (routerone models update). Exporting twice "
           "gives the same bytes.",
       .prints = "config"},
      {.noun = "config",
       .verb = "apply",
       .summary = "put an exported configuration in force, all of it or nothing",
       .arguments = {{value::file}},
       .options = {{"dry-run", "", "show what would change, and change nothing"}},
       .run = apply,
       .examples = {{"What would change? And then change it",
                     "routerone config export > routerone.json && routerone config apply "
                     "routerone.json"}},
       .about =
           "The whole file is checked first; then what changes is shown and asked about (--yes "
           "where there is no terminal). FILE replaces all there is: what it does not name is "
           "removed. The running daemon has it at once, and requests under way end as they "
           "began. FILE is - for stdin.\n\n"
           "From a file without secrets, keys and providers that are known here keep theirs; "
           "others are there without, and how to give them one is said.",
       .prints = "config_applied",
       .effect = Command::Effect::destroys},
  };
}

}  // namespace routerone::cli
