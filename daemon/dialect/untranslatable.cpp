#include "daemon/dialect/untranslatable.h"

#include <string>

namespace routerone::dialect {

Refusal untranslatable(std::string_view param, const Target& target, std::string_view why) {
  Refusal out;
  out.kind = RefusalKind::bad_request;
  out.param = param;
  out.message = "'" + out.param + "' cannot be translated for upstream model \"" +
                target.name->upstream_model + "\": " + std::string(why);
  return out;
}

std::optional<Refusal> refuse_own_only(const chat::Request& request, const Target& target) {
  if (request.own_only.empty()) return std::nullopt;
  return untranslatable(request.own_only.front(), target, "its API has nothing like it");
}

Refusal malformed(std::string_view param, std::string_view what) {
  Refusal out;
  out.kind = RefusalKind::bad_request;
  out.param = param;
  out.message = "'" + out.param + "' " + std::string(what);
  return out;
}

}  // namespace routerone::dialect
