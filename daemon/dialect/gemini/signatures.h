#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/exchange/chat.h"

namespace routerone::dialect::gemini {

/// `thoughtSignature`: bytes in base64 that stand on a part. Of a call they are
/// ToolCall::signature; of a text they are thinking of their own right behind it, whose state is an
/// empty text that is signed. State of other dialects travels through this dialect's callers in the
/// same field.

inline constexpr std::string_view own_id = "gemini";
/// Takes the place of a signature that a call should have and has not.
inline constexpr std::string_view no_signature = "skip_thought_signature_validator";

/// Thinking that holds the signature of a text.
chat::Thinking signed_text(std::string_view signature);
/// The state of thinking as a part of this dialect.
chat::JsonText thought_state(std::string_view text, std::string_view signature);
/// Where its text begins in it.
inline constexpr std::size_t thought_text_at = std::string_view(R"({"text":")").size();

/// Foreign state as a signature; empty if there is none.
std::string write_foreign(const std::vector<chat::Thinking>&);
/// The foreign state in a signature; empty: it is this dialect's own.
std::vector<chat::Thinking> read_foreign(std::string_view signature);

}  // namespace routerone::dialect::gemini
