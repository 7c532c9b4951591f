#include "daemon/http/fields.h"

#include "common/core/text.h"

namespace routerone::http {

std::optional<std::string_view> find(Fields fields, std::string_view name) {
  for (const Field& field : fields) {
    if (iequals(field.name, name)) return field.value;
  }
  return std::nullopt;
}

}  // namespace routerone::http
