#include "daemon/dialect/openai_chat/translation.h"

#include "daemon/dialect/openai_chat/answer_reader.h"
#include "daemon/dialect/openai_chat/answer_writer.h"
#include "daemon/dialect/openai_chat/event_reader.h"
#include "daemon/dialect/openai_chat/event_writer.h"
#include "daemon/dialect/openai_chat/request_reader.h"
#include "daemon/dialect/openai_chat/request_writer.h"

namespace routerone::dialect {
namespace {

class ChatTranslation final : public Translation {
 public:
  tl::expected<chat::Request, Refusal> read_request(const Operation&, std::string_view,
                                                    std::string_view body) const override {
    return openai_chat::read_request(body);
  }
  tl::expected<WrittenRequest, Refusal> write_request(const chat::Request& request,
                                                      const Target& target) const override {
    return openai_chat::write_request(request, target);
  }
  tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) const override {
    return openai_chat::read_answer(body);
  }
  std::string write_answer(const chat::Answer& answer, const chat::Request& asked,
                           const AnswerFacts& facts) const override {
    return openai_chat::write_answer(answer, asked, facts);
  }
  std::unique_ptr<EventReader> read_events() const override {
    return std::make_unique<openai_chat::Events>();
  }
  std::unique_ptr<EventWriter> write_events(const chat::Request& asked,
                                            const AnswerFacts& facts) const override {
    return std::make_unique<openai_chat::EventLines>(asked, facts);
  }
};

}  // namespace

const Translation& openai_chat_translation() {
  static const ChatTranslation translation;
  return translation;
}

}  // namespace routerone::dialect
