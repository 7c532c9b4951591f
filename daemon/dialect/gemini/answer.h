#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/dialect/translation.h"

namespace routerone::dialect::gemini {

/// A whole answer, or the count that was asked for.
tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body);
std::string write_answer(const chat::Answer&, const chat::Request& asked, const AnswerFacts&);

}  // namespace routerone::dialect::gemini
