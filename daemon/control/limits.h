#pragma once

#include <optional>

#include "common/control/wishes.h"
#include "common/core/result.h"
#include "common/json/json.h"
#include "daemon/control/nouns.h"
#include "daemon/exchange/control_data.h"

namespace routerone::control {

/// Lays what was said over a spend limit; what was not said stays. invalid, with the option at
/// fault: what cannot be enforced is refused here, not found out later.
Status apply_spend(std::optional<SpendLimit>&, const SpendWish&);

/// The same for all limits of a key or a project.
Status apply_limits(Limits&, const LimitsWish&, const ControlData&, const Services&);

/// Can a spend limit be held with the models that these limits let through? invalid if none of
/// them has a known price; a warning for each kind of them that will be refused for want of one.
Result<Strings> check_prices(const Limits&, const ControlData&, Desk);

/// The limits among the fields of their key or project, named as the options that set them.
void add_limits(Json& out, const Limits&);
/// `{usd, every, rolling, timezone, warn_percent}`; null: no limit.
Json spend_limit_view(const std::optional<SpendLimit>&);

}  // namespace routerone::control
