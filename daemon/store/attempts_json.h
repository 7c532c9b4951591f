#pragma once

#include <string>
#include <vector>

#include "daemon/exchange/attempt.h"

namespace routerone::store {

/// A request's attempts as its row keeps them. A row is written for each request: this is mostly
/// copying.
std::string attempts_text(const std::vector<Attempt>&);

/// What is not as it was written is left out.
std::vector<Attempt> attempts_of(const std::string& text);

}  // namespace routerone::store
