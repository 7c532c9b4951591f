#pragma once

#include <cstddef>
#include <string_view>

namespace routerone::cli {

struct Place {
  int row = 0;     ///< Below the prompt's first.
  int column = 0;  ///< From 0.
  bool operator==(const Place&) const = default;
};

/// Where the editing library has the cursor and the end of what it drew; it does not tell, and
/// lines can be put above the prompt only by who knows. Rules as in libedit's refresh.c: what does
/// not fit a row goes on in the next, a wide character is never split, a full row ends at once, and
/// of what is longer than the screen only the end is there.
struct LineLayout {
  Place cursor, end;
};
LineLayout layout_of(std::wstring_view prompt, std::wstring_view line, std::size_t cursor,
                     int columns, int rows);

}  // namespace routerone::cli
