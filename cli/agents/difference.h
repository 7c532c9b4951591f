#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace routerone::cli {

/// One line of a unified difference, without its line end.
struct DiffLine {
  enum class Kind { place, same, added, removed };  ///< place: `@@ -1,3 +1,4 @@`
  Kind kind;
  std::string text;  ///< With the mark before it: ` `, `+`, `-`.
};

/// What turns `before` into `after`, with three lines around each change; empty if nothing does. A
/// missing line end at a text's end is said as `diff -u` says it.
std::vector<DiffLine> difference(std::string_view before, std::string_view after);

}  // namespace routerone::cli
