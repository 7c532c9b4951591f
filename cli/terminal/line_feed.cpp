#include "cli/terminal/line_feed.h"

#include <algorithm>
#include <utility>

namespace routerone::cli {

void LineQueue::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    begun_ += bytes.substr(0, end);
    if (begun_.size() > longest_line) begun_.resize(longest_line + 1);
    if (end == bytes.npos) return;
    push(std::exchange(begun_, {}));
    bytes.remove_prefix(end + 1);
  }
}

void LineQueue::push(std::string line) {
  const bool too_long = line.size() > longest_line;
  if (!too_long) lines_.push_back(std::move(line));
  if (too_long || lines_.size() > most_) ++skipped_;
  if (lines_.size() > most_) lines_.pop_front();
}

LineQueue::Taken LineQueue::take(std::size_t most) {
  Taken taken;
  taken.skipped = std::exchange(skipped_, 0);
  const auto end = lines_.begin() + static_cast<std::ptrdiff_t>(std::min(most, lines_.size()));
  taken.lines.assign(std::move_iterator(lines_.begin()), std::move_iterator(end));
  lines_.erase(lines_.begin(), end);
  return taken;
}

}  // namespace routerone::cli
