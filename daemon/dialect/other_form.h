#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/translation.h"

namespace routerone::dialect {

/// Some servers answer whole where a stream was asked for, or the other way round. The same answer
/// in the other form, of the same dialect; the failure that it tells if it is none.

tl::expected<std::string, FailureClass> as_stream(const Translation&, std::string_view whole);
tl::expected<std::string, FailureClass> as_whole(const Translation&, std::string_view stream);

/// Whether a body is a stream of events, whatever its label says: the first bytes tell.
bool is_stream(std::string_view body);

}  // namespace routerone::dialect
