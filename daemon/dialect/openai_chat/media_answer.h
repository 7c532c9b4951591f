#pragma once

#include <simdjson.h>

#include <string_view>

#include "daemon/dialect/dialect.h"

namespace routerone::dialect::openai_chat {

/// Judges a whole answer of an operation that makes or reads images and sound. A transcript may be
/// plain text, and speech is sound: both are good as soon as they are there and no web page.
Verdict judge_media(const Operation&, int status, http::Fields, std::string_view body);

/// Events only where the answer says that it is some: models that cannot stream answer whole.
AnswerForm media_answer_form(const Operation&, const Envelope& asked, http::Fields);

/// How its usage object is read.
using UsageReader = Usage (*)(simdjson::dom::element);
UsageReader media_usage_reader(const Operation&);

}  // namespace routerone::dialect::openai_chat
