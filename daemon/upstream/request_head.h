#pragma once

#include <string>

#include "daemon/upstream/upstream.h"

namespace routerone::upstream {

/// The head of a request as it goes on the wire, credential and all; wipe it after use. Nothing in
/// it can end a line early: a field with CR, LF or NUL is left out.
std::string write_request_head(const Request&);

}  // namespace routerone::upstream
