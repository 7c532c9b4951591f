#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/dialect/dialect.h"
#include "daemon/dialect/json_scan.h"

namespace routerone::dialect {

/// Changes of single members of a body that JsonScan has accepted. `member` was picked from it
/// under a name without a quote in it.

/// Where its name starts, quotes included.
std::size_t name_at(std::string_view body, const Picked& member);

/// Puts `text`, a whole member, before `anchor`: nothing else is ever changed just there.
Splice insertion(std::string_view body, const Picked& anchor, std::string text);

Splice new_value(std::string_view body, const Picked& member, std::string value);
/// In the place of name and value.
Splice new_member(std::string_view body, const Picked& old, std::string member);

/// Takes a member out, with the comma on its side to `anchor`. That one always stays, so of several
/// removals each has a comma of its own, and any choice of them leaves an object.
Splice removal(std::string_view body, const Picked& member, const Picked& anchor);

}  // namespace routerone::dialect
