#include "daemon/dialect/error_message.h"

#include "common/core/text.h"
#include "daemon/dialect/dom.h"

namespace routerone::dialect {
namespace {

constexpr std::size_t longest_message = 2'000;

}  // namespace

std::string error_message(std::string_view body) {
  const Dom json(body);
  if (!json.ok()) return {};
  const auto error = member(json.root(), "error");
  for (const auto& place : {error.value_or(json.root()), json.root()}) {
    for (const char* name : {"message", "detail"}) {
      const std::string_view said = text_member(place, name);
      if (!said.empty()) return printable(said, longest_message);
    }
  }
  return error ? printable(text_member(json.root(), "error"), longest_message) : std::string();
}

bool says_prompt_too_long(std::string_view body) {
  for (const std::string_view words :
       {std::string_view("context_length_exceeded"), prompt_too_long,
        std::string_view("maximum context length"), std::string_view("exceeds the context window"),
        std::string_view("exceeds the maximum number of tokens")}) {
    if (body.find(words) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace routerone::dialect
