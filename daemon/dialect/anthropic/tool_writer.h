#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/dialect/anthropic/block_writer.h"
#include "daemon/dialect/effort.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"
#include "daemon/exchange/target.h"

namespace routerone::dialect::anthropic {

/// The tools of a request and which of them may be called, as one model takes them.
struct ToolPlan {
  std::vector<chat::Tool> tools;  ///< Functions, freeform ones and this dialect's own.
  chat::ToolChoice choice;
  std::string order;  ///< Said in words where the model takes no forced choice; else empty.
  std::vector<std::string> dropped;
};

/// Tools of other providers are dropped where they only help to search; without others the answer
/// would be another one. Calls of the past need their tools, too.
tl::expected<ToolPlan, Refusal> plan_tools(const chat::Request&, const Target&,
                                           const ClaudeFamily&);

/// `tools` and `tool_choice`, as members; nothing without tools. Names what is left out of them.
void write_tools(JsonOut&, ToolPlan&, const ToolNames&, CacheMarks&);

}  // namespace routerone::dialect::anthropic
