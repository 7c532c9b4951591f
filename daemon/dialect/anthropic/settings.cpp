#include "daemon/dialect/anthropic/settings.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"
#include "daemon/dialect/carrier.h"

namespace routerone::dialect::anthropic {
namespace {

using chat::Effort;

constexpr std::array<std::string_view, 6> claude_words = {"claude", "opus",  "sonnet",
                                                          "haiku",  "fable", "mythos"};
/// The API's own bounds.
constexpr std::int64_t least_budget = 1024;
/// Beyond what any model thinks.
constexpr std::int64_t most_budget = 1'000'000'000;
/// A whole answer of more takes longer than connections without a byte live.
constexpr std::int64_t most_unasked_whole = 32'000;
/// Of a model nobody knows: every server can do that.
constexpr std::int64_t usual_cap = 4096;

bool is_claude(const Target& target) {
  const std::string name = lower(target.name->upstream_model);
  return std::any_of(claude_words.begin(), claude_words.end(), [&name](std::string_view word) {
    return name.find(word) != std::string::npos;
  });
}

std::optional<std::int64_t> most_output(const Target& target, const ClaudeFamily& family) {
  if (target.max_output) return target.max_output;
  if (is_claude(target)) return family.most_output;
  return std::nullopt;
}

std::int64_t settle_cap(const chat::Request& request, const std::optional<std::int64_t>& most) {
  if (request.output_cap) return std::min(*request.output_cap, most.value_or(*request.output_cap));
  const std::int64_t cap = most.value_or(usual_cap);
  return request.stream ? cap : std::min(cap, most_unasked_whole);
}

/// With a budget, a turn of the model's that called a tool has to begin with its thinking. One that
/// came through a caller that did not keep it has none.
bool lost_thinking(const std::vector<chat::Turn>& turns) {
  const auto last = std::find_if(turns.rbegin(), turns.rend(), [](const chat::Turn& turn) {
    return turn.role == chat::Role::assistant;
  });
  if (last == turns.rend()) return false;
  const auto& parts = last->parts;
  const bool called = std::any_of(parts.begin(), parts.end(), [](const chat::Part& part) {
    return std::holds_alternative<chat::ToolCall>(part);
  });
  return called && std::none_of(parts.begin(), parts.end(), [](const chat::Part& part) {
           const auto* thinking = std::get_if<chat::Thinking>(&part);
           return thinking != nullptr && owns("anthropic", *thinking);
         });
}

class Settling {
 public:
  Settling(const chat::Request& request, const Target& target, const ClaudeFamily& family)
      : request_(request), family_(family), most_(most_output(target, family)) {}

  Settings settle() && {
    out_.max_tokens = settle_cap(request_, most_);
    think();
    sample();
    return std::move(out_);
  }

 private:
  using Thinking = Settings::Thinking;

  void think() {
    const chat::Reasoning& asked = request_.reasoning;
    const std::optional<Effort> level = asked_effort(asked);
    if (level == Effort::none) return stop_thinking();
    if (!level && !asked.adaptive) return;
    const bool counted = asked.budget && family_.budgets;
    if (family_.adaptive && !counted) return think_adaptively(level);
    if (!family_.budgets) return drop("reasoning_effort");
    think_within(asked.budget.value_or(budget_of(level.value_or(Effort::medium))));
  }

  /// Only where it would think otherwise, and takes no for an answer.
  void stop_thinking() {
    if (family_.disables && family_.adaptive && !family_.budgets) {
      out_.thinking = Thinking::disabled;
    }
  }

  void think_adaptively(std::optional<Effort> level) {
    out_.thinking = Thinking::adaptive;
    if (const auto visible = request_.reasoning.visible) {
      out_.display = *visible ? "summarized" : "omitted";
    }
    const auto taken = level ? family_.efforts.nearest(*level) : std::nullopt;
    if (taken) out_.effort = effort_word(*taken);
    if (taken != level) drop("reasoning_effort");
  }

  void think_within(std::int64_t budget) {
    budget = std::clamp(budget, least_budget, most_budget);
    std::int64_t cap = out_.max_tokens;
    if (!request_.output_cap) {
      cap = std::min(std::max(cap, budget + least_budget), most_.value_or(2 * most_budget));
    }
    const bool room = cap >= 2 * least_budget;
    if (!room || forces_call(request_.choice) || lost_thinking(request_.turns)) {
      return drop("reasoning_effort");
    }
    out_.max_tokens = cap;
    out_.budget = std::min(budget, cap - 1);
    out_.thinking = Thinking::enabled;
  }

  void sample() {
    const bool thinks = out_.thinking == Thinking::adaptive || out_.thinking == Thinking::enabled;
    const bool takes = family_.samples && !thinks;
    if (request_.temperature) {
      const double wanted = *request_.temperature;
      if (takes) out_.temperature = std::min(wanted, 1.0);
      if (takes ? wanted > 1.0 : wanted != 1.0) drop("temperature");
    }
    if (request_.top_p) {
      const double wanted = *request_.top_p;
      const bool alone = family_.both_samples || !out_.temperature;
      const bool fits = family_.samples && alone && (!thinks || wanted >= 0.95);
      if (fits) out_.top_p = wanted;
      if (!fits && wanted != 1.0) drop("top_p");
    }
    if (request_.top_k) {
      if (takes) out_.top_k = request_.top_k;
      if (!takes) drop("top_k");
    }
  }

  void drop(std::string_view name) { out_.dropped.emplace_back(name); }

  const chat::Request& request_;
  const ClaudeFamily& family_;
  std::optional<std::int64_t> most_;
  Settings out_;
};

}  // namespace

ClaudeFamily family_of(const Target& target) {
  if (is_claude(target)) return claude_family(target.name->upstream_model);
  ClaudeFamily out;
  out.budgets = true;
  out.formats = false;
  return out;
}

Settings settle_settings(const chat::Request& request, const Target& target,
                         const ClaudeFamily& family) {
  return Settling(request, target, family).settle();
}

bool forces_call(const chat::ToolChoice& choice) {
  return choice.mode == chat::ToolChoice::Mode::required ||
         choice.mode == chat::ToolChoice::Mode::one;
}

}  // namespace routerone::dialect::anthropic
