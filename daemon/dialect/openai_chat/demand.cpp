#include "daemon/dialect/openai_chat/demand.h"

#include <algorithm>
#include <array>

#include "daemon/dialect/demand_maker.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/openai_parts.h"
#include "daemon/dialect/survey.h"

namespace routerone::dialect::openai_chat {
namespace {

enum Member : std::size_t {
  messages,
  tools,
  max_tokens,
  max_completion_tokens,
  n,
  best_of,
  reasoning,
  background,
  service_tier,
  prompt,
  input,
  first_unbounded
};

/// Each lets the provider search, or choose another model, as it likes.
constexpr std::array<std::string_view, 5> unbounded = {"web_search_options", "search_parameters",
                                                       "plugins", "models", "preset"};

constexpr auto names = [] {
  std::array<std::string_view, first_unbounded + unbounded.size()> all = {
      "messages", "tools",     "max_tokens", "max_completion_tokens", "n",
      "best_of",  "reasoning", "background", "service_tier",          "prompt",
      "input"};
  std::copy(unbounded.begin(), unbounded.end(), all.begin() + first_unbounded);
  return all;
}();
using Members = std::array<Picked, names.size()>;

void take_message(std::string_view message, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 3> wanted = {"content", "images", "audio"};
  const auto inside = maker.members(message, wanted);
  take_openai_content(inside[0].value, maker);
  take_openai_content(inside[1].value, maker);
  if (says_something(inside[2])) maker.refer("audio");
}

/// Several prompts in one request are answered each; one may also be a list of token numbers.
std::int64_t prompts_in(std::string_view prompt) {
  std::int64_t lists = 0, numbers = 0;
  for_each_element(prompt, [&](std::string_view element) {
    ++(element.starts_with('"') || element.starts_with('[') ? lists : numbers);
  });
  return std::max<std::int64_t>(lists + (numbers > 0 ? 1 : 0), 1);
}

void take_choices(const Members& top, DemandMaker& maker) {
  constexpr std::int64_t most = 1'000'000;
  const std::int64_t asked = maker.count(top[n], "n").value_or(1);
  const std::int64_t drafts = maker.count(top[best_of], "best_of").value_or(1);
  const std::int64_t each = std::clamp<std::int64_t>(std::max(asked, drafts), 1, most);
  maker.demand.choices = each * prompts_in(top[prompt].value);
}

void take_caps(const Operation& operation, const Members& top, DemandMaker& maker) {
  const auto older = above_zero(maker.count(top[max_tokens], "max_tokens"));
  const auto newer = above_zero(maker.count(top[max_completion_tokens], "max_completion_tokens"));
  // Those who serve the older operation do not know the newer name.
  maker.demand.output_cap = older || operation.name == "completions" ? older : newer;
}

void take_settings(const Members& top, DemandMaker& maker) {
  static constexpr std::array<std::string_view, 1> budget = {"max_tokens"};
  const auto inside = maker.members(top[reasoning].value, budget);
  maker.demand.thinking_budget = maker.count(inside[0], "reasoning.max_tokens").value_or(0);
  maker.demand.background = says_something(top[background]);
  maker.demand.service_tier = tier_word(word_of(top[service_tier]));
  for (std::size_t i = 0; i < unbounded.size(); ++i) {
    const Picked& field = top[first_unbounded + i];
    const bool searches = unbounded[i].find("search") != std::string_view::npos;
    if (searches ? is_given(field) : says_something(field)) maker.unbounded(unbounded[i]);
  }
}

}  // namespace

tl::expected<Demand, Refusal> measure(const Operation& operation, std::string_view body) {
  const auto [top, more] = survey(body, names);
  DemandMaker maker(body);
  maker.refuse_doubtful(names, top);
  if (operation.kind == OperationKind::embed) {
    // Media to be embedded; whatever else stands there is text or token numbers.
    if (more[input]) maker.refer("input");
    return std::move(maker).done();
  }
  take_choices(top, maker);
  take_caps(operation, top, maker);
  take_settings(top, maker);
  if (more[messages]) {
    for_each_element(top[messages].value,
                     [&maker](std::string_view message) { take_message(message, maker); });
  }
  if (more[tools]) take_openai_tools(top[tools].value, std::nullopt, maker);
  return std::move(maker).done();
}

}  // namespace routerone::dialect::openai_chat
