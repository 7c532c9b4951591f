#pragma once

#include <string>
#include <vector>

#include "daemon/dialect/effort.h"
#include "daemon/dialect/json_out.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::gemini {

/// Writes `generationConfig`, if there is anything to say. `format`: as it is to be asked for; it
/// may differ from the request's. What is left out is added to `dropped`.
void write_config(JsonOut&, const chat::Request&, const chat::Format& format, const Target&,
                  const GeminiFamily&, std::vector<std::string>& dropped);

}  // namespace routerone::dialect::gemini
