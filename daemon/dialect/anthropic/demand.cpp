#include "daemon/dialect/anthropic/demand.h"

#include <algorithm>
#include <array>

#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/survey.h"

namespace routerone::dialect::anthropic {
namespace {

enum Member : std::size_t {
  messages,
  system,
  tools,
  max_tokens,
  thinking,
  container,
  context_management,
  service_tier,
  speed,
  background,
  thread,
  first_unbounded
};

/// Each lets the provider use tools, or choose another model, as it likes.
constexpr std::array<std::string_view, 5> unbounded = {"mcp_servers", "fallbacks", "models",
                                                       "plugins", "preset"};

constexpr auto names = [] {
  std::array<std::string_view, first_unbounded + unbounded.size()> all = {
      "messages",           "system",       "tools", "max_tokens", "thinking", "container",
      "context_management", "service_tier", "speed", "background", "thread"};
  std::copy(unbounded.begin(), unbounded.end(), all.begin() + first_unbounded);
  return all;
}();
using Members = std::array<Picked, names.size()>;

/// Blocks that are all there, and hold no others.
constexpr std::array<std::string_view, 17> text_blocks = {"text",
                                                          "thinking",
                                                          "redacted_thinking",
                                                          "tool_use",
                                                          "server_tool_use",
                                                          "mcp_tool_use",
                                                          "search_result",
                                                          "tool_reference",
                                                          "compaction",
                                                          "web_search_tool_result",
                                                          "web_fetch_tool_result_error",
                                                          "tool_search_tool_result",
                                                          "code_execution_tool_result",
                                                          "bash_code_execution_tool_result",
                                                          "text_editor_code_execution_tool_result",
                                                          "advisor_tool_result",
                                                          ""};
/// Blocks whose `content` is a block or several.
constexpr std::array<std::string_view, 4> holders = {"tool_result", "mcp_tool_result",
                                                     "web_fetch_tool_result", "web_fetch_result"};

template <std::size_t size>
bool is_one_of(std::string_view word, const std::array<std::string_view, size>& list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// Blocks nest four deep at most; what is deeper is nobody's format.
constexpr int deepest = 8;
void take_content(std::string_view content, int depth, DemandMaker& maker);

/// Where an image or a document comes from.
void take_source(const Picked& source, bool image, int depth, DemandMaker& maker) {
  enum : std::size_t { type, data, content };
  static constexpr std::array<std::string_view, 3> wanted = {"type", "data", "content"};
  const auto inside = maker.members(source.value, wanted);
  const std::string word = word_of(inside[type]);
  const bool has_data = inside[data].there() && inside[data].value.starts_with('"');
  if (word == "base64" && has_data) {
    return image ? maker.image(inside[data].value, false)
                 : maker.file(inside[data].value, "source");
  }
  if (word == "text" && !image) return;
  if (word == "content" && !image) return take_content(inside[content].value, depth, maker);
  maker.refer("source");
}

void take_block(std::string_view block, int depth, DemandMaker& maker) {
  enum : std::size_t { type, source, content };
  static constexpr std::array<std::string_view, 3> wanted = {"type", "source", "content"};
  if (!block.starts_with('{')) return;
  if (depth > deepest) return maker.refer("content");
  const auto inside = maker.members(block, wanted);
  const std::string word = word_of(inside[type]);
  if (word == "image" || word == "document") {
    take_source(inside[source], word == "image", depth + 1, maker);
  } else if (is_one_of(word, holders)) {
    take_content(inside[content].value, depth + 1, maker);
  } else if (!is_one_of(word, text_blocks)) {
    maker.refer("content");
  }
}

void take_content(std::string_view content, int depth, DemandMaker& maker) {
  const auto take = [&](std::string_view block) { take_block(block, depth, maker); };
  take(content);
  for_each_element(content, take);
}

void take_message(std::string_view message, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 1> wanted = {"content"};
  take_content(maker.members(message, wanted)[0].value, 0, maker);
}

/// What one search brings at most: 7,500 tokens were the most seen.
constexpr std::int64_t most_of_a_search = 20'000;
/// After so many readings in one request the provider itself pauses.
constexpr std::int64_t most_readings = 10;

/// A page's size is a wish that may be missed somewhat.
void take_fetch(std::int64_t uses, const Picked& longest, DemandMaker& maker) {
  const auto page = maker.count(longest, "max_content_tokens");
  if (!page) maker.refer("web_fetch");
  const std::int64_t most = std::min<std::int64_t>(page.value_or(0), 1'000'000'000);
  maker.server_tool(uses, most + most / 4);
}

void take_tool(std::string_view tool, DemandMaker& maker) {
  enum : std::size_t { type, max_uses, max_content_tokens };
  static constexpr std::array<std::string_view, 3> wanted = {"type", "max_uses",
                                                             "max_content_tokens"};
  static constexpr std::array<std::string_view, 4> built_in = {"bash_", "text_editor_", "memory_",
                                                               "computer_"};
  const auto inside = maker.members(tool, wanted);
  const std::string word = word_of(inside[type]);
  const auto begins = [&word](std::string_view start) { return word.starts_with(start); };
  if (word.empty() || word == "custom") return;
  if (std::any_of(built_in.begin(), built_in.end(), begins)) {
    ++maker.demand.built_in_tools;
    return;
  }
  if (begins("tool_search_")) return maker.server_tool(most_readings, 0);
  const auto uses = maker.count(inside[max_uses], "max_uses");
  if (!uses || !(begins("web_search_") || begins("web_fetch_"))) return maker.unbounded(word);
  // The later kinds sift what they find with code of their own, in further readings.
  const bool sifts = word != "web_search_20250305" && word != "web_fetch_20250910";
  if (sifts) maker.server_tool(most_readings, 0);
  if (begins("web_fetch_")) return take_fetch(*uses, inside[max_content_tokens], maker);
  maker.demand.web_searches += std::min<std::int64_t>(*uses, 1'000'000);
  maker.server_tool(*uses, most_of_a_search);
}

void take_settings(const Members& top, DemandMaker& maker) {
  Demand& demand = maker.demand;
  demand.output_cap = maker.count(top[max_tokens], "max_tokens");
  demand.background = says_something(top[background]);
  static constexpr std::array<std::string_view, 1> budget = {"budget_tokens"};
  const auto inside = maker.members(top[thinking].value, budget);
  demand.thinking_budget = maker.count(inside[0], "thinking.budget_tokens").value_or(0);
  demand.service_tier =
      word_of(top[speed]) == "fast" ? "fast" : tier_word(word_of(top[service_tier]));
  if (says_something(top[container])) maker.refer("container");
  static constexpr std::array<std::string_view, 1> before = {"previous_message_id"};
  if (says_something(maker.members(top[thread].value, before)[0])) maker.refer("thread");
  for (std::size_t i = 0; i < unbounded.size(); ++i) {
    if (says_something(top[first_unbounded + i])) maker.unbounded(unbounded[i]);
  }
  // To compact the conversation it is read once more; clearing old parts away is free.
  const std::string_view edits = top[context_management].value;
  const bool compacts = edits.find("compact") != std::string_view::npos;
  if (compacts || edits.find('\\') != std::string_view::npos) maker.server_tool(1, 0);
}

}  // namespace

tl::expected<Demand, Refusal> measure(std::string_view body) {
  const auto [top, more] = survey(body, names);
  DemandMaker maker(body);
  maker.refuse_doubtful(names, top);
  take_settings(top, maker);
  if (more[messages]) {
    for_each_element(top[messages].value,
                     [&maker](std::string_view message) { take_message(message, maker); });
  }
  if (more[system]) take_content(top[system].value, 0, maker);
  if (more[tools]) {
    for_each_element(top[tools].value, [&maker](std::string_view tool) { take_tool(tool, maker); });
  }
  return std::move(maker).done();
}

}  // namespace routerone::dialect::anthropic
