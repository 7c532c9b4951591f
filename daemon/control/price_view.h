#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/catalog/price.h"
#include "common/json/json.h"
#include "daemon/control/nouns.h"

namespace routerone::control {

/// A posted price as `models` prints it: USD per million tokens (searches and requests: per
/// thousand, images: each) as decimal strings. Null: unknown.
Json price_view(const catalog::Price*);

/// The user's own price of a model; nullopt if there is none or it can no longer be read.
std::optional<catalog::Price> own_price(const std::string& model, const ControlData&);

/// What a model costs here: by the user's own price, a built-in provider's, or the first posted one
/// of `providers` (empty: of any).
struct Priced {
  Json price;  ///< Null: unknown.
  const char* source = "unknown";
};
Priced price_of(const std::string& model, const std::vector<std::string>& providers,
                const ControlData&, Desk);

}  // namespace routerone::control
