#pragma once

#include "common/json/json_fwd.h"
#include "daemon/exchange/control_data.h"

namespace routerone::store {

class JsonFields;

Json provider_to_json(const ProviderRecord&);
void read_provider(JsonFields, ProviderRecord&);

}  // namespace routerone::store
