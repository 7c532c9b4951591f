#include "daemon/dialect/openai_chat/answer_reader.h"

#include <utility>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/call_ids.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/openai_chat/endings.h"
#include "daemon/dialect/openai_chat/message_parts.h"
#include "daemon/dialect/openai_chat/reasoning.h"
#include "daemon/dialect/part_text.h"

namespace routerone::dialect::openai_chat {
namespace {

using Element = simdjson::dom::element;
using chat::Answer;

void take_message(Element message, Answer& out) {
  ReasoningFold reasoning;
  const std::string thought = reasoning.take(message);
  if (!reasoning.empty()) out.parts.emplace_back(whole_thinking(reasoning.own(), thought));
  auto content = read_content(message, "message");
  if (content) {
    for (chat::Part& part : *content) {
      auto* thinking = std::get_if<chat::Thinking>(&part);
      if (thinking && thinking->text.empty()) continue;
      out.parts.push_back(std::move(part));
    }
  }
  auto citations = read_citations(message);
  for (auto part = out.parts.rbegin(); part != out.parts.rend() && !citations.empty(); ++part) {
    auto* text = std::get_if<chat::Text>(&*part);
    if (text) text->citations = std::exchange(citations, {});
  }
  if (const std::string_view refusal = text_member(message, "refusal"); !refusal.empty()) {
    chat::Text said;
    said.text = refusal;
    said.refusal = true;
    out.parts.emplace_back(std::move(said));
  }
}

}  // namespace

tl::expected<Answer, FailureClass> read_answer(std::string_view body) {
  const Dom document(body);
  if (!document.ok()) return tl::unexpected(FailureClass::bad_answer);
  const Element root = document.root();
  simdjson::dom::array choices;
  const auto list = member(root, "choices");
  if (!list || list->get_array().get(choices) != simdjson::SUCCESS || choices.size() == 0) {
    const auto words = read_error(root);
    return tl::unexpected(words ? failure_of(*words) : FailureClass::bad_answer);
  }
  Answer out;
  out.id = text_member(root, "id");
  out.model = text_member(root, "model");
  const Element choice = *choices.begin();
  std::vector<chat::ToolCall> calls;
  bool refused = false;
  if (const auto message = member(choice, "message")) {
    take_message(*message, out);
    refused = !text_member(*message, "refusal").empty();
    calls = read_calls(*message);
  }
  std::erase_if(calls, [](const chat::ToolCall& call) { return call.name.empty(); });
  CallIds ids;
  for (chat::ToolCall& call : calls) {
    call.id = ids.give(call.id, answer_base(out.id, unnamed_answer));
  }
  const auto finish = read_finish(text_member(choice, "finish_reason"), !calls.empty(), refused);
  if (!finish) return tl::unexpected(FailureClass::server_error);
  for (chat::ToolCall& call : calls) out.parts.emplace_back(std::move(call));
  out.ending.finish = *finish;
  out.ending.usage = usage_of(root);
  return out;
}

}  // namespace routerone::dialect::openai_chat
