#include "daemon/dialect/openai_chat/endings.h"

#include <algorithm>
#include <array>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/usage_openai.h"

namespace routerone::dialect::openai_chat {
namespace {

using chat::Finish;

std::int64_t sum(std::initializer_list<std::optional<std::int64_t>> counts) {
  constexpr std::int64_t most = (std::int64_t{1} << 53) - 1;
  std::int64_t out = 0;
  for (const auto& count : counts) out = std::min(most, out + count.value_or(0));
  return out;
}

bool says_failure(std::string_view word) {
  static constexpr std::array<std::string_view, 3> words = {"error", "cancelled",
                                                            "insufficient_system_resource"};
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

std::optional<Finish> read_finish(std::string_view word, bool called, bool refused) {
  if (says_failure(word)) return std::nullopt;
  if (word == "length" || word == "model_length" || word == "max_tokens") return Finish::length;
  if (word == "content_filter") return Finish::content_filter;
  if (called || word == "tool_calls" || word == "function_call") return Finish::tool_calls;
  return refused ? Finish::refusal : Finish::stop;
}

std::string_view finish_word(const chat::Ending& ending, bool called, bool refused, bool legacy) {
  switch (ending.finish) {
    case Finish::length:
      return "length";
    case Finish::content_filter:
      return "content_filter";
    case Finish::refusal:
      return refused ? "stop" : "content_filter";
    case Finish::stop:
    case Finish::tool_calls:
    case Finish::stop_sequence:
    case Finish::pause:
    case Finish::unknown:
      break;
  }
  if (!called) return "stop";
  return legacy ? "function_call" : "tool_calls";
}

Usage usage_of(simdjson::dom::element document) {
  auto usage = member(document, "usage");
  if (!usage || !usage->is_object()) {
    const auto wrapped = member(document, "x_groq");
    usage = wrapped ? member(*wrapped, "usage") : std::nullopt;
  }
  if (!usage || !usage->is_object()) return {};
  Usage out = read_openai_usage(*usage);
  if (out.service_tier.empty()) out.service_tier = tier_member(document);
  return out;
}

void write_usage(JsonOut& out, const Usage& usage) {
  const std::int64_t read = sum({usage.cache_read, usage.cache_read_audio});
  const std::int64_t written = sum({usage.cache_write_5m, usage.cache_write_1h});
  const std::int64_t prompt =
      sum({usage.input, read, written, usage.input_audio, usage.input_image});
  const std::int64_t completion = sum({usage.output, usage.output_audio, usage.output_image});
  out.object().whole("prompt_tokens", prompt).whole("completion_tokens", completion);
  out.whole("total_tokens", sum({prompt, completion})).object("prompt_tokens_details");
  out.whole("cached_tokens", read).whole("cache_write_tokens", written);
  out.whole("audio_tokens", sum({usage.input_audio, usage.cache_read_audio}));
  if (usage.input_image) out.whole("image_tokens", *usage.input_image);
  out.end_object();
  out.object("completion_tokens_details").whole("reasoning_tokens", usage.reasoning.value_or(0));
  out.whole("audio_tokens", usage.output_audio.value_or(0));
  out.whole("accepted_prediction_tokens", 0).whole("rejected_prediction_tokens", 0);
  out.end_object().end_object();
}

}  // namespace routerone::dialect::openai_chat
