#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/call_ids.h"
#include "daemon/dialect/gemini/fields.h"
#include "daemon/dialect/gemini/partial_args.h"
#include "daemon/dialect/gemini/text_places.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::gemini {

/// Reads a stream of response objects; a whole answer is a stream of one. One part is open at a
/// time: neighbours of a kind are one part, a call is complete when it comes.
class ContentEvents final : public EventReader {
 public:
  void read(std::string_view type, std::string_view data, std::vector<chat::Event>& out) override;
  void end(std::vector<chat::Event>& out) override;
  bool done() const override { return done_; }

 private:
  void read_chunk(Element chunk);
  void begin_answer(Element chunk);
  void read_candidate(Element candidate);
  void read_part(Element part);
  void take_call(Element call, std::string_view signature);
  void read_finish_of(Element candidate);
  void read_feedback(Element feedback);

  void add_text(std::string_view text, std::string_view signature);
  void add_thought(std::string_view text, std::string_view signature);
  void say(std::string_view text);
  void begin_call(Element call, std::string_view signature);
  void end_call(const chat::JsonText& arguments);
  void open(chat::Part part);
  void close();
  void put(const chat::Thinking& state);
  std::string call_id(Element call);
  void fail(FailureClass, std::optional<std::chrono::seconds> retry_after = {});

  std::vector<chat::Event>* out_ = nullptr;
  std::optional<chat::Part> open_;   ///< As far as it has come, without what it said.
  TextPlaces said_;                  ///< Of the open part.
  std::vector<chat::Gap> gaps_;      ///< Of the open thought's state.
  std::string text_signature_;       ///< Of the open text: told behind it.
  std::optional<PartialArgs> args_;  ///< Of the open call, where they come piece by piece.
  std::size_t parts_ = 0;            ///< Begun.
  std::size_t calls_ = 0;
  std::string base_;  ///< Of the answer's id.
  CallIds ids_;
  chat::Ending ending_;
  bool begun_ = false, finish_seen_ = false, done_ = false;
  bool spoke_ = false;  ///< A text or a call has begun.
};

}  // namespace routerone::dialect::gemini
