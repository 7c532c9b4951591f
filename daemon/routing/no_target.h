#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/decision.h"
#include "daemon/exchange/refusal.h"
#include "daemon/routing/allowance.h"
#include "daemon/routing/contenders.h"
#include "daemon/routing/model_table.h"
#include "daemon/routing/name_table.h"

namespace routerone::routing {

/// Why a name leads nowhere, and what would mend it.
Refusal explain_missing(const NameTable&, std::string_view name, const Allowance&,
                        const std::vector<std::string>& lists);

/// Why nobody of those that a name leads to may serve this request.
Refusal explain_no_target(const std::vector<Step>& steps, const std::vector<Exclusion>&,
                          const ModelTable::Wish&, const Allowance&);

/// A reason of a decision's exclusions as a person reads it: `it cannot call tools`.
std::string_view reason_in_words(std::string_view reason);

}  // namespace routerone::routing
