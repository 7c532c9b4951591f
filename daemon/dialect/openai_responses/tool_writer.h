#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/tool_names.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// A list of tools, those of one namespace together where they stand together. `names` spells them
/// for a provider; null: as the caller named them. Hosted tools of other dialects are left out.
void write_tools(JsonOut&, const std::vector<chat::Tool>&, const ToolNames* names);

/// The tool that a choice names; its namespace may be left out there. Null: there is none.
const chat::Tool* find_tool(const std::vector<chat::Tool>&, std::string_view group,
                            std::string_view name);

/// What a choice comes to, `auto` included. `tools` tell which of them take bare text.
void write_tool_choice(JsonOut&, const chat::ToolChoice&, const std::vector<chat::Tool>& tools,
                       const ToolNames* names);

/// A schema whose root says that it is an object and which properties it has, if none: the provider
/// refuses others.
chat::JsonText object_schema(const chat::JsonText& schema);

}  // namespace routerone::dialect::openai_responses
