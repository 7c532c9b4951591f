#include "daemon/dialect/anthropic/session.h"

#include <array>
#include <optional>

#include "daemon/dialect/json_scan.h"
#include "daemon/dialect/json_value.h"

namespace routerone::dialect::anthropic {
namespace {

std::optional<std::string> text_of(std::string_view object, std::string_view name) {
  const std::array<std::string_view, 1> names = {name};
  const auto members = pick(object, names);
  return members ? as_string((*members)[0].value) : std::nullopt;
}

}  // namespace

std::string session_of_metadata(std::string_view metadata) {
  const std::string user = text_of(metadata, "user_id").value_or("");
  if (user.starts_with('{')) return text_of(user, "session_id").value_or("");
  static constexpr std::string_view mark = "_session_";
  const std::size_t at = user.rfind(mark);
  return at == std::string::npos ? std::string() : user.substr(at + mark.size());
}

}  // namespace routerone::dialect::anthropic
