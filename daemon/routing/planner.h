#pragma once

#include <map>
#include <string>

#include "daemon/routing/contenders.h"
#include "daemon/routing/course.h"
#include "daemon/routing/model_table.h"

namespace routerone::routing {

/// How good the user thinks models are, by canonical id.
using Qualities = std::map<std::string, double, std::less<>>;

/// Puts those who may serve in order, by what is known of them now. The field has a contender.
Planned plan_among(Field, const Course&, const ModelTable::Wish&, const Qualities&);

}  // namespace routerone::routing
