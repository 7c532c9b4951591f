#pragma once

#include <string_view>

#include "daemon/exchange/trace_row.h"

namespace routerone::store {

/// The words that stand in the database and in JSON for the closed lists of a trace. An unknown
/// word (of a later version, or a damaged row) reads as the list's first entry.
std::string_view to_word(UsageSource);  ///< none upstream estimate
std::string_view to_word(PriceSource);  ///< unknown catalog override upstream

UsageSource usage_source_of(std::string_view);
PriceSource price_source_of(std::string_view);
FinalState final_state_of(std::string_view);
Route route_of(std::string_view);
FailureClass failure_class_of(std::string_view);

}  // namespace routerone::store
