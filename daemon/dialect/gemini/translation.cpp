#include "daemon/dialect/gemini/translation.h"

#include "daemon/dialect/gemini/answer.h"
#include "daemon/dialect/gemini/event_reader.h"
#include "daemon/dialect/gemini/event_writer.h"
#include "daemon/dialect/gemini/request_reader.h"
#include "daemon/dialect/gemini/request_writer.h"

namespace routerone::dialect::gemini {
namespace {

class Contents final : public Translation {
 public:
  tl::expected<chat::Request, Refusal> read_request(const Operation& operation,
                                                    std::string_view path,
                                                    std::string_view body) const override {
    return gemini::read_request(operation, path, body);
  }
  tl::expected<WrittenRequest, Refusal> write_request(const chat::Request& request,
                                                      const Target& target) const override {
    return gemini::write_request(request, target);
  }
  tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) const override {
    return gemini::read_answer(body);
  }
  std::string write_answer(const chat::Answer& answer, const chat::Request& asked,
                           const AnswerFacts& facts) const override {
    return gemini::write_answer(answer, asked, facts);
  }
  std::unique_ptr<EventReader> read_events() const override {
    return std::make_unique<ContentEvents>();
  }
  std::unique_ptr<EventWriter> write_events(const chat::Request& asked,
                                            const AnswerFacts& facts) const override {
    return std::make_unique<ChunkStream>(asked, facts);
  }
};

}  // namespace

const Translation& content_translation() {
  static const Contents translation;
  return translation;
}

}  // namespace routerone::dialect::gemini
