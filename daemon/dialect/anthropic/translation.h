#pragma once

#include "daemon/dialect/translation.h"

namespace routerone::dialect::anthropic {

/// Messages to and from the neutral types. Lives as long as the program; stateless.
const Translation& message_translation();

}  // namespace routerone::dialect::anthropic
