#include "daemon/listener/generation.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "common/core/saturating.h"
#include "common/core/text.h"
#include "daemon/listener/exact_json.h"

namespace routerone {
namespace {

using Count = std::optional<std::int64_t>;

/// OpenRouter tells every lab's finish reasons in the words of Chat Completions.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> finish_words = {{
    {"end_turn", "stop"},
    {"stop_sequence", "stop"},
    {"completed", "stop"},
    {"max_tokens", "length"},
    {"max_output_tokens", "length"},
    {"tool_use", "tool_calls"},
    {"refusal", "content_filter"},
}};

std::string_view finish_word(std::string_view native) {
  const auto found = std::find_if(finish_words.begin(), finish_words.end(),
                                  [native](const auto& pair) { return pair.first == native; });
  return found == finish_words.end() ? native : found->second;
}

/// Unknown only if all are.
Count sum(std::initializer_list<Count> counts) {
  Count total;
  for (const Count& count : counts)
    if (count) total = saturating_add(total.value_or(0), *count);
  return total;
}

std::int64_t millis(std::chrono::microseconds time) {
  return std::chrono::duration_cast<Millis>(time).count();
}

std::string attempts_of(const TraceRow& row) {
  std::string list;
  for (const Attempt& attempt : row.attempts) {
    if (!list.empty()) list += ',';
    list += JsonObject()
                .text("provider_name", attempt.provider)
                .count("status", attempt.status)
                .count("latency", millis(attempt.latency))
                .str();
  }
  return "[" + list + "]";
}

void add_origin(JsonObject& out, const TraceRow& row) {
  out.text("id", row.id)
      .text_or_null("upstream_id", row.upstream_request_id)
      .text("request_id", row.id)
      .text_or_null("session_id", row.session)
      .text("created_at", format_rfc3339(row.time))
      .text("model", row.model.empty() ? row.requested_model : row.model)
      .text_or_null("provider_name", row.provider)
      .put("provider_responses", attempts_of(row))
      .text_or_null("router", row.route == Route::automatic ? "auto" : "")
      .text("api_type", row.operation == "embeddings" ? "embeddings" : "completions")
      .text("origin", "")
      .text_or_null("user_agent", row.client)
      .text("workspace_id", row.project)
      .text("data_region", "global");
  for (const std::string_view unknown :
       {"app_id", "http_referer", "external_user", "preset_id", "web_search_engine"})
    out.put(unknown, "null");
}

void add_end(JsonObject& out, const TraceRow& row) {
  out.boolean("streamed", row.stream)
      .boolean("cancelled", row.state == FinalState::client_gone)
      .text_or_null("finish_reason", finish_word(row.finish_reason))
      .text_or_null("native_finish_reason", row.finish_reason)
      .count("latency", millis(row.latency))
      .count("generation_time", millis(row.latency - row.ttft.value_or(row.latency)))
      .put("moderation_latency", "null");
}

void add_usage(JsonObject& out, const Usage& usage) {
  const Count prompt =
      sum({usage.input, usage.cache_read, usage.cache_write_5m, usage.cache_write_1h,
           usage.input_audio, usage.cache_read_audio, usage.input_image});
  const Count completion = sum({usage.output, usage.output_audio, usage.output_image});
  out.count("tokens_prompt", prompt)
      .count("tokens_completion", completion)
      .count("native_tokens_prompt", prompt)
      .count("native_tokens_completion", completion)
      .count("native_tokens_completion_images", usage.output_image)
      .count("native_tokens_reasoning", usage.reasoning)
      .count("native_tokens_cached", sum({usage.cache_read, usage.cache_read_audio}))
      .count("num_search_results", usage.web_searches)
      .text_or_null("service_tier", usage.service_tier);
  for (const std::string_view unknown :
       {"num_media_prompt", "num_input_audio_prompt", "num_media_completion", "num_fetches"})
    out.put(unknown, "null");
}

}  // namespace

std::string write_generation(const TraceRow& row) {
  JsonObject out;
  add_origin(out, row);
  add_end(out, row);
  add_usage(out, row.usage);
  out.usd("total_cost", row.cost)
      .usd("usage", row.cost)
      .usd("upstream_inference_cost", row.cost)
      .put("cache_discount", "null")
      .boolean("is_byok", false);
  return JsonObject().put("data", out.str()).str();
}

}  // namespace routerone
