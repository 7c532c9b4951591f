#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "daemon/dialect/openai_responses/findings.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// Reads `input` into a request's turns, and the tools that stand in it behind its tools. Items of
/// one kind of speaker in a row are one turn: text, thinking and calls of the model; what its
/// calls gave.
class ItemReader {
 public:
  ItemReader(chat::Request& out, Findings& findings) : out_(out), findings_(findings) {}

  void read(simdjson::dom::element input);

 private:
  using Element = simdjson::dom::element;
  struct Kind {
    std::string_view type;
    void (ItemReader::*read)(Element);
  };
  static const Kind kinds[];

  void read_item(Element);
  void message(Element);
  void reasoning(Element);
  void call(Element);
  void action_call(Element);
  void output(Element);
  void more_tools(Element);
  /// What the provider itself did, and what only it can read. The conversation goes on without it.
  void provider_item(Element);
  void reference(Element);
  void own_item(Element);

  chat::Turn& assistant_turn();
  void add_result(chat::ToolResult);
  std::string here(std::string_view member) const;

  chat::Request& out_;
  Findings& findings_;
  std::size_t at_ = 0;
  bool compacted_ = false;
};

}  // namespace routerone::dialect::openai_responses
