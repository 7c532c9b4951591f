#pragma once

#include <simdjson.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/money.h"
#include "daemon/dialect/number_spelling.h"

namespace routerone::dialect {

/// A small JSON text made a validated tree: usage objects, error bodies, single events. Its parser
/// is one of a few that a thread keeps, so that streams at rest hold no scratch memory and a tree
/// costs no allocation. A value that is only odd (mended_json) is no reason to lose it.
class Dom {
 public:
  /// `json` outlives it.
  explicit Dom(std::string_view json);
  ~Dom();
  Dom(const Dom&) = delete;
  Dom& operator=(const Dom&) = delete;

  bool ok() const { return ok_; }
  /// Null unless ok().
  simdjson::dom::element root() const { return root_; }

  /// How a number of a tree that is alive on this thread was written; empty: as it is printed.
  static std::string_view spelling_of(simdjson::dom::element number);

 private:
  std::string_view json_;
  mutable std::optional<NumberSpellings> spellings_;  ///< Once somebody has asked.
  Dom* before_;                                       ///< The tree made before this one.
  std::unique_ptr<simdjson::dom::parser> parser_;
  simdjson::dom::element root_;
  bool ok_ = false;
};

/// A member of an object, however deep `value` failed to be one; nullopt if absent or null.
std::optional<simdjson::dom::element> member(simdjson::dom::element value, std::string_view name);
/// A member that is a string; empty otherwise.
std::string_view text_member(simdjson::dom::element value, std::string_view name);

/// A service tier as we keep it: of a closed list, else `other`, because it goes into the trace.
std::string tier_word(std::string_view said);
/// The service tier that a usage object or what stands around it names.
std::string tier_member(simdjson::dom::element value);

/// A count of tokens, kept within [0, 2^53) so that no provider can credit a budget; nullopt if it
/// is absent, null or not a number.
std::optional<std::int64_t> count_member(simdjson::dom::element value, std::string_view name);

/// USD as a JSON number; nullopt unless above 0.
std::optional<Money> usd_member(simdjson::dom::element value, std::string_view name);

/// What `read` makes of a text that is a JSON object; of any other: nothing.
template <class Read>
auto read_object(std::string_view json, Read read) -> decltype(read(simdjson::dom::element())) {
  const Dom document(json);
  if (!document.ok() || !document.root().is_object()) return {};
  return read(document.root());
}

}  // namespace routerone::dialect
