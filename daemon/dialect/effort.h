#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// `none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`.
std::string_view effort_word(chat::Effort);
/// Nullopt for any other word.
std::optional<chat::Effort> read_effort(std::string_view word);

/// Thinking tokens that a level stands for where they are counted; 0 for none.
std::int64_t budget_of(chat::Effort);
/// And back: below 2,000 low, below 8,000 medium, below 24,000 high, else xhigh; 0 and less: none.
chat::Effort effort_of_budget(std::int64_t tokens);

/// Levels that a model takes.
class Efforts {
 public:
  constexpr Efforts() = default;
  constexpr Efforts(std::initializer_list<chat::Effort> levels) {
    for (const chat::Effort level : levels) bits_ |= 1u << static_cast<unsigned>(level);
  }
  constexpr bool has(chat::Effort level) const {
    return (bits_ >> static_cast<unsigned>(level) & 1u) != 0;
  }
  constexpr bool none() const { return bits_ == 0; }
  /// The nearest one taken; of two as near the lower: never spend more. Nullopt if there is none.
  std::optional<chat::Effort> nearest(chat::Effort) const;

 private:
  unsigned bits_ = 0;
};

/// What the caller asked for as one level, whichever way it was said; nullopt: nothing.
/// `off` is `none`; adaptive without a level is nothing.
std::optional<chat::Effort> asked_effort(const chat::Reasoning&);

/// What families of models take. By the upstream model's name (a maker's prefix such as
/// `openai/` does not matter); models that nobody knows yet are taken for the newest.
/// Rule: MAPPING tables as of November 2026.

struct OpenAiFamily {
  bool known = false;    ///< A model of OpenAI's own; others take what their server takes.
  bool reasons = false;  ///< Takes an effort at all.
  Efforts efforts;
  bool samples = true;  ///< Takes temperature and top_p.
};
OpenAiFamily openai_family(std::string_view model);

struct ClaudeFamily {
  bool adaptive = false;      ///< thinking: adaptive, with an effort.
  bool budgets = false;       ///< thinking: enabled, with a budget.
  bool disables = false;      ///< thinking: disabled is understood.
  Efforts efforts;            ///< Of output_config.
  bool samples = true;        ///< Takes temperature, top_p, top_k.
  bool both_samples = true;   ///< Temperature and top_p together.
  bool prefill = true;        ///< The last turn may be the assistant's.
  bool forced_choice = true;  ///< tool_choice any and tool.
  bool formats = true;        ///< output_config.format.
  bool system_turns = false;  ///< role system inside messages.
  std::int64_t most_output = 128'000;
};
ClaudeFamily claude_family(std::string_view model);

struct GeminiFamily {
  bool levels = false;                             ///< thinkingLevel; else thinkingBudget.
  Efforts efforts;                                 ///< minimal to high.
  std::int64_t least_budget = 0, most_budget = 0;  ///< Where budgets are taken; 0, 0: no thinking.
  bool signatures = false;         ///< Calls in history need their thought signature.
  bool result_media = false;       ///< Images inside a function's response.
  bool format_with_tools = false;  ///< Structured output beside tools.
};
GeminiFamily gemini_family(std::string_view model);

}  // namespace routerone::dialect
