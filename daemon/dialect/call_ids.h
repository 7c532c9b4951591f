#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace routerone::dialect {

/// The ids of one answer's calls, as its reader tells them: every call has one and no two calls
/// have the same, because a caller finds a result's call by it. Calls are given theirs in the order
/// in which they begin, so that the same answer has the same ids, whole or as a stream.
class CallIds {
 public:
  /// `said`: the provider's; it stays as it is where no call has it yet, else `_2` and so on
  /// follows it. Empty: one made of `base`, which tells the answer, and of the call's number.
  std::string give(std::string_view said, std::string_view base);

 private:
  /// By id, or by its digest where it is long: the last number that was put behind it.
  std::map<std::string, std::size_t> taken_;
  std::size_t calls_ = 0;
};

}  // namespace routerone::dialect
