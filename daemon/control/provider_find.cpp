#include "daemon/control/provider_find.h"

#include <fmt/format.h>

#include <vector>

#include "common/core/text.h"
#include "daemon/control/words.h"

namespace routerone::control {

const routing::BuiltIn* find_built_in(const std::string& id, Desk desk) {
  for (const auto& built_in : desk.services.built_in)
    if (built_in.record.id == id) return &built_in;
  return nullptr;
}

tl::unexpected<Error> no_such_provider(const std::string& id, const ControlData& data, Desk desk) {
  std::vector<std::string> ids;
  for (const ProviderRecord& provider : data.providers) ids.push_back(provider.id);
  const bool known = desk.state.catalog().provider(id) != nullptr;
  return fail(ErrorKind::not_found,
              fmt::format("no provider \"{}\" has been added", printable(id, 64)),
              known ? fmt::format("routerone providers add {}", id)
                    : suggestion(id, ids, "routerone providers list"));
}

Status refuse_built_in(const std::string& id, Desk desk) {
  if (!find_built_in(id, desk)) return {};
  return fail(ErrorKind::invalid, fmt::format("{} is built in and stays as it is", id),
              "choose another id for a provider of your own");
}

}  // namespace routerone::control
