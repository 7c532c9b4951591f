#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace routerone {

/// Variables by name.
using Environment = std::map<std::string, std::string>;

/// That of this process.
Environment environment_of_process();

/// The user's home: what HOME says, else what the system knows; empty if neither does.
std::filesystem::path home_of(const Environment&);

}  // namespace routerone
