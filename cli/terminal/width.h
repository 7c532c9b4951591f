#pragma once

#include <string>
#include <string_view>

namespace routerone::cli {

/// Columns a text takes on a terminal: one a character, none for combining marks, two for wide
/// East Asian ones and emoji. The text is well-formed UTF-8, as `printable` gives it out.
std::size_t shown_width(std::string_view);

/// At most `most` columns of it; where something was cut off, the last one is a `~`.
std::string cut_to(std::string_view, std::size_t most);

}  // namespace routerone::cli
