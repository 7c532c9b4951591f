#include "daemon/control/router.h"

#include "common/core/text.h"

namespace routerone::control {

Result<Json> Router::handle(std::string_view path, const Json& body) const {
  const auto found = handlers_.find(path);
  if (found == handlers_.end())
    return fail(ErrorKind::not_found, "the daemon knows no call " + printable(path, 64),
                "routerone restart");
  return found->second(body);
}

Result<Page> Router::read(std::string_view path) const {
  const auto found = pages_.find(path);
  if (found == pages_.end())
    return fail(ErrorKind::not_found, "there is no page " + printable(path, 64));
  return found->second();
}

}  // namespace routerone::control
