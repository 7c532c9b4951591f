#pragma once

#include "daemon/dialect/translation.h"

namespace routerone::dialect::gemini {

const Translation& content_translation();

}  // namespace routerone::dialect::gemini
