#pragma once

#include <array>
#include <span>
#include <string_view>

#include "daemon/dialect/json_scan.h"

namespace routerone::dialect {

/// One pass over a body that JsonScan has accepted: picks members of the outermost object, as
/// pick() does, and tells in which of them anything could be more than text. It builds nothing.
///
/// It goes by what is known to be text, not by what is known to be media: a `type` that is not on
/// the list of text, a name that media or references go by, or a spelling that would have to be
/// undone before one could tell, and the member is worth a closer look.
class Survey {
 public:
  /// `more`: for each of `names`, is there more in its value than text?
  void read(std::string_view body, std::span<const std::string_view> names,
            std::span<Picked> picked, std::span<bool> more);

 private:
  void take_string();
  void take_name(std::string_view name);
  void end_member(std::span<const std::string_view> names, std::span<Picked> picked,
                  std::span<bool> more);

  const char* p_ = nullptr;
  const char* end_ = nullptr;
  std::string_view name_;        ///< The outermost member under way.
  const char* value_ = nullptr;  ///< Where its value starts; null: none under way.
  bool type_is_next_ = false;    ///< The string to come is a `type`'s.
  std::size_t depth_ = 0;
  bool more_ = false;
};

template <std::size_t n>
struct Surveyed {
  std::array<Picked, n> top{};
  std::array<bool, n> more{};  ///< Than text.
};

template <std::size_t n>
Surveyed<n> survey(std::string_view body, const std::array<std::string_view, n>& names) {
  Surveyed<n> out;
  Survey().read(body, names, out.top, out.more);
  return out;
}

}  // namespace routerone::dialect
