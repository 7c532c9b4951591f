#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

namespace routerone::dialect {

/// Why a text is not the JSON object it should be.
struct JsonProblem {
  std::size_t at = 0;  ///< Byte offset.
  std::string_view what;
};

/// A top-level member that was asked for.
struct Picked {
  std::string_view value;  ///< As it stands in the text; if given more than once, the last.
  unsigned times = 0;      ///< How often the name occurs, compared after unescaping.
  bool respelled = false;  ///< Another member differs only in case: some readers take it for this.

  bool there() const { return times != 0; }
  std::size_t at(std::string_view text) const {
    return static_cast<std::size_t>(value.data() - text.data());
  }
};

/// Counts a member that was met, if it is one of `names`. `raw_name`: as it stands between its
/// quotes; compared after unescaping.
void note_member(std::string_view raw_name, std::string_view value,
                 std::span<const std::string_view> names, std::span<Picked> picked);

/// One pass over JSON text that is not ours, without building anything. It checks the whole
/// grammar, so that every string's end and every nesting is certain, depth at most 512; what it
/// leaves to others is only whether the bytes inside strings are UTF-8. Own scanner rather than
/// simdjson's: that one needs padding behind the text and four bytes of index for each of its
/// bytes, and does not check what it skips.
class JsonScan {
 public:
  static constexpr std::size_t max_depth = 512;

  explicit JsonScan(std::string_view text);

  /// The text must be one object and nothing else but white space.
  std::optional<JsonProblem> members(std::span<const std::string_view> names,
                                     std::span<Picked> picked);
  /// The value that starts here; what follows it is not looked at.
  std::optional<std::string_view> value_here();
  /// The same of an object, with the members that are asked for.
  std::optional<std::string_view> object_here(std::span<const std::string_view> names,
                                              std::span<Picked> picked);

 private:
  bool object(std::span<const std::string_view> names, std::span<Picked> picked);
  bool value();
  bool enter(bool& opened);
  bool leave();
  bool key();
  bool string();
  bool escape();
  bool number();
  bool digits();
  bool literal(std::string_view word);
  void space();
  bool at(char c) const { return p_ != end_ && *p_ == c; }
  bool fail(std::string_view what);

  const char* begin_;
  const char* p_;
  const char* end_;
  std::size_t depth_ = 0;
  std::bitset<max_depth> is_object_;
  std::string_view name_;  ///< The inside of the name read last.
  std::string_view what_;
};

/// The members of these names; an absent one has `times` 0.
template <std::size_t n>
tl::expected<std::array<Picked, n>, JsonProblem> pick(
    std::string_view object, const std::array<std::string_view, n>& names) {
  std::array<Picked, n> picked{};
  if (auto problem = JsonScan(object).members(names, picked)) return tl::unexpected(*problem);
  return picked;
}

}  // namespace routerone::dialect
