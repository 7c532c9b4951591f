#include "daemon/dialect/gemini/chunk_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/gemini/endings.h"
#include "daemon/dialect/gemini/grounding.h"
#include "daemon/dialect/gemini/signatures.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/tool_names.h"

namespace routerone::dialect::gemini {
namespace {

using Count = std::optional<std::int64_t>;

std::int64_t sum(std::initializer_list<Count> counts) {
  std::int64_t out = 0;
  for (const Count& count : counts) out += count.value_or(0);
  return out;
}

}  // namespace

void AnswerState::take(const chat::Part& part, TextPlaces places) {
  if (const auto* thought = std::get_if<chat::Thinking>(&part)) {
    if (!thought->state.empty()) thoughts_.push_back(*thought);
  } else if (const auto* text = std::get_if<chat::Text>(&part)) {
    spoke_ = true;
    refused_ = refused_ || text->refusal;
    if (text->citations.empty()) return;
    citations_ = text->citations;
    text_ = text->text;
    places_ = std::move(places);
  }
}

std::string AnswerState::signature_for(const chat::ToolCall& call) {
  return call.signature.empty() ? last_signature() : call.signature;
}

std::string_view AnswerState::unsaid(const chat::Ending& ending) const {
  const bool refused = ending.finish == chat::Finish::refusal && !spoke_;
  return refused ? std::string_view(ending.explanation) : std::string_view();
}

std::string AnswerState::last_signature() { return write_foreign(std::exchange(thoughts_, {})); }

void write_text(JsonOut& out, std::string_view text, bool thought) {
  out.object().text("text", text);
  if (thought) out.flag("thought", true);
  out.end_object();
}

void write_call(JsonOut& out, const chat::ToolCall& call, std::string_view signature) {
  const std::string name = call.group.empty() ? call.name : call.group + "__" + call.name;
  out.object().object("functionCall").text_if("id", call.id).text("name", name);
  out.raw("args", call.freeform ? wrap_freeform(call.arguments) : as_arguments(call.arguments));
  out.end_object().text_if("thoughtSignature", signature).end_object();
}

void write_usage(JsonOut& out, const Usage& usage) {
  if (!usage.known()) return;
  const std::int64_t cached = sum({usage.cache_read, usage.cache_read_audio});
  const std::int64_t prompt = cached + sum({usage.input, usage.cache_write_5m, usage.cache_write_1h,
                                            usage.input_audio, usage.input_image});
  const std::int64_t written = sum({usage.output, usage.output_audio, usage.output_image});
  const std::int64_t thoughts = std::min(usage.reasoning.value_or(0), usage.output.value_or(0));
  out.object("usageMetadata").whole("promptTokenCount", prompt);
  out.whole("candidatesTokenCount", written - thoughts);
  if (thoughts > 0) out.whole("thoughtsTokenCount", thoughts);
  if (cached > 0) out.whole("cachedContentTokenCount", cached);
  out.whole("totalTokenCount", prompt + written).end_object();
}

void write_ending(JsonOut& out, const chat::Ending& ending, const AnswerState& state) {
  out.text("finishReason", finish_reason(ending.finish, state.refused()));
  out.text_if("finishMessage", ending.explanation);
  out.whole("index", 0);
  write_grounding(out, state.citations(), state.places(), state.text());
}

void write_identity(JsonOut& out, std::string_view id, std::string_view model) {
  out.text("modelVersion", model).text("responseId", id).end_object();
}

}  // namespace routerone::dialect::gemini
