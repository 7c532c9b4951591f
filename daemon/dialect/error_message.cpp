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

}  // namespace routerone::dialect
