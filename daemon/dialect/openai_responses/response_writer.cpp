#include "daemon/dialect/openai_responses/response_writer.h"

#include <cstdint>
#include <optional>

#include "daemon/dialect/effort.h"
#include "daemon/dialect/openai_responses/tool_writer.h"
#include "daemon/dialect/tool_history.h"

namespace routerone::dialect::openai_responses {
namespace {

using chat::Request;

void write_or_null(JsonOut& out, std::string_view name, std::string_view text) {
  text.empty() ? out.null(name) : out.text(name, text);
}

void write_or(JsonOut& out, std::string_view name, std::optional<double> number,
              std::string_view otherwise) {
  number ? out.number(name, *number) : out.raw(name, otherwise);
}

/// The instructions, as far as the request still has its turns.
std::string instructions_of(const Request& asked) {
  if (asked.turns.empty()) return {};
  const chat::Turn& first = asked.turns.front();
  const bool instructs = first.role == chat::Role::system && !first.developer;
  return instructs ? joined_text(first.parts) : std::string();
}

void write_outcome(JsonOut& out, const ResponseState& state) {
  if (state.error_code.empty()) {
    out.null("error");
  } else {
    out.object("error")
        .text("code", state.error_code)
        .text("message", state.error_message)
        .end_object();
  }
  if (state.incomplete_reason.empty()) {
    out.null("incomplete_details");
  } else {
    out.object("incomplete_details").text("reason", state.incomplete_reason).end_object();
  }
}

void write_items(JsonOut& out, const ResponseState& state) {
  out.array("output");
  if (state.items) {
    for (const std::string& item : *state.items) {
      if (!item.empty()) out.raw(item);
    }
  }
  out.end_array();
}

void write_reasoning(JsonOut& out, const chat::Reasoning& asked) {
  const auto effort = asked_effort(asked);
  out.object("reasoning");
  write_or_null(out, "effort", effort ? effort_word(*effort) : "");
  write_or_null(out, "summary", asked.visible.value_or(false) ? "auto" : "");
  out.end_object();
}

/// The dialect knows no other words, and its clients hold it to them.
std::string_view tier_here(std::string_view served) {
  const bool known =
      served == "auto" || served == "flex" || served == "scale" || served == "priority";
  return known ? served : "default";
}

void write_text(JsonOut& out, const Request& asked) {
  using Kind = chat::Format::Kind;
  const chat::Format& format = asked.format;
  out.object("text").object("format");
  if (format.kind == Kind::schema) {
    out.text("type", "json_schema").text("name", format.name);
    out.text_if("description", format.description).raw("schema", format.schema);
    out.flag("strict", format.strict.value_or(false));
  } else {
    out.text("type", format.kind == Kind::json ? "json_object" : "text");
  }
  out.end_object();
  out.text("verbosity", asked.verbosity.empty() ? "medium" : asked.verbosity).end_object();
}

}  // namespace

void write_response(JsonOut& out, const Request& asked, const AnswerFacts& facts,
                    const ResponseState& state) {
  out.object()
      .text("id", state.id)
      .text("object", "response")
      .whole("created_at", facts.created)
      .text("status", state.status)
      .flag("background", false);
  if (state.status == "completed") {
    out.whole("completed_at", facts.created);  // No clock here: the best that is known.
  } else {
    out.null("completed_at");
  }
  write_outcome(out, state);
  write_or_null(out, "instructions", instructions_of(asked));
  asked.output_cap ? out.whole("max_output_tokens", *asked.output_cap)
                   : out.null("max_output_tokens");
  out.null("max_tool_calls").text("model", facts.model);
  write_items(out, state);
  out.flag("parallel_tool_calls", asked.choice.parallel.value_or(true));
  write_or(out, "presence_penalty", asked.presence_penalty, "0");
  write_or(out, "frequency_penalty", asked.frequency_penalty, "0");
  out.null("previous_response_id");
  write_or_null(out, "prompt_cache_key", asked.cache_key);
  write_reasoning(out, asked.reasoning);
  write_or_null(out, "safety_identifier", asked.user);
  out.text("service_tier", state.usage ? tier_here(state.usage->service_tier) : "default");
  out.flag("store", false);
  write_or(out, "temperature", asked.temperature, "1.0");
  write_text(out, asked);
  write_tool_choice(out.key("tool_choice"), asked.choice, asked.tools, nullptr);
  write_tools(out.key("tools"), asked.tools, nullptr);
  out.whole("top_logprobs", 0);
  write_or(out, "top_p", asked.top_p, "1.0");
  out.text("truncation", "disabled");
  state.usage ? write_usage(out.key("usage"), *state.usage) : void(out.null("usage"));
  out.null("user").raw("metadata", asked.metadata.empty() ? "{}" : asked.metadata).end_object();
}

void write_usage(JsonOut& out, const Usage& usage) {
  const auto sum = [](auto... counts) { return (std::int64_t{0} + ... + counts.value_or(0)); };
  const std::int64_t cached = sum(usage.cache_read, usage.cache_read_audio);
  const std::int64_t written = sum(usage.cache_write_5m, usage.cache_write_1h);
  const std::int64_t input =
      cached + written + sum(usage.input, usage.input_audio, usage.input_image);
  const std::int64_t output = sum(usage.output, usage.output_audio, usage.output_image);
  out.object()
      .whole("input_tokens", input)
      .object("input_tokens_details")
      .whole("cached_tokens", cached)
      .whole("cache_write_tokens", written)
      .end_object()
      .whole("output_tokens", output)
      .object("output_tokens_details")
      .whole("reasoning_tokens", usage.reasoning.value_or(0))
      .end_object()
      .whole("total_tokens", input + output)
      .end_object();
}

}  // namespace routerone::dialect::openai_responses
