#include "daemon/dialect/effort.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

#include "common/core/text.h"

namespace routerone::dialect {
namespace {

using chat::Effort;
using enum chat::Effort;

constexpr std::array<std::string_view, 7> words = {"none", "minimal", "low", "medium",
                                                   "high", "xhigh",   "max"};
constexpr std::array<std::int64_t, 7> budgets = {0, 1024, 2048, 8192, 16384, 32768, 32768};

/// A model's name in one spelling: small letters, no maker before it, `-` for `.`.
std::string spelled(std::string_view model) {
  const std::size_t slash = model.rfind('/');
  if (slash != std::string_view::npos) model.remove_prefix(slash + 1);
  std::string out = lower(model);
  std::replace(out.begin(), out.end(), '.', '-');
  return out;
}

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

template <class... Words>
bool has_any(std::string_view text, Words... each) {
  return (has(text, each) || ...);
}

/// The version after a prefix: `5-6` of `gpt-5-6-codex`. A date is none.
struct Version {
  int major = 0, minor = 0;
  auto operator<=>(const Version&) const = default;
};
Version version_after(std::string_view text, std::string_view prefix) {
  const auto read = [](std::string_view& rest) {
    int value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return error == std::errc{} && value < 100 ? value : 0;
  };
  Version out;
  text.remove_prefix(std::min(text.size(), text.find(prefix) + prefix.size()));
  out.major = read(text);
  if (!text.starts_with('-')) return out;
  text.remove_prefix(1);
  out.minor = read(text);
  return out;
}

OpenAiFamily reasoner(Efforts efforts) { return {true, true, efforts, false}; }

OpenAiFamily gpt_family(std::string_view name) {
  const Version version = version_after(name, "gpt-");
  if (version.major < 5 || has(name, "-chat")) return {true, false, {}, true};
  if (has(name, "-pro")) {
    return reasoner(version == Version{5, 0} ? Efforts{high} : Efforts{medium, high, xhigh});
  }
  if (version == Version{5, 0}) return reasoner({minimal, low, medium, high});
  if (version == Version{5, 1}) return reasoner({none, low, medium, high});
  if (version < Version{5, 6}) return reasoner({low, medium, high, xhigh});
  return reasoner({none, minimal, low, medium, high, xhigh, max});
}

ClaudeFamily newest_claude(std::string_view name) {
  ClaudeFamily out;
  out.adaptive = true;
  out.efforts = {low, medium, high, xhigh, max};
  out.samples = out.both_samples = out.prefill = false;
  out.system_turns = !has(name, "opus-4-7");
  out.disables = has(name, "opus-5");
  out.forced_choice = !has_any(name, "fable-5-1", "mythos-5-1");
  return out;
}

ClaudeFamily claude_4_6(std::string_view name) {
  ClaudeFamily out;
  out.adaptive = out.budgets = out.disables = true;
  out.efforts = {low, medium, high, max};
  out.prefill = false;
  out.most_output = has(name, "sonnet") ? 64'000 : 128'000;
  return out;
}

ClaudeFamily claude_4_5(std::string_view name) {
  ClaudeFamily out;
  out.budgets = out.disables = true;
  out.both_samples = false;
  if (!has(name, "haiku")) out.efforts = {low, medium, high};
  out.most_output = 64'000;
  return out;
}

ClaudeFamily older_claude(std::string_view name) {
  ClaudeFamily out;
  out.formats = false;
  const bool four = has_any(name, "opus-4", "sonnet-4");
  out.budgets = out.disables = four || has(name, "3-7");
  if (four || has(name, "3-7")) {
    out.most_output = has(name, "opus") ? 32'000 : 64'000;
  } else {
    out.most_output = has(name, "3-5") ? 8'192 : 4'096;
  }
  return out;
}

}  // namespace

std::string_view effort_word(Effort effort) { return words[static_cast<std::size_t>(effort)]; }

std::optional<Effort> read_effort(std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<Effort>(found - words.begin());
}

std::int64_t budget_of(Effort effort) { return budgets[static_cast<std::size_t>(effort)]; }

Effort effort_of_budget(std::int64_t tokens) {
  if (tokens <= 0) return none;
  if (tokens < 2'000) return low;
  if (tokens < 8'000) return medium;
  return tokens < 24'000 ? high : xhigh;
}

std::optional<Effort> Efforts::nearest(Effort wanted) const {
  if (has(wanted)) return wanted;
  if (wanted == Effort::none) return has(minimal) ? std::optional(minimal) : std::nullopt;
  std::optional<Effort> best;
  int best_distance = 0;
  for (int level = static_cast<int>(minimal); level <= static_cast<int>(max); ++level) {
    const int distance = std::abs(level - static_cast<int>(wanted));
    if (!has(static_cast<Effort>(level)) || (best && distance >= best_distance)) continue;
    best = static_cast<Effort>(level);
    best_distance = distance;
  }
  return best;
}

std::optional<Effort> asked_effort(const chat::Reasoning& asked) {
  if (asked.off) return none;
  if (asked.effort) return asked.effort;
  if (asked.budget) return effort_of_budget(*asked.budget);
  return std::nullopt;
}

OpenAiFamily openai_family(std::string_view model) {
  const std::string name = spelled(model);
  if (name.starts_with("gpt-oss")) return {false, true, {low, medium, high}, true};
  if (name.starts_with("gpt-") || name.starts_with("chatgpt-")) return gpt_family(name);
  const bool o_series = name.size() > 1 && name[0] == 'o' && name[1] >= '1' && name[1] <= '9';
  if (o_series) return reasoner({low, medium, high});
  return {};
}

ClaudeFamily claude_family(std::string_view model) {
  const std::string name = spelled(model);
  if (has_any(name, "-4-6")) return claude_4_6(name);
  if (has_any(name, "-4-5")) return claude_4_5(name);
  if (has_any(name, "-4-7", "-4-8")) return newest_claude(name);
  const bool old = has_any(name, "claude-3", "claude-2", "claude-instant", "opus-4", "sonnet-4");
  return old ? older_claude(name) : newest_claude(name);
}

GeminiFamily gemini_family(std::string_view model) {
  const std::string name = spelled(model);
  GeminiFamily out;
  const Version version = version_after(name, "gemini-");
  if (name.starts_with("gemini-") && version.major > 0 && version.major < 3) {
    if (version >= Version{2, 5}) {
      const bool pro = has(name, "pro");
      out.least_budget = pro ? 128 : 0;
      out.most_budget = pro ? 32'768 : 24'576;
    }
    return out;
  }
  out.levels = out.signatures = out.result_media = out.format_with_tools = true;
  out.efforts = {low, medium, high};
  const bool small = has(name, "flash") && version != Version{3, 7};
  if (small || has(name, "flash-lite")) out.efforts = {minimal, low, medium, high};
  if (has(name, "3-pro")) out.efforts = {low, high};
  return out;
}

}  // namespace routerone::dialect
