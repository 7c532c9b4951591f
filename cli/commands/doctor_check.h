#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/commands/doctor_findings.h"

namespace routerone::cli {

/// What came of a check. `mend` is a command or, where there is none, what to do.
struct Verdict {
  enum class Kind { ok, warning, failed, skipped };
  Kind kind = Kind::ok;
  std::string evidence;
  std::string mend;
};

inline Verdict fine(std::string evidence) { return {Verdict::Kind::ok, std::move(evidence), ""}; }
inline Verdict doubtful(std::string evidence, std::string mend) {
  return {Verdict::Kind::warning, std::move(evidence), std::move(mend)};
}
inline Verdict broken(std::string evidence, std::string mend) {
  return {Verdict::Kind::failed, std::move(evidence), std::move(mend)};
}
inline Verdict skipped(std::string why) { return {Verdict::Kind::skipped, std::move(why), ""}; }
/// What cannot be known without the daemon, and why it is not.
Verdict unasked(const Findings&);

struct Check {
  const char* id;
  const char* title;  ///< What is so where all is well.
  Verdict (*look)(const Findings&);
  /// Mends it, if that can do no harm; what it did.
  Result<std::string> (*mend)(Call&, const Findings&) = nullptr;
  const char* section = "";  ///< The table's to say.
};

// One file a section.
std::vector<Check> program_checks();
std::vector<Check> file_checks();
std::vector<Check> daemon_checks();
std::vector<Check> store_checks();
std::vector<Check> machine_checks();
std::vector<Check> provider_checks();
std::vector<Check> key_checks();
std::vector<Check> environment_checks();
std::vector<Check> money_checks();
std::vector<Check> installed_checks();

/// Every check there is, in the order in which they are told and mended.
const std::vector<Check>& all_checks();

/// `a`, `a and b`, `a, b and 3 more`.
std::string some_of(const std::vector<std::string>& names);
/// As a shell takes it: quoted where it must be.
std::string shell_word(const std::string& text);

}  // namespace routerone::cli
