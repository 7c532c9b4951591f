#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace routerone::cli {

/// Lines that were typed, in a file of mode 0600, one a line, oldest first. Several programs may
/// add to it at once. A file that cannot be read or written is no reason to stop: then what was
/// typed is forgotten.
class LineHistory {
 public:
  static constexpr std::size_t most = 1'000;            ///< So many are known.
  static constexpr std::size_t longest_line = 4 << 10;  ///< Longer ones are not kept.

  /// Reads what is there; shortens the file once it holds twice as many as are known.
  explicit LineHistory(std::filesystem::path file);

  const std::vector<std::string>& lines() const { return lines_; }
  /// False if it was not kept: it is empty, too long, or the line before it.
  bool add(const std::string& line);

 private:
  std::filesystem::path file_;
  std::vector<std::string> lines_;
};

}  // namespace routerone::cli
