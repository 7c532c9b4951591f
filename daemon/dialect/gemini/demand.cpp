#include "daemon/dialect/gemini/demand.h"

#include <algorithm>
#include <array>

#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/envelope.h"

namespace routerone::dialect::gemini {
namespace {

/// Every name has two spellings; providers read both.
constexpr std::array<std::string_view, 10> top_names = {
    "contents", "systemInstruction", "system_instruction", "generationConfig", "generation_config",
    "tools",    "cachedContent",     "cached_content",     "serviceTier",      "service_tier"};
enum Top : std::size_t { contents, system, config = 3, tools = 5, cached = 6, tier = 8 };
using Members = std::array<Picked, top_names.size()>;

/// A member in the one of its spellings that is given; the next name is the other one.
template <std::size_t n>
const Picked& either(const std::array<Picked, n>& members, std::size_t at, std::string_view name,
                     DemandMaker& maker) {
  if (members[at].there() && members[at + 1].there()) {
    maker.refuse("'" + std::string(name) + "' is given in two spellings", name);
  }
  return members[at].there() ? members[at] : members[at + 1];
}

void take_inline(std::string_view blob, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 3> wanted = {"data", "mimeType", "mime_type"};
  const auto inside = maker.members(blob, wanted);
  const std::string type = word_of(either(inside, 1, "inlineData.mimeType", maker));
  const std::string_view data = inside[0].value;
  if (!data.starts_with('"')) return maker.refer("inlineData");
  if (type.starts_with("image/")) return maker.image(data, false);
  if (type.starts_with("audio/")) return maker.audio(data);
  maker.file(data, "inlineData");
}

/// Results of functions hold parts of their own, which hold no others.
void take_part(std::string_view part, int depth, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 6> wanted = {
      "inlineData", "inline_data",      "fileData",
      "file_data",  "functionResponse", "function_response"};
  static constexpr std::array<std::string_view, 1> parts = {"parts"};
  const auto inside = maker.members(part, wanted);
  for (const std::size_t blob : {std::size_t{0}, std::size_t{1}}) {
    if (says_something(inside[blob])) take_inline(inside[blob].value, maker);
  }
  if (says_something(inside[2]) || says_something(inside[3])) maker.refer("fileData");
  for (const std::size_t response : {std::size_t{4}, std::size_t{5}}) {
    if (!inside[response].there()) continue;
    const auto own = maker.members(inside[response].value, parts);
    if (depth > 0 && own[0].there()) return maker.refer("functionResponse");
    for_each_element(own[0].value,
                     [&](std::string_view each) { take_part(each, depth + 1, maker); });
  }
}

void take_content(std::string_view content, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 1> wanted = {"parts"};
  const std::string_view parts = maker.members(content, wanted)[0].value;
  if (parts.starts_with('{')) return take_part(parts, 0, maker);
  for_each_element(parts, [&maker](std::string_view part) { take_part(part, 0, maker); });
}

void take_contents(std::string_view value, DemandMaker& maker) {
  if (value.starts_with('{')) return take_content(value, maker);
  for_each_element(value, [&maker](std::string_view content) { take_content(content, maker); });
}

/// A tool goes by the name of its one member. All but those that the caller runs itself work as
/// often as the provider likes.
void take_tools(std::string_view value, DemandMaker& maker) {
  const Dom list(value);
  simdjson::dom::array entries;
  if (!list.ok() || list.root().get_array().get(entries) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element entry : entries) {
    simdjson::dom::object tool;
    if (entry.get_object().get(tool) != simdjson::SUCCESS) continue;
    for (const auto [name, settings] : tool) {
      if (settings.is_null()) continue;
      if (name == "functionDeclarations" || name == "function_declarations") continue;
      if (name == "computerUse" || name == "computer_use") {
        ++maker.demand.built_in_tools;
      } else {
        maker.unbounded(name);
      }
    }
  }
}

/// A budget below zero: as the model likes, inside the cap.
std::int64_t budget_of(const Picked& budget, DemandMaker& maker) {
  if (!budget.there() || budget.value.starts_with('-')) return 0;
  return maker.count(budget, "generationConfig.thinkingConfig.thinkingBudget").value_or(0);
}

void take_config(std::string_view value, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 4> wanted = {"candidateCount", "candidate_count",
                                                             "thinkingConfig", "thinking_config"};
  static constexpr std::array<std::string_view, 2> budget = {"thinkingBudget", "thinking_budget"};
  const auto inside = maker.members(value, wanted);
  const Picked& candidates = either(inside, 0, "generationConfig.candidateCount", maker);
  const auto choices = maker.count(candidates, "generationConfig.candidateCount");
  maker.demand.choices = std::clamp<std::int64_t>(choices.value_or(1), 1, 1'000'000);
  const Picked& thinking = either(inside, 2, "generationConfig.thinkingConfig", maker);
  const auto within = maker.members(thinking.value, budget);
  maker.demand.thinking_budget =
      budget_of(either(within, 0, "generationConfig.thinkingConfig.thinkingBudget", maker), maker);
}

}  // namespace

tl::expected<Demand, Refusal> measure(std::string_view body) {
  TRY(const Envelope envelope, read_envelope(body));
  DemandMaker maker(body);
  const Members top = maker.members(body, top_names);
  maker.demand.output_cap = envelope.output_cap;
  take_config(either(top, config, "generationConfig", maker).value, maker);
  take_contents(top[contents].value, maker);
  take_content(either(top, system, "systemInstruction", maker).value, maker);
  if (top[tools].there()) take_tools(top[tools].value, maker);
  if (says_something(either(top, cached, "cachedContent", maker))) maker.refer("cachedContent");
  maker.demand.service_tier = tier_word(word_of(either(top, tier, "serviceTier", maker)));
  return std::move(maker).done();
}

}  // namespace routerone::dialect::gemini
