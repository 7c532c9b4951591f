#include "daemon/dialect/openai_chat/answer_writer.h"

#include <algorithm>
#include <vector>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/openai_chat/endings.h"
#include "daemon/dialect/openai_chat/reasoning.h"

namespace routerone::dialect::openai_chat {
namespace {

using chat::Answer;
using chat::Text;
using chat::Thinking;
using chat::ToolCall;

/// An answer's parts by what they are to this dialect, which has one field for each.
struct Sorted {
  std::string text, refusal, thinking;
  bool spoke = false;
  std::vector<const Thinking*> thoughts;
  std::vector<const ToolCall*> calls;
  std::vector<chat::Citation> citations;
};

Sorted sort(const Answer& answer) {
  Sorted out;
  for (const chat::Part& part : answer.parts) {
    if (const auto* text = std::get_if<Text>(&part)) {
      (text->refusal ? out.refusal : out.text) += text->text;
      out.spoke = out.spoke || (!text->refusal && !text->text.empty());
      out.citations.insert(out.citations.end(), text->citations.begin(), text->citations.end());
    } else if (const auto* thinking = std::get_if<Thinking>(&part)) {
      out.thinking += thinking->text;
      out.thoughts.push_back(thinking);
    } else if (const auto* call = std::get_if<ToolCall>(&part)) {
      out.calls.push_back(call);
    }
  }
  return out;
}

void write_thoughts(JsonOut& out, const Sorted& said) {
  out.text_if("reasoning_content", said.thinking);
  JsonOut details;
  details.array();
  const std::size_t nothing = details.view().size();
  std::size_t index = 0;
  for (const Thinking* each : said.thoughts) {
    if (!each->text.empty()) write_detail_text(details, each->origin, index, each->text);
    write_detail_state(details, *each, index++);
  }
  details.end_array();
  if (details.view().size() > nothing + 1) out.raw("reasoning_details", details.view());
}

void write_calls(JsonOut& out, const Sorted& said, bool legacy) {
  if (said.calls.empty()) return;
  if (legacy) {
    const ToolCall& call = *said.calls.front();
    out.object("function_call").text("name", call.name);
    out.text("arguments", arguments_text(call)).end_object();
    return;
  }
  out.array("tool_calls");
  for (const ToolCall* call : said.calls) {
    out.object();
    write_call(out, *call, arguments_text(*call));
    out.end_object();
  }
  out.end_array();
}

void write_message(JsonOut& out, const Answer& answer, const Sorted& said, bool legacy) {
  std::string_view refusal = said.refusal;
  if (refusal.empty() && answer.ending.finish == chat::Finish::refusal) {
    refusal = answer.ending.explanation;
  }
  out.object("message").text("role", "assistant").key("content");
  if (said.spoke || (said.calls.empty() && refusal.empty())) {
    out.text(said.text);
  } else {
    out.null();
  }
  out.key("refusal");
  if (refusal.empty()) {
    out.null();
  } else {
    out.text(refusal);
  }
  write_thoughts(out, said);
  write_calls(out, said, legacy);
  write_annotations(out, said.citations);
  out.end_object();
}

}  // namespace

std::string answer_id(std::string_view upstream, const AnswerFacts& facts) {
  return "chatcmpl-" + answer_base(upstream, facts.id);
}

void write_annotations(JsonOut& out, const std::vector<chat::Citation>& citations,
                       std::int64_t* index) {
  const auto has_address = [](const chat::Citation& each) { return !each.url.empty(); };
  if (std::none_of(citations.begin(), citations.end(), has_address)) return;
  out.array("annotations");
  for (const chat::Citation& each : citations) {
    if (!has_address(each)) continue;
    out.object();
    if (index) out.whole("index", (*index)++);
    out.text("type", "url_citation").object("url_citation").text("url", each.url);
    out.text("title", each.title).whole("start_index", each.from).whole("end_index", each.to);
    out.end_object().end_object();
  }
  out.end_array();
}

void write_call(JsonOut& out, const ToolCall& call, std::string_view arguments) {
  out.text("id", call.id).text("type", call.freeform ? "custom" : "function");
  out.object(call.freeform ? "custom" : "function").text("name", call.name);
  out.text(call.freeform ? "input" : "arguments", arguments).end_object();
  if (call.signature.empty()) return;
  out.object("extra_content").object("google").text("thought_signature", call.signature);
  out.end_object().end_object();
}

std::string write_answer(const Answer& answer, const chat::Request& asked,
                         const AnswerFacts& facts) {
  const Sorted said = sort(answer);
  JsonOut out;
  out.object().text("id", answer_id(answer.id, facts)).text("object", "chat.completion");
  out.whole("created", facts.created).text("model", facts.model).array("choices").object();
  out.whole("index", 0);
  write_message(out, answer, said, asked.legacy_calls);
  out.null("logprobs");
  out.text("finish_reason", finish_word(answer.ending, !said.calls.empty(), !said.refusal.empty(),
                                        asked.legacy_calls));
  out.end_object().end_array();
  if (answer.ending.usage.known()) write_usage(out.key("usage"), answer.ending.usage);
  return std::move(out.end_object()).take();
}

}  // namespace routerone::dialect::openai_chat
