#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/dialect/json_scan.h"

namespace routerone::dialect {

/// Offset and length in a body.
using Spans = std::vector<std::pair<std::size_t, std::size_t>>;

/// Where the words stand that a conversation began with: the system's, then those of its turns up
/// to and with the user's first. Every request of the conversation has the same bytes there.
///
/// Only what was said, because clients write what is around it anew each time: a part loses its
/// `cache_control` to a later one, and a list of one text becomes the plain string. A part of a
/// kind that is not known counts as it stands.
///
/// Both members were picked from a `body` that JsonScan has accepted; either may be absent, a text,
/// a list or the only element of one. `inner`: the member of a turn that holds what was said,
/// `content` or `parts`. A turn without a role is the user's where `bare_is_user`; else it is an
/// item that nobody said.
Spans opening_of(std::string_view body, const Picked& system, const Picked& turns,
                 std::string_view inner, bool bare_is_user);

}  // namespace routerone::dialect
