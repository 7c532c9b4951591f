#include "daemon/dialect/carrier.h"

#include <array>

#include "daemon/dialect/base64.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_out.h"

namespace routerone::dialect {
namespace {

constexpr std::string_view prefix = "r1.";

struct Owner {
  char letter;
  std::string_view dialect;
};
constexpr std::array<Owner, 4> owners = {
    {{'m', "anthropic"}, {'r', "openai-responses"}, {'g', "gemini"}, {'c', "openai-chat"}}};

/// The one dialect whose calls are signed one by one.
constexpr std::string_view signing_dialect = "gemini", signature_name = "thoughtSignature";

}  // namespace

chat::Thinking signature_holder(const chat::ToolCall& call) {
  chat::Thinking out;
  out.origin = signing_dialect;
  JsonOut state;
  out.state = std::move(state.object().text(signature_name, call.signature).end_object()).take();
  return out;
}

std::string held_signature(const chat::Thinking& thinking) {
  if (thinking.origin != signing_dialect) return {};
  const Dom state(thinking.state);
  simdjson::dom::object object;
  if (!state.ok() || state.root().get_object().get(object) != simdjson::SUCCESS) return {};
  return object.size() == 1 ? std::string(text_member(state.root(), signature_name)) : "";
}

std::string write_carrier(const chat::Thinking& thinking) {
  for (const Owner& owner : owners) {
    if (owner.dialect == thinking.origin && !thinking.state.empty()) {
      return std::string(prefix) + owner.letter + '.' + to_base64url("[" + thinking.state + "]");
    }
  }
  return {};
}

bool is_carrier(std::string_view field) {
  return field.starts_with(prefix) && field.size() > 4 && field[4] == '.';
}

std::optional<chat::Thinking> read_carrier(std::string_view field) {
  if (!is_carrier(field)) return std::nullopt;
  for (const Owner& owner : owners) {
    if (owner.letter != field[3]) continue;
    const auto list = from_base64(field.substr(5));
    if (!list || !list->starts_with('[') || !list->ends_with(']')) return std::nullopt;
    chat::Thinking out;
    out.origin = owner.dialect;
    out.state = list->substr(1, list->size() - 2);
    if (!Dom(out.state).ok()) return std::nullopt;
    return out;
  }
  return std::nullopt;
}

}  // namespace routerone::dialect
