#include "daemon/listener/query.h"

#include "common/core/text.h"

namespace routerone {

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  for (const std::string_view pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return equals == pair.npos ? std::string() : percent_decoded(pair.substr(equals + 1));
  }
  return std::nullopt;
}

}  // namespace routerone
