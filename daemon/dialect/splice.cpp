#include "daemon/dialect/splice.h"

namespace routerone::dialect {

std::vector<std::string_view> splice(std::string_view body, std::span<const Splice> sorted) {
  std::vector<std::string_view> pieces;
  pieces.reserve(2 * sorted.size() + 1);
  const auto add = [&pieces](std::string_view piece) {
    if (!piece.empty()) pieces.push_back(piece);
  };
  std::size_t from = 0;
  for (const Splice& change : sorted) {
    add(body.substr(from, change.at - from));
    add(change.inserted);
    from = change.at + change.removed;
  }
  add(body.substr(from));
  return pieces;
}

}  // namespace routerone::dialect
