#include "daemon/dialect/openai_responses/output_reader.h"

#include <string>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/openai_responses/content_reader.h"

namespace routerone::dialect::openai_responses {
namespace {

using Element = simdjson::dom::element;

constexpr std::string_view custom_call = "custom_tool_call";

std::string joined_texts(Element item, std::string_view list_name) {
  std::string out;
  const auto list = member(item, list_name);
  simdjson::dom::array parts;
  if (!list || list->get_array().get(parts) != simdjson::SUCCESS) return out;
  for (const Element part : parts) {
    const std::string_view text = text_member(part, "text");
    if (text.empty()) continue;
    if (!out.empty()) out += "\n\n";
    out += text;
  }
  return out;
}

/// What the provider needs back. Raw thinking is sent back only where nothing is encrypted.
chat::JsonText own_state(Element item) {
  const std::string_view encrypted = text_member(item, "encrypted_content");
  JsonOut out;
  out.object().text("type", "reasoning");
  if (!encrypted.empty()) {
    out.array("summary").end_array().text("encrypted_content", encrypted);
  } else {
    const auto content = member(item, "content");
    simdjson::dom::array raw;
    if (!content || content->get_array().get(raw) != simdjson::SUCCESS || raw.size() == 0) {
      return {};
    }
    const auto summary = member(item, "summary");
    out.raw("summary", summary ? json_text(*summary) : "[]").raw("content", json_text(*content));
  }
  return std::move(out.end_object()).take();
}

}  // namespace

std::optional<chat::Thinking> read_reasoning(Element item) {
  const std::string_view encrypted = text_member(item, "encrypted_content");
  chat::Thinking out;
  if (is_carrier(encrypted)) {
    out = read_carrier(encrypted).value_or(chat::Thinking{});
  } else {
    out.state = own_state(item);
    if (!out.state.empty()) out.origin = "openai-responses";
  }
  out.id = text_member(item, "id");
  out.text = joined_texts(item, "summary");
  if (out.text.empty()) out.text = joined_texts(item, "content");
  if (out.text.empty() && out.state.empty()) return std::nullopt;
  return out;
}

bool is_call(std::string_view type) { return type == "function_call" || type == custom_call; }

chat::ToolCall read_call(Element item) {
  chat::ToolCall out;
  out.freeform = text_member(item, "type") == custom_call;
  out.id = text_member(item, "call_id");
  if (out.id.empty()) out.id = text_member(item, "id");
  out.name = text_member(item, "name");
  out.group = text_member(item, "namespace");
  out.arguments = text_member(item, out.freeform ? "input" : "arguments");
  return out;
}

std::optional<chat::Text> read_text(Element part) {
  const std::string_view type = text_member(part, "type");
  chat::Text out;
  if (type == "refusal") {
    out.refusal = true;
    out.text = text_member(part, "refusal");
    return out;
  }
  if (type != "output_text" && type != "text") return std::nullopt;
  out.text = text_member(part, "text");
  out.citations = read_citations(part);
  return out;
}

}  // namespace routerone::dialect::openai_responses
