#include "daemon/dialect/anthropic/translation.h"

#include "daemon/dialect/anthropic/answer_reader.h"
#include "daemon/dialect/anthropic/answer_writer.h"
#include "daemon/dialect/anthropic/event_reader.h"
#include "daemon/dialect/anthropic/event_writer.h"
#include "daemon/dialect/anthropic/request_reader.h"
#include "daemon/dialect/anthropic/request_writer.h"

namespace routerone::dialect::anthropic {
namespace {

class Messages final : public Translation {
 public:
  tl::expected<chat::Request, Refusal> read_request(const Operation& operation, std::string_view,
                                                    std::string_view body) const override {
    return anthropic::read_request(operation, body);
  }
  tl::expected<WrittenRequest, Refusal> write_request(const chat::Request& request,
                                                      const Target& target) const override {
    return anthropic::write_request(request, target);
  }
  tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) const override {
    return anthropic::read_answer(body);
  }
  std::string write_answer(const chat::Answer& answer, const chat::Request& asked,
                           const AnswerFacts& facts) const override {
    return anthropic::write_answer(answer, asked, facts);
  }
  std::unique_ptr<EventReader> read_events() const override {
    return std::make_unique<MessageEvents>();
  }
  std::unique_ptr<EventWriter> write_events(const chat::Request&,
                                            const AnswerFacts& facts) const override {
    return std::make_unique<MessageWriter>(facts);
  }
};

}  // namespace

const Translation& message_translation() {
  static const Messages translation;
  return translation;
}

}  // namespace routerone::dialect::anthropic
