#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/json/json_fwd.h"

namespace routerone::store {

// JSON as a row's columns hold it: written and read for every request, so mostly copied.

std::string text_of(const Json&);

/// As a JSON string; what is not UTF-8 is replaced.
void append_quoted(std::string& out, std::string_view text);

/// Takes a JSON string off the front of `rest`; nothing, and `rest` as it was, if there is none.
std::optional<std::string> take_quoted(std::string_view& rest);

}  // namespace routerone::store
