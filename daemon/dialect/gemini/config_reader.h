#pragma once

#include "daemon/dialect/gemini/fields.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// `generationConfig`: limits, sampling, the form of the answer, thinking.
void read_config(Element config, chat::Request&, Findings&);

}  // namespace routerone::dialect::gemini
