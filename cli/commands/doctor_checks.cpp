#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/doctor_check.h"
#include "common/core/text.h"

namespace routerone::cli {

Verdict unasked(const Findings& findings) {
  switch (findings.daemon.state) {
    case DaemonFindings::State::absent:
      return skipped("the daemon is not running");
    case DaemonFindings::State::silent:
      return skipped("the daemon does not answer");
    case DaemonFindings::State::foreign:
      return skipped("the control socket is another's");
    case DaemonFindings::State::answers:
      break;
  }
  return skipped("the daemon did not answer this in time, or is of another version");
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += printable(names[i], 200);
  }
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

std::string shell_word(const std::string& text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/._-+:@%=,").find(c) != std::string_view::npos;
  };
  const std::string shown = printable(text, 300);
  if (!shown.empty() && std::all_of(shown.begin(), shown.end(), plain)) return shown;
  std::string quoted = "'";
  for (const char c : shown) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

const std::vector<Check>& all_checks() {
  static const std::vector<Check> table = [] {
    const std::pair<const char*, std::vector<Check>> sections[] = {
        {"programs", program_checks()}, {"files", file_checks()},
        {"daemon", daemon_checks()},    {"traces", store_checks()},
        {"machine", machine_checks()},  {"providers", provider_checks()},
        {"keys", key_checks()},         {"environment", environment_checks()},
        {"money", money_checks()},      {"installed", installed_checks()},
    };
    std::vector<Check> all;
    for (const auto& [section, checks] : sections)
      for (Check check : checks) {
        check.section = section;
        all.push_back(check);
      }
    return all;
  }();
  return table;
}

}  // namespace routerone::cli
