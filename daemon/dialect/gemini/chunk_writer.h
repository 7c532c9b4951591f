#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/gemini/text_places.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/translation.h"
#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// What an answer of ours gathers that its parts can only say later: state of other dialects, which
/// goes on the next call or the answer's end, and the sources of its text.
class AnswerState {
 public:
  /// A whole part, or of a stream's text all but the text; `places`: where its text has citations.
  void take(const chat::Part&, TextPlaces places);
  /// The signature for the next call: its own, else what has been gathered.
  std::string signature_for(const chat::ToolCall&);
  std::string last_signature();

  bool refused() const { return refused_; }
  /// Why there is no answer, where no part says it: readers of this dialect show parts alone.
  std::string_view unsaid(const chat::Ending&) const;
  const std::vector<chat::Citation>& citations() const { return citations_; }
  /// The text that the citations belong to; empty: it is gone.
  const std::string& text() const { return text_; }
  const TextPlaces& places() const { return places_; }

 private:
  std::vector<chat::Thinking> thoughts_;
  std::vector<chat::Citation> citations_;
  std::string text_;
  TextPlaces places_;
  bool refused_ = false, spoke_ = false;
};

/// Parts of an answer, as elements of `parts`.
void write_text(JsonOut&, std::string_view text, bool thought = false);
void write_call(JsonOut&, const chat::ToolCall&, std::string_view signature);

/// `"usageMetadata":{..}`; nothing if nothing is known.
void write_usage(JsonOut&, const Usage&);

/// Finish reason, its message and the sources, behind the `content` of a candidate.
void write_ending(JsonOut&, const chat::Ending&, const AnswerState&);

/// What stands behind the candidates of each response object, to its end.
void write_identity(JsonOut&, std::string_view id, std::string_view model);

}  // namespace routerone::dialect::gemini
