#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/refusal.h"

namespace routerone::dialect::gemini {

using Element = simdjson::dom::element;

/// Servers of this dialect read each field's name in two spellings, `mimeType` and `mime_type`, and
/// its SDKs mix them. All that reads a caller's fields goes by the first one.

std::string camel_case(std::string_view name);
/// A member by its name in the first spelling, in whichever it is given; nullopt if absent or null.
std::optional<Element> field(Element object, std::string_view name);
std::string_view text_field(Element object, std::string_view name);
bool flag_field(Element object, std::string_view name);

/// Numbers may come as strings.
std::optional<double> number_of(Element value);
std::optional<std::int64_t> whole_of(Element value);

/// Bytes may come in either alphabet of base64, padded or not; as all others write them.
std::string usual_base64(std::string_view text);

/// What came to light while a request was read, beside what it says.
struct Findings {
  std::vector<std::string> hints;     ///< For chat::Request::hints; each once.
  std::vector<std::string> own_only;  ///< For chat::Request::own_only.
  std::optional<Refusal> problem;     ///< The first one.

  void hint(std::string_view name);
  void only_here(std::string_view name) { own_only.emplace_back(name); }
  void wrong(std::string_view param, std::string_view what);
};

}  // namespace routerone::dialect::gemini
