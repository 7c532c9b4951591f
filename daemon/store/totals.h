#pragma once

#include <map>
#include <string>

#include "common/core/money.h"

namespace routerone::store {

/// Money a scope (`wallet`, `project:NAME`, `key:ID`).
using Totals = std::map<std::string, Money>;

/// The new total.
inline Money add_to(Totals& totals, const std::string& scope, Money amount) {
  return totals[scope] += amount;
}

}  // namespace routerone::store
