#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"
#include "common/json/json.h"

namespace routerone::cli {

/// JSON as people keep it in settings: with comments, with a comma before a closing bracket, with a
/// byte order mark. invalid: names the line and column.
Result<Json> parse_settings(std::string_view text);

/// The members that lead to a value: `{"env", "OPENAI_BASE_URL"}`. A number is an element of an
/// array; the number after the last adds one.
using Members = std::vector<std::string>;

/// The text with this one value set, and nothing else touched: comments, order, indentation, line
/// ends and trailing commas stay byte for byte. Objects on the way are made. Text of nothing but
/// white space counts as `{}`. invalid: it does not parse, or something on the way is no object.
Result<std::string> set_member(std::string_view text, const Members& path, const Json& value);

}  // namespace routerone::cli
