#pragma once

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// `anthropic`: Messages and its token count.
const Dialect& anthropic_dialect();

}  // namespace routerone::dialect
