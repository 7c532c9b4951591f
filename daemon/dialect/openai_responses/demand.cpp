#include "daemon/dialect/openai_responses/demand.h"

#include <algorithm>
#include <array>

#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/openai_parts.h"
#include "daemon/dialect/survey.h"

namespace routerone::dialect::openai_responses {
namespace {

enum Member : std::size_t {
  input,
  tools,
  max_output_tokens,
  max_tool_calls,
  reasoning,
  background,
  service_tier,
  context_management,
  first_reference
};

/// What came before, or a template: only the provider has it.
constexpr std::array<std::string_view, 3> references = {"previous_response_id", "conversation",
                                                        "prompt"};
/// Each lets the provider search, or choose another model, as it likes.
constexpr std::array<std::string_view, 4> unbounded = {"models", "plugins", "preset",
                                                       "search_parameters"};
constexpr std::size_t first_unbounded = first_reference + references.size();

constexpr auto names = [] {
  std::array<std::string_view, first_unbounded + unbounded.size()> all = {
      "input",     "tools",      "max_output_tokens", "max_tool_calls",
      "reasoning", "background", "service_tier",      "context_management"};
  std::copy(references.begin(), references.end(), all.begin() + first_reference);
  std::copy(unbounded.begin(), unbounded.end(), all.begin() + first_unbounded);
  return all;
}();
using Members = std::array<Picked, names.size()>;

/// Items that are all there: text, and calls that the caller answers.
constexpr std::array<std::string_view, 19> text_items = {"function_call",
                                                         "custom_tool_call",
                                                         "reasoning",
                                                         "compaction",
                                                         "compaction_trigger",
                                                         "configuration_update",
                                                         "local_shell_call",
                                                         "local_shell_call_output",
                                                         "shell_call",
                                                         "shell_call_output",
                                                         "apply_patch_call",
                                                         "apply_patch_call_output",
                                                         "computer_call",
                                                         "tool_search_call",
                                                         "tool_search_output",
                                                         "mcp_list_tools",
                                                         "mcp_call",
                                                         "mcp_approval_request",
                                                         "mcp_approval_response"};

constexpr std::array<std::string_view, 3> outputs = {
    "function_call_output", "custom_tool_call_output", "computer_call_output"};

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

void take_item(std::string_view item, DemandMaker& maker) {
  enum : std::size_t { type, content, output, item_tools, result };
  static constexpr std::array<std::string_view, 5> wanted = {"type", "content", "output", "tools",
                                                             "result"};
  if (!item.starts_with('{')) return;
  const auto inside = maker.members(item, wanted);
  const std::string word = word_of(inside[type]);
  if (word.empty() || word == "message") {
    take_openai_content(inside[content].value, maker);
  } else if (is_one_of(word, outputs)) {
    take_openai_content(inside[output].value, maker);
  } else if (word == "additional_tools") {
    take_openai_tools(inside[item_tools].value, std::nullopt, maker);
  } else if (word == "image_generation_call" && says_something(inside[result])) {
    maker.image(inside[result].value, false);
  } else if (word.starts_with("input_")) {
    take_openai_part(item, maker);
  } else if (!is_one_of(word, text_items)) {
    maker.refer("input");
  }
}

void take_settings(const Members& top, DemandMaker& maker) {
  Demand& demand = maker.demand;
  demand.output_cap = above_zero(maker.count(top[max_output_tokens], "max_output_tokens"));
  demand.background = says_something(top[background]);
  demand.service_tier = tier_word(word_of(top[service_tier]));
  for (std::size_t i = 0; i < references.size(); ++i) {
    if (says_something(top[first_reference + i])) maker.refer(references[i]);
  }
  for (std::size_t i = 0; i < unbounded.size(); ++i) {
    const Picked& field = top[first_unbounded + i];
    const bool searches = unbounded[i].find("search") != std::string_view::npos;
    if (searches ? is_given(field) : says_something(field)) maker.unbounded(unbounded[i]);
  }
  // To compact the conversation it is read once more.
  if (says_something(top[context_management])) maker.server_tool(1, 0);
}

/// A mode other than the plain one works the request over in passes that nobody tells of.
void take_reasoning(const Picked& value, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 2> wanted = {"mode", "max_tokens"};
  const auto inside = maker.members(value.value, wanted);
  const std::string mode = word_of(inside[0]);
  const bool plain = mode.empty() || mode == "standard" || mode == "default";
  if (!plain) maker.refer("reasoning.mode");
  maker.demand.thinking_budget = maker.count(inside[1], "reasoning.max_tokens").value_or(0);
}

}  // namespace

tl::expected<Demand, Refusal> measure(std::string_view body) {
  const auto [top, more] = survey(body, names);
  DemandMaker maker(body);
  maker.refuse_doubtful(names, top);
  take_settings(top, maker);
  take_reasoning(top[reasoning], maker);
  if (more[input]) {
    for_each_element(top[input].value, [&maker](std::string_view item) { take_item(item, maker); });
  }
  if (more[tools]) {
    const auto most_calls = maker.count(top[max_tool_calls], "max_tool_calls");
    take_openai_tools(top[tools].value, most_calls, maker);
  }
  return std::move(maker).done();
}

}  // namespace routerone::dialect::openai_responses
