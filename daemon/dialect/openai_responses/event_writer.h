#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/dialect/collector.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/openai_responses/response_writer.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::openai_responses {

/// Neutral events as a Responses stream. Each part is an item, one after another: the provider
/// never mixes their events, and some clients rely on it. Texts that follow each other are one
/// message. An item gets its place in the output when it first has something to say. Its end is
/// written when the next part begins: only then is it known that text does not go on, and that the
/// answer was not cut in it. The dialect repeats all items at the end, so they are held.
class ResponseWriter final : public EventWriter {
 public:
  /// `asked` outlives it.
  ResponseWriter(const chat::Request& asked, AnswerFacts facts)
      : asked_(asked), facts_(std::move(facts)) {}

  std::string write(const chat::Event&) override;
  bool is_full() const override { return kept_ + order_.held() > longest_kept; }
  std::string keepalive() override;
  std::string fail(const Refusal&) override;

  /// The response object as it stands after the last event.
  std::string response() const;

 private:
  struct Item {
    chat::Part what;  ///< With all of its text so far.
    std::string id;
    std::size_t place = 0;
    bool added = false;
    std::int64_t merged = 0;  ///< Of a message: how many characters earlier parts said.
  };

  void take(const chat::Began&);
  void take(const chat::PartBegan&);
  void take(const chat::Delta&);
  void take(const chat::PartEnded&);
  void take(const chat::Ended&);
  void take(const chat::Failed&) {}

  void begin(std::string_view upstream_id);
  bool goes_on(const chat::Part&) const;
  void merge(std::size_t part);
  void say(Item&, std::string_view text);
  static void learn(Item&, const chat::PartEnded&);
  void add(Item&);
  void add_state(const chat::ToolCall&);
  void add_refusal(const chat::Ending&);
  void close_ended(std::string_view status);
  void close(Item&, std::string_view status);
  void close_text(const Item&, const chat::Text&);
  void close_thinking(const Item&, const chat::Thinking&);
  void close_call(const Item&, const chat::ToolCall&);
  void settle(const chat::Ending&);

  JsonOut event(std::string_view type);
  JsonOut item_event(std::string_view type, const Item&);
  void done(JsonOut&);
  void response_event(std::string_view type);

  const chat::Request& asked_;
  AnswerFacts facts_;
  OneAtATime order_;
  std::string out_;  ///< Of the call under way.
  std::string base_, id_;
  std::map<std::size_t, Item> open_;  ///< By part.
  std::optional<std::size_t> ended_;  ///< The part whose end is not written yet.
  std::vector<std::string> items_;    ///< Finished ones, by place; empty: not finished.
  ResponseState state_;
  Usage usage_;
  std::size_t kept_ = 0;  ///< Bytes said and of state.
  std::int64_t sequence_ = 0;
  bool refused_ = false;  ///< A refusal's text went out.
  bool begun_ = false;
  bool done_ = false;
};

}  // namespace routerone::dialect::openai_responses
