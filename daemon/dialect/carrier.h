#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/exchange/chat.h"

namespace routerone::dialect {

/// How state that only its maker can read travels through a caller of another dialect: in the field
/// where that dialect has state of its own, as `r1.<p>.<base64url of JSON>`, p one of m r g c. The
/// JSON is an array of the one whole original block, so that nothing depends on the caller keeping
/// visible text.

/// Empty if there is no state or nobody it belongs to.
std::string write_carrier(const chat::Thinking&);

/// The state in a carrier: origin and state are set, text is empty. Nullopt if it is none of ours
/// (then it is the dialect's own state) or is damaged.
std::optional<chat::Thinking> read_carrier(std::string_view field);
/// Does it look like a carrier, damaged or not? Such a one is never sent as somebody's own state.
bool is_carrier(std::string_view field);

/// For dialects whose calls have no room for the model's state at a call: thinking without text
/// that holds it and goes right before the call. settle_history puts it back into the call.
chat::Thinking signature_holder(const chat::ToolCall&);
/// The signature that such a holder holds; empty: it is none.
std::string held_signature(const chat::Thinking&);

/// State is only ever sent to the dialect that made it.
inline bool owns(std::string_view dialect, const chat::Thinking& thinking) {
  return !thinking.state.empty() && thinking.origin == dialect;
}

}  // namespace routerone::dialect
