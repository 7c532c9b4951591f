// What was written for this user outside our own folders: is it still what this version writes?
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "cli/commands/completion.h"
#include "cli/commands/doctor_check.h"
#include "cli/commands/doctor_gather.h"
#include "cli/commands/service_unit.h"
#include "cli/commands/views.h"
#include "common/core/text.h"
#include "common/platform/files.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 4u << 20;

/// What the variable says if it is absolute, else that folder of the home.
fs::path base_folder(const Environment& environment, const char* variable, const char* otherwise) {
  const auto said = environment.find(variable);
  if (said != environment.end() && said->second.starts_with('/')) return said->second;
  return home_of(environment) / otherwise;
}

std::vector<InstalledFindings::File> completions(const Environment& environment) {
  const fs::path data = base_folder(environment, "XDG_DATA_HOME", ".local/share");
  const fs::path config = base_folder(environment, "XDG_CONFIG_HOME", ".config");
  const std::pair<const char*, fs::path> places[] = {
      {"bash", data / "bash-completion/completions/routerone"},
      {"zsh", home_of(environment) / ".zfunc/_routerone"},
      {"fish", config / "fish/completions/routerone.fish"},
  };
  std::vector<InstalledFindings::File> found;
  for (const auto& [shell, file] : places) {
    const auto text = read_file(file, largest_file);
    if (text)
      found.push_back(
          {file, fmt::format("routerone completion {} > {}", shell, shell_word(file.string())),
           *text == completion_script(shell)});
  }
  return found;
}

/// The program of its `ExecStart=`, if that is absolute.
std::string started_by(std::string_view unit) {
  constexpr std::string_view start = "ExecStart=";
  for (const std::string_view line : split(unit, '\n')) {
    if (!line.starts_with(start)) continue;
    const std::string_view rest = line.substr(start.size());
    const std::string_view program = rest.substr(0, rest.find(' '));
    if (program.starts_with('/')) return std::string(program);
  }
  return "";
}

/// loginctl(1) keeps a file of the user's name there.
bool lingers() {
  const passwd* const user = ::getpwuid(::geteuid());
  std::error_code failed;
  return user && fs::exists(fs::path("/var/lib/systemd/linger") / user->pw_name, failed);
}

Verdict shell_completions(const Findings& found) {
  for (const auto& file : found.installed.completions)
    if (!file.current) return doubtful(file.path.string() + " is another version's", file.mend);
  const auto count = found.installed.completions.size();
  return fine(count == 0 ? "none is installed for you alone" : fmt::format("{} installed", count));
}

Verdict user_unit(const Findings& found) {
  const auto& unit = found.installed.unit;
  if (!unit) return fine("none is installed for you alone");
  if (!found.installed.unit_program.empty())
    return broken(fmt::format("{} starts {}, which is not there", unit->path.string(),
                              found.installed.unit_program),
                  unit->mend);
  if (!unit->current) return doubtful(unit->path.string() + " is another version's", unit->mend);
  return fine(unit->path.string());
}

Verdict linger(const Findings& found) {
  if (text_of(found.daemon.status, "manager") != "systemd") return fine("systemd does not run it");
  if (found.installed.lingers) return fine("it goes on after logout");
  if (found.variable("SSH_CONNECTION").empty()) return fine("it ends at logout");
  return doubtful("it ends with the last login, and what runs in tmux with it",
                  "loginctl enable-linger");
}

}  // namespace

InstalledFindings gather_installed(const Environment& environment,
                                   const ProgramFindings& programs) {
  InstalledFindings found;
  found.completions = completions(environment);
  found.lingers = lingers();
  const fs::path file = user_unit_folder(environment) / service_unit;
  const auto text = read_file(file, largest_file);
  if (!text) return found;
  const bool current =
      !is_ours(*text) || !programs.daemon || *text == service_unit_text(*programs.daemon);
  found.unit = {file, "routerone down && routerone up", current};
  const std::string program = started_by(*text);
  if (!program.empty() && ::access(program.c_str(), X_OK) != 0) found.unit_program = program;
  return found;
}

std::vector<Check> installed_checks() {
  return {
      {"completions", "shell completions are this version's", shell_completions},
      {"user-unit", "systemd's unit starts what is there", user_unit},
      {"linger", "the daemon outlives the login it is needed in", linger},
  };
}

}  // namespace routerone::cli
