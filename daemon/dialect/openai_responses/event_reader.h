#pragma once

#include <simdjson.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/dialect/call_ids.h"
#include "daemon/dialect/openai_responses/answer_reader.h"
#include "daemon/dialect/part_text.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::openai_responses {

/// A Responses stream as neutral events. Items are told apart by the place that events say for
/// them, never by their ids: some providers give an item another id in each event. A part begins
/// with its first text, so that one without text and state never does; what only an item's end or
/// the whole response at the end tells is made up for then.
class ResponseReader final : public EventReader {
 public:
  void read(std::string_view type, std::string_view data, std::vector<chat::Event>& out) override;
  void end(std::vector<chat::Event>& out) override;
  bool done() const override { return done_; }

 private:
  using Element = simdjson::dom::element;
  /// Place in the output, and in a message's content.
  using Place = std::pair<std::int64_t, std::int64_t>;
  struct Kind {
    std::string_view type;
    void (ResponseReader::*read)(Element);
  };
  static const Kind kinds[];
  struct Item {
    std::string type;
    bool finished = false;
  };
  struct Open {
    std::size_t part = 0;
    chat::Part rest;  ///< As it began.
    SaidText said;
    std::int64_t chapter = -1;  ///< Of thinking: which of its texts came last.
    bool raw = false;           ///< Of thinking: its text is not the summary.
  };

  void created(Element);
  void item_added(Element);
  void item_done(Element);
  void text_delta(Element);
  void text_done(Element);
  void refusal_delta(Element);
  void refusal_done(Element);
  void part_done(Element);
  void summary_delta(Element event) { thinking_delta(event, "summary_index", false); }
  void raw_delta(Element event) { thinking_delta(event, "content_index", true); }
  void arguments_delta(Element);
  void arguments_done(Element);
  void input_done(Element);
  void completed(Element);
  void failed(Element);

  void thinking_delta(Element event, std::string_view chapter_name, bool raw);
  void finish_item(Element item, std::int64_t place);
  void finish_message(Element item, std::int64_t place);
  void finish_text(Place, chat::Text told);
  void finish_thinking(Element item, std::int64_t place);
  void finish_call(Element item, std::int64_t place);
  void finish_streamed(std::int64_t place);
  void finish_rest(Element response);
  void rest_of_call(Element event, std::string_view name);

  void begin_answer(const std::optional<Element>& response);
  void note_item(std::int64_t place, std::string_view type);
  Open& open(Place, chat::Part what);
  Open* find(Place);
  void say(Open&, std::string_view text);
  /// What the deltas left out of the whole.
  void say_rest(Open&, std::string_view whole);
  /// `rest`: its text was said.
  void close(Place, chat::Part rest);
  /// Nothing is told behind the end, which an item in the middle of a list may be.
  void emit(chat::Event event) {
    if (!done_) out_->push_back(std::move(event));
  }
  void fail(FailureClass, std::optional<std::chrono::seconds> retry_after = std::nullopt);
  std::int64_t place_of(Element event);

  std::vector<chat::Event>* out_ = nullptr;  ///< Of the call under way.
  std::map<Place, Open> open_;
  std::set<Place> told_;                ///< Closed, of items that are not finished.
  std::map<std::int64_t, Item> items_;  ///< That something was heard of, by their place.
  std::size_t parts_ = 0;
  std::string base_;  ///< Of the answer's id.
  CallIds ids_;
  std::int64_t last_place_ = -1;  ///< For servers that do not say it.
  SaidKinds said_;
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace routerone::dialect::openai_responses
