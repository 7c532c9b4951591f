#pragma once

#include <span>
#include <string>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::gemini {

/// The list in this dialect's shape, all on one page; a model's name is what its paths say.
std::string write_models(std::span<const ListedModel>);
std::string write_model(const ListedModel&);

}  // namespace routerone::dialect::gemini
