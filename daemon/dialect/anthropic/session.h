#pragma once

#include <string>
#include <string_view>

namespace routerone::dialect::anthropic {

/// The agent session from the request's `metadata` as it stands: `user_id` is a string that is
/// itself JSON with a `session_id`, or of the older form `user_.._session_ID`. Empty if it is
/// neither.
std::string session_of_metadata(std::string_view metadata);

}  // namespace routerone::dialect::anthropic
