#pragma once

#include <string>

namespace routerone::cli {

/// The lines that point SDK programs at us, for a person to paste. `address` is `127.0.0.1:7411`.
std::string environment_lines(const std::string& address);

}  // namespace routerone::cli
