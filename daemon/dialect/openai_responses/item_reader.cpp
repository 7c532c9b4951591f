#include "daemon/dialect/openai_responses/item_reader.h"

#include <algorithm>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/openai_responses/content_reader.h"
#include "daemon/dialect/openai_responses/output_reader.h"
#include "daemon/dialect/openai_responses/tool_reader.h"

namespace routerone::dialect::openai_responses {
namespace {

bool has_text(const chat::Turn& turn) {
  return std::any_of(turn.parts.begin(), turn.parts.end(), [](const chat::Part& part) {
    return std::holds_alternative<chat::Text>(part);
  });
}

/// The member of a call's item that says what is to be done.
constexpr std::string_view action_names[] = {"action", "operation", "actions"};
constexpr std::string_view call_suffix = "_call";

}  // namespace

const ItemReader::Kind ItemReader::kinds[] = {
    {"message", &ItemReader::message},
    {"reasoning", &ItemReader::reasoning},
    {"function_call", &ItemReader::call},
    {"custom_tool_call", &ItemReader::call},
    {"local_shell_call", &ItemReader::action_call},
    {"shell_call", &ItemReader::action_call},
    {"apply_patch_call", &ItemReader::action_call},
    {"computer_call", &ItemReader::action_call},
    {"function_call_output", &ItemReader::output},
    {"custom_tool_call_output", &ItemReader::output},
    {"local_shell_call_output", &ItemReader::output},
    {"shell_call_output", &ItemReader::output},
    {"apply_patch_call_output", &ItemReader::output},
    {"computer_call_output", &ItemReader::output},
    {"additional_tools", &ItemReader::more_tools},
    {"tool_search_output", &ItemReader::more_tools},
    {"tool_search_call", &ItemReader::provider_item},
    {"web_search_call", &ItemReader::provider_item},
    {"file_search_call", &ItemReader::provider_item},
    {"code_interpreter_call", &ItemReader::provider_item},
    {"image_generation_call", &ItemReader::provider_item},
    {"mcp_list_tools", &ItemReader::provider_item},
    {"mcp_call", &ItemReader::provider_item},
    {"mcp_approval_request", &ItemReader::provider_item},
    {"mcp_approval_response", &ItemReader::provider_item},
    {"program", &ItemReader::provider_item},
    {"program_output", &ItemReader::provider_item},
    {"configuration_update", &ItemReader::provider_item},
    {"compaction", &ItemReader::provider_item},
    {"item_reference", &ItemReader::reference},
    {"compaction_trigger", &ItemReader::own_item},
};

void ItemReader::read(Element input) {
  std::string_view text;
  simdjson::dom::array items;
  if (input.get_string().get(text) == simdjson::SUCCESS) {
    out_.turns.emplace_back();
    out_.turns.back().parts.emplace_back(chat::Text{std::string(text), false, {}, {}});
    return;
  }
  if (input.get_array().get(items) != simdjson::SUCCESS) {
    return findings_.wrong("input", "must be a text or a list of items");
  }
  const std::size_t before = out_.turns.size();
  for (const Element item : items) {
    read_item(item);
    ++at_;
  }
  // Nobody else can read what was compacted; alone it would leave an empty conversation.
  if (compacted_ && out_.turns.size() == before) findings_.only_here("input");
}

void ItemReader::read_item(Element item) {
  std::string_view type = text_member(item, "type");
  if (type.empty()) type = "message";
  for (const Kind& kind : kinds) {
    if (kind.type == type) return (this->*kind.read)(item);
  }
  findings_.only_here(here("type"));
}

void ItemReader::message(Element item) {
  const std::string_view role = text_member(item, "role");
  const auto content = member(item, "content");
  std::vector<chat::Part> parts;
  if (content) parts = read_content(*content, here("content"), findings_);
  if (role == "assistant") {
    const std::string_view phase = text_member(item, "phase");
    chat::Turn* turn = &assistant_turn();
    if (has_text(*turn) && turn->phase != phase) {
      turn = &out_.turns.emplace_back();
      turn->role = chat::Role::assistant;
    }
    turn->phase = phase;
    std::move(parts.begin(), parts.end(), std::back_inserter(turn->parts));
    return;
  }
  chat::Turn turn;
  turn.developer = role == "developer";
  if (turn.developer || role == "system") {
    turn.role = chat::Role::system;
  } else if (role != "user") {
    return findings_.wrong(here("role"), "must be user, assistant, system or developer");
  }
  turn.parts = std::move(parts);
  out_.turns.push_back(std::move(turn));
}

void ItemReader::reasoning(Element item) {
  auto thinking = read_reasoning(item);
  if (thinking) assistant_turn().parts.emplace_back(std::move(*thinking));
}

void ItemReader::call(Element item) {
  chat::ToolCall call = read_call(item);
  if (call.name.empty()) return findings_.wrong(here("name"), "is required");
  assistant_turn().parts.emplace_back(std::move(call));
}

/// A call of a tool that the provider defines and the caller carries out: to others it looks like
/// any function, called with what is to be done.
void ItemReader::action_call(Element item) {
  const std::string_view type = text_member(item, "type");
  chat::ToolCall call = read_call(item);
  call.freeform = false;
  call.name = type.substr(0, type.size() - call_suffix.size());
  call.arguments = "{}";
  for (const std::string_view name : action_names) {
    if (const auto action = member(item, name)) call.arguments = json_text(*action);
  }
  assistant_turn().parts.emplace_back(std::move(call));
}

void ItemReader::output(Element item) {
  const std::string_view type = text_member(item, "type");
  chat::ToolResult result;
  result.freeform = type == "custom_tool_call_output";
  result.call_id = text_member(item, "call_id");
  if (result.call_id.empty()) result.call_id = text_member(item, "id");
  const auto said = member(item, "output");
  const bool has_parts = type == "function_call_output" || type == "custom_tool_call_output";
  const bool is_content = said && (said->is_string() || type == "computer_call_output" ||
                                   (has_parts && said->is_array()));
  if (is_content) {
    result.content = read_content(*said, here("output"), findings_);
  } else if (said) {
    result.content.emplace_back(chat::Text{json_text(*said), false, {}, {}});
  }
  add_result(std::move(result));
}

void ItemReader::add_result(chat::ToolResult result) {
  const bool goes_on = !out_.turns.empty() && out_.turns.back().role == chat::Role::user &&
                       !out_.turns.back().parts.empty() &&
                       std::holds_alternative<chat::ToolResult>(out_.turns.back().parts.back());
  if (!goes_on) out_.turns.emplace_back();
  out_.turns.back().parts.emplace_back(std::move(result));
}

void ItemReader::more_tools(Element item) {
  const auto tools = member(item, "tools");
  if (tools) read_tools(*tools, here("tools"), out_, findings_);
}

void ItemReader::provider_item(Element item) {
  const std::string_view type = text_member(item, "type");
  compacted_ = compacted_ || type == "compaction";
  findings_.hint(type);
}

/// Only the provider that kept the item knows what it says.
void ItemReader::reference(Element) {
  findings_.wrong(here("type"),
                  "refers to an item that another provider keeps: send the items themselves, and "
                  "ask with \"store\": false");
}

void ItemReader::own_item(Element) { findings_.only_here(here("type")); }

chat::Turn& ItemReader::assistant_turn() {
  if (out_.turns.empty() || out_.turns.back().role != chat::Role::assistant) {
    out_.turns.emplace_back().role = chat::Role::assistant;
  }
  return out_.turns.back();
}

std::string ItemReader::here(std::string_view name) const {
  return "input[" + std::to_string(at_) + "]." + std::string(name);
}

}  // namespace routerone::dialect::openai_responses
