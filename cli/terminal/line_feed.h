#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/shown.h"

namespace routerone::cli {

/// Lines that come from elsewhere, faster than a terminal may show them: the latest are kept, and
/// how many were not is counted, so that nothing grows.
class LineQueue {
 public:
  explicit LineQueue(std::size_t most) : most_(most) {}

  /// A part of the text, cut anywhere. A line longer than `longest_line` is dropped.
  void feed(std::string_view bytes);
  bool empty() const { return lines_.empty() && skipped_ == 0; }

  struct Taken {
    std::size_t skipped = 0;  ///< Before the first of these.
    std::vector<std::string> lines;
  };
  Taken take(std::size_t most);

  static constexpr std::size_t longest_line = 1 << 20;

 private:
  void push(std::string line);

  std::size_t most_;
  std::size_t skipped_ = 0;
  std::deque<std::string> lines_;
  std::string begun_;
};

/// What has lines to show above the line that is being edited.
class LineFeed {
 public:
  virtual ~LineFeed() = default;
  /// Can be read when there are lines; -1: there is nothing to wait for.
  virtual int descriptor() const = 0;
  /// Has lines already, whatever the descriptor says.
  virtual bool waiting() const = 0;
  /// The next lines, as they are to stand on a terminal of that width; reads the descriptor without
  /// waiting. At most `most`, and one more for what was skipped.
  virtual std::vector<Shown> take(std::size_t most, int columns) = 0;
};

}  // namespace routerone::cli
