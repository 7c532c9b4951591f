#pragma once

#include <string>
#include <string_view>

#include "daemon/http/fields.h"

namespace routerone::dialect {

/// `codex_exec/0.169.0`: the caller's program from its User-Agent; printable, at most 64
/// characters.
std::string client_program(http::Fields);

/// The agent session a request belongs to: from the headers that agents send, else `from_body`
/// (Envelope::session); printable, at most 128 characters. Sources: clients/, measured.
std::string agent_session(http::Fields, std::string_view from_body);

}  // namespace routerone::dialect
