#include "daemon/dialect/openai_chat/chunk.h"

#include <algorithm>
#include <array>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/text_find.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;

/// The dialect's own, then what servers that speak it also say.
constexpr std::array<std::string_view, 12> finish_words = {
    "stop",          "length",       "tool_calls", "content_filter",
    "function_call", "eos",          "end",        "error",
    "end_turn",      "model_length", "cancelled",  "insufficient_system_resource"};

/// Members of a delta that say nothing of the answer.
constexpr std::array<std::string_view, 5> empty_words = {"role", "channel", "index", "name", "id"};

bool is_empty(Element value) {
  std::string_view text;
  simdjson::dom::array array;
  simdjson::dom::object object;
  if (value.get_string().get(text) == simdjson::SUCCESS) return text.empty();
  if (value.get_array().get(array) == simdjson::SUCCESS) return array.size() == 0;
  if (value.get_object().get(object) == simdjson::SUCCESS) return object.size() == 0;
  return value.is_null();
}

bool brings_content(Element delta) {
  simdjson::dom::object object;
  if (delta.get_object().get(object) != simdjson::SUCCESS) return false;
  return std::any_of(object.begin(), object.end(), [](simdjson::dom::key_value_pair pair) {
    const bool says_nothing =
        std::find(empty_words.begin(), empty_words.end(), pair.key) != empty_words.end();
    return !says_nothing && !is_empty(pair.value);
  });
}

}  // namespace

std::string finish_word(std::string_view said) { return one_of(said, finish_words); }

ChunkChoices read_choices(Element chunk) {
  ChunkChoices out;
  const auto choices = member(chunk, "choices");
  simdjson::dom::array list;
  if (!choices || choices->get_array().get(list) != simdjson::SUCCESS) return out;
  for (const Element choice : list) {
    out.any = true;
    const std::string_view finish = text_member(choice, "finish_reason");
    if (out.finish.empty()) out.finish = finish_word(finish);
    const auto delta = member(choice, "delta");
    const auto message = member(choice, "message");
    out.content = out.content || !finish.empty() || (delta && brings_content(*delta)) ||
                  (message && brings_content(*message)) || !text_member(choice, "text").empty();
  }
  return out;
}

}  // namespace routerone::dialect::openai_chat
