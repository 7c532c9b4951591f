#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/json_out.h"
#include "daemon/dialect/translation.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::openai_responses {

/// What a response object says that is not the caller's own words.
struct ResponseState {
  std::string_view id;
  std::string_view status = "in_progress";
  std::string_view incomplete_reason;  ///< Empty: it is not incomplete.
  std::string_view error_code;         ///< Empty: it did not fail.
  std::string error_message;
  const std::vector<std::string>* items = nullptr;  ///< JSON; null: none. Empty ones are left out.
  const Usage* usage = nullptr;                     ///< Null: not yet known.
};

/// The response object: what became of the request, around the caller's own settings. All that the
/// schema wants is in it, also what the caller left open.
void write_response(JsonOut&, const chat::Request& asked, const AnswerFacts&, const ResponseState&);

/// All numbers are there: clients' parsers want them.
void write_usage(JsonOut&, const Usage&);

}  // namespace routerone::dialect::openai_responses
