#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/json_scan.h"
#include "daemon/exchange/demand.h"
#include "daemon/exchange/refusal.h"

namespace routerone::dialect {

/// Gathers a Demand while a dialect walks a body that JsonScan has accepted. Starts with the whole
/// body as text; recognised media is taken out of that. The first thing that must be refused stays
/// the refusal; walking on does no harm.
class DemandMaker {
 public:
  explicit DemandMaker(std::string_view body);

  /// The members of these names; all absent if `object` is none. Refuses a name that is given twice
  /// or also in another case: readers differ in which one they take.
  template <std::size_t n>
  std::array<Picked, n> members(std::string_view object,
                                const std::array<std::string_view, n>& names) {
    std::array<Picked, n> picked{};
    if (!object.starts_with('{')) return picked;
    if (auto found = pick(object, names)) picked = *found;
    refuse_doubtful(names, picked);
    return picked;
  }
  void refuse_doubtful(std::span<const std::string_view> names, std::span<const Picked>);
  void refuse(std::string message, std::string_view param);

  /// The rest is only known to the provider: the first such field is named.
  void refer(std::string_view field);
  /// `word`: ours, or a caller's.
  void unbounded(std::string_view word);
  /// A server tool that may be used so often, each time bringing so many tokens.
  void server_tool(std::int64_t uses, std::int64_t results);

  /// An image, by a URL that has it inside or points elsewhere; any JSON value. `field` names it.
  void image_url(std::string_view value, bool low_detail, std::string_view field);
  /// Media as JSON strings of base64.
  void image(std::string_view value, bool low_detail);
  void audio(std::string_view value);
  /// A file: base64, or a data URL of it.
  void file(std::string_view value, std::string_view field);

  /// A whole number of at least 0; absent, null: nullopt. Anything else is refused.
  std::optional<std::int64_t> count(const Picked&, std::string_view name);

  tl::expected<Demand, Refusal> done() &&;

  Demand demand;

 private:
  void take_out(std::string_view value);
  std::optional<Refusal> refusal_;
};

/// Is the member there, with a value that says something: not null, false, nor an empty container?
bool says_something(const Picked&);
/// It is there and neither null nor false: an empty object switches some things on.
bool is_given(const Picked&);
/// A cap of nothing is none to many readers.
inline std::optional<std::int64_t> above_zero(std::optional<std::int64_t> cap) {
  return cap && *cap > 0 ? cap : std::nullopt;
}
/// A string's text; empty if it is none.
std::string word_of(const Picked&);

/// Each element of an array as it stands; of anything else: none.
template <class Take>
void for_each_element(std::string_view array, Take take) {
  constexpr std::string_view space = " \t\r\n";
  if (!array.starts_with('[')) return;
  array.remove_prefix(1);
  for (;;) {
    const std::size_t start = array.find_first_not_of(space);
    if (start == std::string_view::npos || array[start] == ']') return;
    array.remove_prefix(start);
    const auto element = JsonScan(array).value_here();
    if (!element) return;
    take(*element);
    array.remove_prefix(element->size());
    const std::size_t next = array.find_first_not_of(space);
    if (next == std::string_view::npos || array[next] != ',') return;
    array.remove_prefix(next + 1);
  }
}

}  // namespace routerone::dialect
