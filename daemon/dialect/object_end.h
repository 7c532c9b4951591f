#pragma once

#include <cstddef>
#include <string_view>

namespace routerone::dialect {

/// Finds the end of a JSON object whose text comes in pieces, without keeping it. Does not check
/// what stands in it.
class ObjectEnd {
 public:
  void feed(std::string_view piece);
  /// All that came is one object from brace to brace, blanks around it aside.
  bool is_whole() const { return at_ == At::behind; }
  std::size_t bytes() const { return bytes_; }

 private:
  enum class At { before, inside, string, escape, behind, other };
  At next(char c);

  At at_ = At::before;
  std::size_t depth_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace routerone::dialect
