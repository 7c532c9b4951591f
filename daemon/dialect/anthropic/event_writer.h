#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/anthropic/answer_writer.h"
#include "daemon/dialect/collector.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::anthropic {

/// Neutral events as a Messages stream: one message, its blocks one after another, none empty.
class MessageWriter final : public EventWriter {
 public:
  explicit MessageWriter(AnswerFacts facts) : facts_(std::move(facts)) {}

  std::string write(const chat::Event&) override;
  bool is_full() const override {
    return held_.size() + waiting_bytes_ + order_.held() > longest_kept;
  }
  std::string keepalive() override;
  std::string fail(const Refusal&) override;

 private:
  void take(const chat::Began&);
  void take(const chat::PartBegan&);
  void take(const chat::Delta&);
  void take(const chat::PartEnded&);
  void take(const chat::Ended&);
  void take(const chat::Failed&) {}

  void end(const chat::Text&);
  void end(chat::Thinking, const std::vector<chat::Gap>&);
  void end(const chat::ToolCall&);

  void begin_message(const chat::Began&);
  void open(std::string_view block);
  void open_call(const chat::ToolCall&);
  void delta(std::string_view type, std::string_view name, std::string_view text);
  void sign(const chat::Thinking&);
  void put_waiting();
  void arguments(const chat::ToolCall&, std::string_view text);
  void close();
  void event(std::string_view type, std::string_view data);

  AnswerFacts facts_;
  OneAtATime order_;
  std::string out_;   ///< Of the call under way.
  chat::Part part_;   ///< What is under way, as it began.
  std::string held_;  ///< Arguments of a call whose name is not known yet; thinking whose
                      ///< state we carry.
  /// States that are blocks of their own, until something follows: for some agents the last block
  /// is what the model said.
  std::vector<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t sent_ = 0;     ///< How much of a call's arguments went out.
  std::int64_t blocks_ = 0;  ///< Begun so far.
  bool open_ = false;        ///< The last of them.
  bool begun_ = false;
  bool done_ = false;
  Said said_;
};

}  // namespace routerone::dialect::anthropic
