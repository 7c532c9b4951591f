#include "daemon/dialect/usage_openai.h"

#include <algorithm>

#include "daemon/dialect/dom.h"

namespace routerone::dialect {
namespace {

using Element = simdjson::dom::element;
using Count = std::optional<std::int64_t>;

/// The same number under the names of Chat and of Responses.
Count count_either(Element value, std::string_view chat, std::string_view responses) {
  const Count count = count_member(value, chat);
  return count ? count : count_member(value, responses);
}

std::optional<Element> either(Element value, std::string_view chat, std::string_view responses) {
  const auto found = member(value, chat);
  return found ? found : member(value, responses);
}

std::optional<Element> input_details(Element usage) {
  const auto found = either(usage, "prompt_tokens_details", "input_tokens_details");
  return found ? found : member(usage, "input_token_details");  // Transcriptions
}

Count cached_tokens(Element usage, const std::optional<Element>& details) {
  if (details) {
    if (const Count count = count_member(*details, "cached_tokens")) return count;
  }
  if (const Count count = count_member(usage, "cached_tokens")) return count;  // Moonshot
  return count_member(usage, "prompt_cache_hit_tokens");                       // DeepSeek
}

/// What is left of `total` for a class that says it has `count` of it; taken off.
Count take_off(std::int64_t& total, Count count) {
  if (!count) return count;
  const std::int64_t taken = std::min(*count, total);
  total -= taken;
  return taken;
}

void read_input(Element usage, Usage& out) {
  const Count total = count_either(usage, "prompt_tokens", "input_tokens");
  if (!total) return;
  const auto details = input_details(usage);
  std::int64_t left = *total;
  out.cache_read = take_off(left, cached_tokens(usage, details));
  if (details) {
    out.cache_write_5m = take_off(left, count_member(*details, "cache_write_tokens"));
    Count audio = count_member(*details, "audio_tokens");
    // Cached audio stands in both classes: it leaves them for its own.
    const auto cached = member(*details, "cached_tokens_details");
    if (cached && audio && out.cache_read) {
      std::int64_t audio_left = *audio;
      if (Count both = count_member(*cached, "audio_tokens")) {
        both = take_off(*out.cache_read, both);
        out.cache_read_audio = take_off(audio_left, both);
        *out.cache_read += *both - *out.cache_read_audio;
      }
      audio = audio_left;
    }
    out.input_audio = take_off(left, audio);
    out.input_image = take_off(left, count_member(*details, "image_tokens"));
  }
  out.input = left;
}

void read_output(Element usage, Usage& out) {
  const Count stated = count_either(usage, "completion_tokens", "output_tokens");
  if (!stated) return;
  std::int64_t output = *stated;
  const auto details = either(usage, "completion_tokens_details", "output_tokens_details");
  if (details) {
    out.reasoning = count_member(*details, "reasoning_tokens");
    const std::int64_t reasoning = out.reasoning.value_or(0);
    const std::int64_t input = count_either(usage, "prompt_tokens", "input_tokens").value_or(0);
    // xAI's chat leaves reasoning out of the output; the total gives it away.
    if (reasoning > 0 && count_member(usage, "total_tokens") == input + output + reasoning) {
      output += reasoning;
    }
    out.output_audio = take_off(output, count_member(*details, "audio_tokens"));
    out.output_image = take_off(output, count_member(*details, "image_tokens"));
  }
  out.output = output;
}

/// A cost that the provider itself states wins, when it is above 0 (SCHEMA, step 5).
std::optional<Money> stated_cost(Element usage) {
  if (const Count ticks = count_member(usage, "cost_in_usd_ticks"); ticks && *ticks > 0) {
    constexpr std::int64_t picousd_a_tick = 100;  // 1e-10 USD
    constexpr std::int64_t most = INT64_MAX / picousd_a_tick;
    return Money{std::min(*ticks, most) * picousd_a_tick};
  }
  const auto cost = member(usage, "cost");
  if (cost && cost->is_object()) return usd_member(*cost, "total_cost");
  std::optional<Money> sum = usd_member(usage, "cost");
  const auto byok = member(usage, "is_byok");
  bool own_key = false;
  if (byok && byok->get_bool().get(own_key) == simdjson::SUCCESS && own_key) {
    const auto details = member(usage, "cost_details");
    const auto paid = details ? usd_member(*details, "upstream_inference_cost") : std::nullopt;
    if (paid) sum = sum.value_or(Money{}) + *paid;
  }
  return sum;
}

}  // namespace

Usage read_openai_usage(Element usage) {
  Usage out;
  read_input(usage, out);
  read_output(usage, out);
  out.stated_cost = stated_cost(usage);
  out.service_tier = tier_member(usage);
  return out;
}

}  // namespace routerone::dialect
