#include "daemon/dialect/openai_responses/translation.h"

#include "daemon/dialect/collector.h"
#include "daemon/dialect/openai_responses/answer_reader.h"
#include "daemon/dialect/openai_responses/event_reader.h"
#include "daemon/dialect/openai_responses/event_writer.h"
#include "daemon/dialect/openai_responses/request_reader.h"
#include "daemon/dialect/openai_responses/request_writer.h"

namespace routerone::dialect {
namespace {

std::string write_count(const chat::Answer& answer) {
  JsonOut out;
  return std::move(out.object()
                       .text("object", "response.input_tokens")
                       .whole("input_tokens", answer.ending.usage.input.value_or(0))
                       .end_object())
      .take();
}

class OpenAiResponsesTranslation final : public Translation {
 public:
  tl::expected<chat::Request, Refusal> read_request(const Operation& operation, std::string_view,
                                                    std::string_view body) const override {
    return openai_responses::read_request(operation, body);
  }

  tl::expected<WrittenRequest, Refusal> write_request(const chat::Request& request,
                                                      const Target& target) const override {
    return openai_responses::write_request(request, target);
  }

  tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) const override {
    return openai_responses::read_answer(body);
  }

  /// The stream's last word is the whole answer.
  std::string write_answer(const chat::Answer& answer, const chat::Request& asked,
                           const AnswerFacts& facts) const override {
    if (asked.count_only) return write_count(answer);
    openai_responses::ResponseWriter writer(asked, facts);
    for (const chat::Event& event : events_of(answer)) writer.write(event);
    return writer.response();
  }

  std::unique_ptr<EventReader> read_events() const override {
    return std::make_unique<openai_responses::ResponseReader>();
  }

  std::unique_ptr<EventWriter> write_events(const chat::Request& asked,
                                            const AnswerFacts& facts) const override {
    return std::make_unique<openai_responses::ResponseWriter>(asked, facts);
  }
};

}  // namespace

const Translation& openai_responses_translation() {
  static const OpenAiResponsesTranslation translation;
  return translation;
}

}  // namespace routerone::dialect
