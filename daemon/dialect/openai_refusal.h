#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect {

/// A refusal in the words the two OpenAI dialects share (DESIGN §6).
struct OpenAiWords {
  int status = 500;
  std::string_view type;
  std::string_view code;  ///< Empty: null.
};

enum class OpenAiForm { chat, responses };

OpenAiWords openai_words(RefusalKind, OpenAiForm);

/// `{"message":..,"type":..,"param":..,"code":..}`
std::string openai_error_object(const Refusal&, const OpenAiWords&);

/// `program`: the caller's User-Agent; one agent stops at a reached limit only in another form.
WrittenRefusal write_openai_refusal(const Refusal&, OpenAiForm, std::string_view program);

}  // namespace routerone::dialect
