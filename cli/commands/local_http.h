#pragma once

#include <string>

#include "common/config/paths.h"

namespace routerone::cli {

/// Sends a request, whole as it stands, to a loopback address and returns what comes back, as it
/// came, at most `most` bytes. Empty if nobody answers within 5 s.
std::string ask_local(const ListenAddress&, const std::string& request, std::size_t most);

/// The body of an answer, if its status is 200; empty otherwise.
std::string body_of(const std::string& answer);

}  // namespace routerone::cli
