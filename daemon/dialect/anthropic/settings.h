#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/effort.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::anthropic {

/// What the model behind a target takes. Models that are no Claude, behind servers that speak this
/// dialect, think by budgets and know nothing of what came later.
ClaudeFamily family_of(const Target&);

/// How the settings of a request are said to one model: limits, thinking, sampling. What it would
/// refuse is left out and named. Rule: MAPPING, reasoning effort and limits.
struct Settings {
  enum class Thinking { unsaid, adaptive, enabled, disabled };

  std::int64_t max_tokens = 0;
  Thinking thinking = Thinking::unsaid;
  std::int64_t budget = 0;   ///< Of enabled thinking.
  std::string_view display;  ///< `summarized`, `omitted`; empty: unsaid.
  std::string_view effort;   ///< Empty: unsaid.
  std::optional<double> temperature, top_p;
  std::optional<std::int64_t> top_k;
  std::vector<std::string> dropped;
};

Settings settle_settings(const chat::Request&, const Target&, const ClaudeFamily&);

/// The caller wants a call whatever the model thinks.
bool forces_call(const chat::ToolChoice&);

}  // namespace routerone::dialect::anthropic
