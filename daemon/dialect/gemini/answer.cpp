#include "daemon/dialect/gemini/answer.h"

#include <utility>
#include <vector>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/collector.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/gemini/chunk_writer.h"
#include "daemon/dialect/gemini/event_reader.h"

namespace routerone::dialect::gemini {
namespace {

class PartsWriter {
 public:
  PartsWriter(JsonOut& out, AnswerState& state, bool shows_thoughts)
      : out_(out), state_(state), shows_thoughts_(shows_thoughts) {}

  void write(const chat::Part& part) {
    TextPlaces places;
    const auto* told = std::get_if<chat::Text>(&part);
    if (told && !told->citations.empty()) places.add(told->text);
    state_.take(part, std::move(places));
    if (const auto* text = std::get_if<chat::Text>(&part)) {
      if (!text->text.empty()) write_text(out_, text->text);
    } else if (const auto* thought = std::get_if<chat::Thinking>(&part)) {
      if (shows_thoughts_ && !thought->text.empty()) write_text(out_, thought->text, true);
    } else if (const auto* call = std::get_if<chat::ToolCall>(&part)) {
      write_call(out_, *call, state_.signature_for(*call));
    }
  }

  /// What no call has taken, and what no part has said.
  void finish(const chat::Ending& ending) {
    const std::string signature = state_.last_signature();
    const std::string_view words = state_.unsaid(ending);
    if (signature.empty() && words.empty()) return;
    out_.object().text("text", words).text_if("thoughtSignature", signature).end_object();
  }

 private:
  JsonOut& out_;
  AnswerState& state_;
  bool shows_thoughts_;
};

std::string write_count(const Usage& usage) {
  JsonOut out;
  out.object().whole("totalTokens", usage.input.value_or(0));
  return std::move(out.end_object()).take();
}

}  // namespace

tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) {
  {
    const Dom document(body);
    const auto total = document.ok() ? count_member(document.root(), "totalTokens") : std::nullopt;
    if (total) {
      chat::Answer counted;
      counted.ending.usage.input = total;
      return counted;
    }
  }
  ContentEvents reader;
  std::vector<chat::Event> events;
  reader.read("", body, events);
  reader.end(events);
  Collector collector;
  for (const chat::Event& event : events) collector.take(event);
  return std::move(collector).answer();
}

std::string write_answer(const chat::Answer& answer, const chat::Request& asked,
                         const AnswerFacts& facts) {
  if (asked.count_only) return write_count(answer.ending.usage);
  JsonOut out;
  AnswerState state;
  out.object().array("candidates").object().object("content").array("parts");
  PartsWriter parts(out, state, asked.reasoning.visible.value_or(true));
  for (const chat::Part& part : answer.parts) parts.write(part);
  parts.finish(answer.ending);
  out.end_array().text("role", "model").end_object();
  write_ending(out, answer.ending, state);
  out.end_object().end_array();
  write_usage(out, answer.ending.usage);
  write_identity(out, answer_base(answer.id, facts.id), facts.model);
  return std::move(out).take();
}

}  // namespace routerone::dialect::gemini
