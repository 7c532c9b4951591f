#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "common/json/json.h"
#include "daemon/routing/health.h"

namespace routerone::control {

/// The health of one target in words, as `--json` prints it.
///
/// `state`: `ok`; `cooling`, left alone because its provider asked for it; `open`, left alone
/// because it failed; `half-open`, to be tried again. `since`, `why` (a failure class) and
/// `next_probe` are null where it is ok.
Json health_json(const routing::HealthView&, const Clock&);

using TargetHealth = std::vector<std::pair<std::string, routing::HealthView>>;

/// Each of them, with the `credential` (null: the first) and `model` that its name is made of.
Json targets_json(const TargetHealth&, std::string_view provider, const Clock&);

/// The worst of them, with `targets`, how many there are, and `affected`, how many of them are not
/// ok. null: none was ever asked.
Json worst_json(const TargetHealth&, const Clock&);

}  // namespace routerone::control
