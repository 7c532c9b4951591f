#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/anthropic/usage.h"
#include "daemon/dialect/call_ids.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/translation.h"

namespace routerone::dialect::anthropic {

/// A stream of Messages events as neutral ones.
class MessageEvents final : public EventReader {
 public:
  void read(std::string_view type, std::string_view data, std::vector<chat::Event>& out) override;
  void end(std::vector<chat::Event>& out) override;
  bool done() const override { return done_; }

 private:
  using Element = simdjson::dom::element;
  /// A block under way, or one that nobody waits for (`part` unset).
  struct Block {
    std::optional<std::size_t> part;
    chat::Part rest;  ///< Without what it said; a call's arguments until others come.
    std::string signature;
    std::size_t bytes = 0;        ///< Said so far, ...
    std::int64_t characters = 0;  ///< ... of a text counted otherwise, too.
    bool has_input = false;       ///< Its arguments came piece by piece.
  };

  void message_start(Element event);
  void block_start(Element event);
  void block_delta(Element event);
  void block_stop(Element event);
  void message_delta(Element event);
  void error(Element event);

  void say(Block&, std::string_view piece);
  void take_text(Block&, std::string_view piece);
  void take_citation(Block&, Element citation);
  void take_arguments(Block&, std::string_view piece);
  void begin_answer(std::string_view id, std::string_view model);
  Block& begin(std::int64_t index, std::optional<chat::Part> part);
  void finish(Block&);
  void finish_answer();
  void fail(FailureClass);

  std::vector<chat::Event>* out_ = nullptr;  ///< Of the call under way.
  std::map<std::int64_t, Block> blocks_;     ///< By the dialect's own index.
  std::size_t parts_ = 0;
  std::size_t kept_ = 0;  ///< Bytes of sources.
  UsageFold usage_;
  chat::Ending ending_;
  std::string base_;  ///< Of the answer's id.
  CallIds ids_;
  bool started_ = false;
  bool called_ = false;
  bool finish_seen_ = false;
  bool done_ = false;
};

}  // namespace routerone::dialect::anthropic
