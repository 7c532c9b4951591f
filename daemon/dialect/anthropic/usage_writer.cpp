#include "daemon/dialect/anthropic/usage_writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace routerone::dialect::anthropic {
namespace {

using Count = std::optional<std::int64_t>;

/// What this dialect calls by one name; nothing here is counted twice. Each is below 2^53.
template <class... Counts>
std::int64_t sum(Counts... counts) {
  return (std::int64_t{0} + ... + counts.value_or(0));
}

std::int64_t input(const Usage& usage) {
  return sum(usage.input, usage.input_audio, usage.input_image);
}
std::int64_t cache_read(const Usage& usage) {
  return sum(usage.cache_read, usage.cache_read_audio);
}
std::int64_t output(const Usage& usage) {
  return sum(usage.output, usage.output_audio, usage.output_image);
}
std::int64_t cache_write(const Usage& usage) {
  return sum(usage.cache_write_5m, usage.cache_write_1h);
}

void write_thinking(JsonOut& out, const Usage& usage) {
  if (!usage.reasoning) {
    out.null("output_tokens_details");
    return;
  }
  out.object("output_tokens_details").whole("thinking_tokens", *usage.reasoning).end_object();
}

void write_searches(JsonOut& out, const Usage& usage) {
  if (usage.web_searches.value_or(0) == 0) {
    out.null("server_tool_use");
    return;
  }
  out.object("server_tool_use").whole("web_search_requests", *usage.web_searches).end_object();
}

void write_tier(JsonOut& out, const Usage& usage) {
  static constexpr std::array<std::string_view, 3> known = {"standard", "priority", "batch"};
  if (std::find(known.begin(), known.end(), usage.service_tier) == known.end()) {
    out.null("service_tier");
  } else {
    out.text("service_tier", usage.service_tier);
  }
}

}  // namespace

void write_message_usage(JsonOut& out, const Usage& usage) {
  out.object()
      .whole("input_tokens", input(usage))
      .whole("cache_creation_input_tokens", cache_write(usage))
      .whole("cache_read_input_tokens", cache_read(usage));
  if (usage.cache_write_5m || usage.cache_write_1h) {
    out.object("cache_creation")
        .whole("ephemeral_5m_input_tokens", usage.cache_write_5m.value_or(0))
        .whole("ephemeral_1h_input_tokens", usage.cache_write_1h.value_or(0))
        .end_object();
  } else {
    out.null("cache_creation");
  }
  out.whole("output_tokens", output(usage));
  write_thinking(out, usage);
  write_searches(out, usage);
  write_tier(out, usage);
  out.null("inference_geo").null("speed").end_object();
}

void write_delta_usage(JsonOut& out, const Usage& usage) {
  out.object()
      .whole("input_tokens", input(usage))
      .whole("cache_creation_input_tokens", cache_write(usage))
      .whole("cache_read_input_tokens", cache_read(usage))
      .whole("output_tokens", output(usage));
  write_thinking(out, usage);
  write_searches(out, usage);
  out.end_object();
}

}  // namespace routerone::dialect::anthropic
