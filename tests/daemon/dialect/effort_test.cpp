#include "daemon/dialect/effort.h"

#include <doctest/doctest.h>

namespace routerone {
namespace {

using chat::Effort;
using dialect::claude_family;
using dialect::Efforts;
using dialect::gemini_family;
using dialect::openai_family;

TEST_CASE("every level has a word that reads back as it") {
  for (int level = 0; level <= static_cast<int>(Effort::max); ++level) {
    const auto effort = static_cast<Effort>(level);
    CHECK(dialect::read_effort(dialect::effort_word(effort)) == effort);
  }
  CHECK_FALSE(dialect::read_effort("extreme"));
}

TEST_CASE("a level that a model lacks becomes the nearest, downward where two are as near") {
  constexpr Efforts some{Effort::low, Effort::high};
  CHECK(some.nearest(Effort::medium) == Effort::low);
  CHECK(some.nearest(Effort::minimal) == Effort::low);
  CHECK(some.nearest(Effort::max) == Effort::high);
  CHECK(some.nearest(Effort::high) == Effort::high);
  CHECK_FALSE(Efforts().nearest(Effort::high));
}

TEST_CASE("no thinking never becomes thinking, but for the least there is") {
  CHECK_FALSE(Efforts{Effort::low, Effort::high}.nearest(Effort::none));
  CHECK(Efforts{Effort::minimal, Effort::low}.nearest(Effort::none) == Effort::minimal);
  CHECK(Efforts{Effort::none, Effort::low}.nearest(Effort::none) == Effort::none);
}

TEST_CASE("what was asked for is one level, however it was said") {
  chat::Reasoning asked;
  CHECK_FALSE(dialect::asked_effort(asked));
  asked.adaptive = true;
  CHECK_FALSE(dialect::asked_effort(asked));
  asked.budget = 1'999;
  CHECK(dialect::asked_effort(asked) == Effort::low);
  asked.budget = 2'000;
  CHECK(dialect::asked_effort(asked) == Effort::medium);
  asked.budget = 8'000;
  CHECK(dialect::asked_effort(asked) == Effort::high);
  asked.budget = 24'000;
  CHECK(dialect::asked_effort(asked) == Effort::xhigh);
  asked.effort = Effort::minimal;
  CHECK(dialect::asked_effort(asked) == Effort::minimal);
  asked.off = true;
  CHECK(dialect::asked_effort(asked) == Effort::none);
}

TEST_CASE("a budget stands for a level, and grows with it") {
  std::int64_t last = -1;
  for (int level = 0; level <= static_cast<int>(Effort::max); ++level) {
    const std::int64_t budget = dialect::budget_of(static_cast<Effort>(level));
    CHECK(budget >= last);
    last = budget;
  }
  CHECK(dialect::budget_of(Effort::medium) == 8192);
}

TEST_CASE("each family of OpenAI's takes the levels it is known to take") {
  CHECK_FALSE(openai_family("gpt-4o").reasons);
  CHECK(openai_family("gpt-4o").known);
  CHECK(openai_family("gpt-4o").samples);
  CHECK_FALSE(openai_family("gpt-5-chat-latest").reasons);
  CHECK(openai_family("gpt-5-mini-2025-08-07").efforts.has(Effort::minimal));
  CHECK_FALSE(openai_family("gpt-5").efforts.has(Effort::none));
  CHECK(openai_family("gpt-5.1").efforts.has(Effort::none));
  CHECK_FALSE(openai_family("gpt-5.1").efforts.has(Effort::xhigh));
  CHECK(openai_family("openai/gpt-5.4-mini").efforts.has(Effort::xhigh));
  CHECK_FALSE(openai_family("gpt-5.5").efforts.has(Effort::minimal));
  CHECK(openai_family("gpt-5.6-codex").efforts.has(Effort::max));
  CHECK(openai_family("gpt-6").efforts.has(Effort::none));
  CHECK_FALSE(openai_family("gpt-5-pro").efforts.has(Effort::medium));
  CHECK(openai_family("gpt-5.2-pro").efforts.has(Effort::medium));
  CHECK(openai_family("o3").reasons);
  CHECK_FALSE(openai_family("o3").samples);
  CHECK_FALSE(openai_family("gpt-oss-120b").known);
  CHECK(openai_family("gpt-oss-120b").efforts.has(Effort::high));
  CHECK_FALSE(openai_family("deepseek-chat").known);
  CHECK(openai_family("deepseek-chat").samples);
}

TEST_CASE("each family of Claude's thinks in the way it is known to") {
  CHECK(claude_family("claude-opus-4-7").adaptive);
  CHECK_FALSE(claude_family("claude-opus-4-7").budgets);
  CHECK_FALSE(claude_family("claude-opus-4-7").disables);
  CHECK(claude_family("claude-opus-5").disables);
  CHECK_FALSE(claude_family("claude-fable-5-1").forced_choice);
  CHECK(claude_family("claude-fable-5").forced_choice);
  CHECK(claude_family("anthropic/claude-opus-4.6").budgets);
  CHECK(claude_family("claude-opus-4-6").adaptive);
  CHECK_FALSE(claude_family("claude-opus-4-6").efforts.has(Effort::xhigh));
  CHECK(claude_family("claude-sonnet-4-6").most_output == 64'000);
  CHECK(claude_family("claude-haiku-4-5-20251001").efforts.none());
  CHECK_FALSE(claude_family("claude-sonnet-4-5").both_samples);
  CHECK(claude_family("claude-sonnet-4-5").prefill);
  CHECK(claude_family("claude-opus-4-1").most_output == 32'000);
  CHECK(claude_family("claude-opus-4-20250514").most_output == 32'000);
  CHECK(claude_family("claude-3-7-sonnet-latest").budgets);
  CHECK_FALSE(claude_family("claude-3-5-haiku-20241022").budgets);
  CHECK(claude_family("claude-3-haiku-20240307").most_output == 4'096);
  CHECK(claude_family("claude-opus-9").adaptive);
}

TEST_CASE("each family of Gemini's takes levels or a budget") {
  CHECK_FALSE(gemini_family("gemini-2.5-pro").levels);
  CHECK(gemini_family("gemini-2.5-pro").least_budget == 128);
  CHECK(gemini_family("gemini-2.5-flash").most_budget == 24'576);
  CHECK(gemini_family("gemini-2.0-flash").most_budget == 0);
  CHECK(gemini_family("models/gemini-3-pro-preview").signatures);
  CHECK_FALSE(gemini_family("gemini-3-pro-preview").efforts.has(Effort::medium));
  CHECK(gemini_family("gemini-3.5-flash").efforts.has(Effort::minimal));
  CHECK_FALSE(gemini_family("gemini-3.7-flash").efforts.has(Effort::minimal));
  CHECK(gemini_family("gemini-3.1-pro").efforts.has(Effort::medium));
}

}  // namespace
}  // namespace routerone
