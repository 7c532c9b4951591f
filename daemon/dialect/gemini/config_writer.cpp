#include "daemon/dialect/gemini/config_writer.h"

#include <algorithm>
#include <array>
#include <optional>

namespace routerone::dialect::gemini {
namespace {

using chat::Effort;

/// Thinking tokens by level, where they are counted. Rule: MAPPING 2.6.
constexpr std::array<std::int64_t, 7> budgets = {0, 512, 2048, 8192, 24576, 32768, 1 << 20};

std::string_view level_word(Effort level) {
  switch (level) {
    case Effort::none:
    case Effort::minimal:
      return "MINIMAL";
    case Effort::low:
      return "LOW";
    case Effort::medium:
      return "MEDIUM";
    default:
      return "HIGH";
  }
}

/// The nearest level the model has; who wants none gets the lowest.
Effort nearest_level(Effort wanted, const GeminiFamily& family) {
  if (wanted != Effort::none) return family.efforts.nearest(wanted).value_or(Effort::high);
  const bool minimal = family.efforts.has(Effort::minimal);
  return minimal ? Effort::minimal : Effort::low;
}

class ConfigWriter {
 public:
  ConfigWriter(const chat::Request& request, const Target& target, const GeminiFamily& family,
               std::vector<std::string>& dropped)
      : request_(request), target_(target), family_(family), dropped_(dropped) {}

  std::string write(const chat::Format& format) && {
    out_.object();
    write_sampling();
    write_limits();
    write_format(format);
    write_thinking();
    return std::move(out_.end_object()).take();
  }

 private:
  void write_sampling() {
    if (request_.temperature) out_.number("temperature", *request_.temperature);
    if (request_.top_p) out_.number("topP", *request_.top_p);
    if (request_.top_k) out_.whole("topK", *request_.top_k);
    if (request_.seed) out_.whole("seed", *request_.seed);
    if (request_.presence_penalty) out_.number("presencePenalty", *request_.presence_penalty);
    if (request_.frequency_penalty) out_.number("frequencyPenalty", *request_.frequency_penalty);
  }

  void write_limits() {
    if (request_.output_cap) {
      const std::int64_t most = std::max<std::int64_t>(target_.max_output.value_or(1 << 30), 1);
      out_.whole("maxOutputTokens", std::clamp<std::int64_t>(*request_.output_cap, 1, most));
    }
    if (request_.stops.empty()) return;
    out_.array("stopSequences");
    for (const std::string& each : request_.stops) out_.text(each);
    out_.end_array();
  }

  void write_format(const chat::Format& format) {
    if (format.kind == chat::Format::Kind::text) return;
    out_.text("responseMimeType", "application/json");
    if (format.kind == chat::Format::Kind::schema) out_.raw("responseJsonSchema", format.schema);
  }

  void write_thinking() {
    const std::optional<Effort> effort = asked_effort(request_.reasoning);
    const bool thinks = family_.levels || family_.most_budget > 0;
    const bool wanted = effort || request_.reasoning.adaptive;
    const bool shown = request_.reasoning.visible.value_or(wanted);
    if (!thinks) {
      if (wanted && effort != Effort::none) dropped_.emplace_back("reasoning_effort");
      return;
    }
    if (!effort && !shown) return;
    out_.object("thinkingConfig");
    if (effort && family_.levels) {
      out_.text("thinkingLevel", level_word(nearest_level(*effort, family_)));
    } else if (effort) {
      out_.whole("thinkingBudget", budget_for(*effort));
    }
    if (shown && effort != Effort::none) out_.flag("includeThoughts", true);
    out_.end_object();
  }

  std::int64_t budget_for(Effort effort) const {
    const bool counted = request_.reasoning.budget && !request_.reasoning.effort;
    const std::int64_t wanted =
        counted ? *request_.reasoning.budget : budgets[static_cast<std::size_t>(effort)];
    return std::clamp(effort == Effort::none ? 0 : wanted, family_.least_budget,
                      family_.most_budget);
  }

  const chat::Request& request_;
  const Target& target_;
  const GeminiFamily& family_;
  std::vector<std::string>& dropped_;
  JsonOut out_;
};

}  // namespace

void write_config(JsonOut& out, const chat::Request& request, const chat::Format& format,
                  const Target& target, const GeminiFamily& family,
                  std::vector<std::string>& dropped) {
  const std::string config = ConfigWriter(request, target, family, dropped).write(format);
  if (config != "{}") out.raw("generationConfig", config);
}

}  // namespace routerone::dialect::gemini
