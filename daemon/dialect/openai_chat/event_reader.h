#pragma once

#include <simdjson.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/call_ids.h"
#include "daemon/dialect/object_end.h"
#include "daemon/dialect/openai_chat/reasoning.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::openai_chat {

/// A streamed chat completion. The first choice is the answer; a finish reason is only remembered,
/// because usage may follow it: `[DONE]`, or the upstream's end after a finish reason, ends it.
class Events final : public EventReader {
 public:
  void read(std::string_view type, std::string_view data, std::vector<chat::Event>& out) override;
  void end(std::vector<chat::Event>& out) override;
  bool done() const override { return done_; }

 private:
  using Out = std::vector<chat::Event>;
  using Element = simdjson::dom::element;

  /// A call under way. It begins as a part when its name is known.
  struct Call {
    std::string said_id;
    chat::ToolCall so_far;  ///< Its arguments only until it begins.
    ObjectEnd arguments;
    std::optional<std::size_t> part;
    bool ended = false;
  };

  void read_chunk(Element chunk, Out& out);
  void read_delta(Element delta, Out& out);
  void take_content(Element delta, Out& out);
  void think(Element delta, Out& out);
  void think_part(std::string_view text, Out& out);
  void say(std::string_view text, bool refusal, Out& out);
  void take_call(Element entry, std::size_t position, Out& out);
  Call& call_for(Element entry, std::size_t position, bool named);
  void add_to_call(Call&, Element entry, bool freeform, Element inside, Out& out);

  void begin_call(Call&, Out& out);
  static bool is_whole(const Call&);

  void open_thinking(Out& out);
  void close_thinking(Out& out);
  void close_text(Out& out);
  void close_whole_calls(Out& out);
  void close_call(Call&, Out& out);
  void keep(std::size_t bytes, Out& out);
  void finish(Out& out);
  void fail(FailureClass, Out& out, std::optional<std::chrono::seconds> retry_after = {});

  bool began_ = false, done_ = false, refused_ = false;
  std::string base_;  ///< Of the answer's id.
  CallIds ids_;
  std::size_t parts_ = 0;
  std::size_t kept_ = 0;                        ///< Bytes, beside the reasoning's.
  std::optional<std::size_t> thinking_, text_;  ///< The parts open, by number.
  ReasoningFold reasoning_;
  chat::Text rest_;  ///< Of the text that is open.
  std::vector<Call> calls_;
  std::map<std::size_t, std::size_t> call_at_;  ///< Upstream's index to ours.
  std::optional<std::string> finish_word_;
  Usage usage_;
};

}  // namespace routerone::dialect::openai_chat
