#include "common/platform/environment.h"

#include <pwd.h>
#include <unistd.h>

#include <string_view>

namespace routerone {

Environment environment_of_process() {
  Environment variables;
  for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry(*at);
    const auto equals = entry.find('=');
    if (equals == entry.npos || equals == 0) continue;
    variables.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return variables;
}

std::filesystem::path home_of(const Environment& environment) {
  const auto home = environment.find("HOME");
  if (home != environment.end() && !home->second.empty()) return home->second;
  const passwd* const user = ::getpwuid(::geteuid());
  return user == nullptr ? "" : user->pw_dir;
}

}  // namespace routerone
