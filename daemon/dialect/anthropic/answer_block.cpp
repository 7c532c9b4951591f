#include "daemon/dialect/anthropic/answer_block.h"

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_out.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/part_text.h"

namespace routerone::dialect::anthropic {
namespace {

using Element = simdjson::dom::element;

chat::Text read_text(Element block) {
  chat::Text out;
  out.text = text_member(block, "text");
  simdjson::dom::array list;
  const auto citations = member(block, "citations");
  if (citations && citations->get_array().get(list) == simdjson::SUCCESS) {
    for (const Element each : list) out.citations.push_back(read_citation(each));
  }
  settle_citations(out, characters_in(out.text));
  return out;
}

chat::Thinking read_thinking(Element block) {
  chat::Thinking out;
  out.text = text_member(block, "thinking");
  out.origin = "anthropic";  // Also before there is state: writers name the maker as they go.
  out.state = thinking_state(out.text, text_member(block, "signature"));
  return out;
}

chat::Thinking read_redacted(Element block) {
  chat::Thinking out;
  out.redacted = true;
  out.origin = "anthropic";
  out.state = json_text(block);
  return out;
}

chat::ToolCall read_call(Element block) {
  chat::ToolCall out;
  out.id = text_member(block, "id");
  out.name = text_member(block, "name");
  const auto input = member(block, "input");
  out.arguments = input ? as_arguments(json_text(*input)) : "{}";
  return out;
}

}  // namespace

std::optional<chat::Part> read_answer_block(Element block) {
  const std::string_view type = text_member(block, "type");
  if (type == "text") return read_text(block);
  if (type == "thinking") return read_thinking(block);
  if (type == "redacted_thinking") return read_redacted(block);
  if (type == "tool_use") return read_call(block);
  return std::nullopt;
}

chat::JsonText thinking_state(std::string_view text, std::string_view signature) {
  if (signature.empty()) return {};
  JsonOut out;
  out.object().text("type", "thinking").text("thinking", text).text("signature", signature);
  return std::move(out.end_object()).take();
}

chat::Citation read_citation(Element citation) {
  chat::Citation out;
  out.url = text_member(citation, "url");
  out.title = text_member(citation, "title");
  if (out.title.empty()) out.title = text_member(citation, "document_title");
  out.quoted = text_member(citation, "cited_text");
  return out;
}

void settle_citations(chat::Text& text, std::int64_t characters) {
  for (chat::Citation& each : text.citations) each.to = characters;
}

}  // namespace routerone::dialect::anthropic
