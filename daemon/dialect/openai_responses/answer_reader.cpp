#include "daemon/dialect/openai_responses/answer_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/call_ids.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/openai_responses/output_reader.h"
#include "daemon/dialect/openai_responses/reading.h"
#include "daemon/dialect/part_text.h"

namespace routerone::dialect::openai_responses {
namespace {

using Element = simdjson::dom::element;
using chat::Finish;

Finish finish_of(Element response, SaidKinds said) {
  if (text_member(response, "status") == "incomplete") {
    const auto details = member(response, "incomplete_details");
    const std::string_view reason = details ? text_member(*details, "reason") : "";
    if (reason == "content_filter") return Finish::content_filter;
    if (reason == "max_output_tokens" || reason == "max_tokens") return Finish::length;
  }
  if (said.called) return Finish::tool_calls;
  return said.refused ? Finish::refusal : Finish::stop;
}

void read_message(Element item, std::vector<chat::Part>& out) {
  const auto content = member(item, "content");
  simdjson::dom::array parts;
  if (!content || content->get_array().get(parts) != simdjson::SUCCESS) return;
  for (const Element part : parts) {
    auto text = read_text(part);
    if (text && !text->text.empty()) out.emplace_back(std::move(*text));
  }
}

/// Of the provider's own tools only what the model then says about them is left.
void read_item(Element item, std::vector<chat::Part>& out) {
  const std::string_view type = text_member(item, "type");
  if (type == "message") return read_message(item, out);
  if (is_call(type)) out.emplace_back(read_call(item));
  if (type != "reasoning") return;
  auto thinking = read_reasoning(item);
  if (thinking) out.emplace_back(std::move(*thinking));
}

chat::Answer read_count(Element body) {
  chat::Answer out;
  out.ending.usage.input = count_member(body, "input_tokens");
  return out;
}

}  // namespace

void SaidKinds::note(const chat::Part& part) {
  const auto* text = std::get_if<chat::Text>(&part);
  refused = refused || (text && text->refusal);
  called = called || std::holds_alternative<chat::ToolCall>(part);
}

chat::Ending read_ending(Element response, SaidKinds said) {
  chat::Ending out;
  out.finish = finish_of(response, said);
  out.usage = read_response(response).usage;
  return out;
}

FailureClass failure_in(Element document) {
  ErrorWords words = read_error(document).value_or(ErrorWords{});
  if (words.type == "error") words.type = {};
  const FailureClass failure = failure_of(words);
  return failure == FailureClass::bad_answer ? FailureClass::server_error : failure;
}

tl::expected<chat::Answer, FailureClass> read_answer(std::string_view body) {
  const Dom document(body);
  if (!document.ok() || !document.root().is_object()) {
    return tl::unexpected(FailureClass::bad_answer);
  }
  const Element response = document.root();
  if (text_member(response, "object") == "response.input_tokens") return read_count(response);
  const std::string_view status = text_member(response, "status");
  if (status == "failed" || member(response, "error")) return tl::unexpected(failure_in(response));
  const auto output = member(response, "output");
  simdjson::dom::array items;
  if (!output || output->get_array().get(items) != simdjson::SUCCESS || status == "cancelled" ||
      status == "queued" || status == "in_progress") {
    return tl::unexpected(FailureClass::bad_answer);
  }
  chat::Answer out;
  out.id = text_member(response, "id");
  out.model = text_member(response, "model");
  for (const Element item : items) read_item(item, out.parts);
  if (std::any_of(out.parts.begin(), out.parts.end(), is_nameless_call)) {
    return tl::unexpected(FailureClass::bad_answer);
  }
  SaidKinds said;
  CallIds ids;
  for (chat::Part& part : out.parts) {
    said.note(part);
    auto* call = std::get_if<chat::ToolCall>(&part);
    if (call) call->id = ids.give(call->id, answer_base(out.id, unnamed_answer));
  }
  out.ending = read_ending(response, said);
  return out;
}

}  // namespace routerone::dialect::openai_responses
