#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/exchange/refusal.h"

namespace routerone::dialect::openai_responses {

/// What a message says beside the body that it carries. Views into the message, but for `items`.
struct Message {
  bool parsed = false;  ///< False: it is not one JSON object; nothing else is known.
  std::string type;
  std::string previous;    ///< `previous_response_id`; empty: none.
  std::string_view model;  ///< As JSON; may be empty.
  bool stores = true;      ///< False: the provider is to keep nothing.
  bool generate = true;    ///< False: only to prepare.
  std::string items;       ///< Of `input`, as they came, with commas between them.
};

/// Names that we act on may stand in it once, and in one spelling: what we read is what the
/// provider's parser will read.
tl::expected<Message, Refusal> read_message(std::string_view message);

/// The members of a JSON array as they stand in it; empty if it is none.
std::string_view items_of(std::string_view array);

/// The body to be POSTed: the message without what only the connection knows, streamed, and with
/// `before`, which are items with commas between them, at the start of its input. All else stays as
/// it came.
std::string write_body(std::string message, const Message& read, std::string_view before);

}  // namespace routerone::dialect::openai_responses
