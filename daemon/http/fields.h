#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace routerone::http {

/// One header field. Views into the connection's buffer: valid as long as its message.
struct Field {
  std::string_view name;
  std::string_view value;  ///< Without surrounding white space.
};

using Fields = std::span<const Field>;

/// The first field of that name (case is ignored), or nullopt.
std::optional<std::string_view> find(Fields, std::string_view name);

}  // namespace routerone::http
