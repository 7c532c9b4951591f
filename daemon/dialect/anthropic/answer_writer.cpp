#include "daemon/dialect/anthropic/answer_writer.h"

#include <utility>
#include <vector>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/anthropic/stop_reason.h"
#include "daemon/dialect/anthropic/usage_writer.h"
#include "daemon/dialect/carrier.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/tool_names.h"

namespace routerone::dialect::anthropic {
namespace {

/// Writes the parts of an answer as blocks.
struct BlockWriter {
  JsonOut& out;
  Said said;
  /// Others' states that are blocks of their own, until something follows: for some agents the last
  /// block is what the model said.
  std::vector<std::string> waiting = {};
  bool any_block = false;

  JsonOut& block(std::string_view type) {
    put_waiting();
    any_block = true;
    return out.object().text("type", type);
  }
  void put_waiting() {
    for (const std::string& signature : std::exchange(waiting, {})) {
      block("thinking").text("thinking", "").text("signature", signature).end_object();
    }
  }

  void operator()(const chat::Text& text) {
    said.refused = said.refused || text.refusal;
    if (text.text.empty()) return;
    block("text").text("text", text.text);
    bool any = false;
    for (const chat::Citation& each : text.citations) {
      if (each.url.empty()) continue;
      if (!any) out.array("citations");
      any = true;
      write_citation(out, each);
    }
    any ? out.end_array() : out.null("citations");
    out.end_object();
  }

  void operator()(const chat::Thinking& thinking) {
    const bool own = owns("anthropic", thinking);
    std::string signature = signature_of(thinking);
    if (thinking.redacted && own) {
      put_waiting();
      any_block = true;
      out.raw(thinking.state);
    } else if (!thinking.text.empty() || (own && !signature.empty())) {
      block("thinking").text("thinking", thinking.text).text("signature", signature).end_object();
    } else if (!signature.empty()) {
      waiting.push_back(std::move(signature));
    }
  }

  void operator()(const chat::ToolCall& call) {
    said.called = true;
    (*this)(thinking_before(call));
    block("tool_use")
        .text("id", call.id)
        .text("name", call_name(call))
        .raw("input", call.freeform ? wrap_freeform(call.arguments) : as_arguments(call.arguments))
        .end_object();
  }

  void operator()(const chat::Media&) {}
  void operator()(const chat::ToolResult&) {}
};

}  // namespace

std::string write_answer(const chat::Answer& answer, const chat::Request& asked,
                         const AnswerFacts& facts) {
  JsonOut out;
  out.object();
  if (asked.count_only) {
    out.whole("input_tokens", answer.ending.usage.input.value_or(0)).end_object();
    return std::move(out).take();
  }
  out.text("id", message_id(answer.id, facts))
      .text("type", "message")
      .text("role", "assistant")
      .text("model", facts.model)
      .array("content");
  BlockWriter blocks{out, {}};
  for (const chat::Part& part : answer.parts) std::visit(blocks, part);
  if (!blocks.any_block) blocks.put_waiting();
  out.end_array().null("container").null("diagnostics");
  write_stop(out, answer.ending, blocks.said);
  write_message_usage(out.key("usage"), answer.ending.usage);
  out.end_object();
  return std::move(out).take();
}

std::string message_id(std::string_view upstream, const AnswerFacts& facts) {
  return "msg_" + answer_base(upstream, facts.id);
}

std::string signature_of(const chat::Thinking& thinking) {
  if (!owns("anthropic", thinking)) return write_carrier(thinking);
  const Dom state(thinking.state);
  return state.ok() ? std::string(text_member(state.root(), "signature")) : std::string();
}

chat::Thinking thinking_before(const chat::ToolCall& call) {
  return call.signature.empty() ? chat::Thinking{} : signature_holder(call);
}

void write_stop(JsonOut& out, const chat::Ending& ending, Said said) {
  const std::string_view reason = stop_reason(ending.finish, said.called, said.refused);
  out.text("stop_reason", reason);
  if (reason == "stop_sequence" && !ending.stop_sequence.empty()) {
    out.text("stop_sequence", ending.stop_sequence);
  } else {
    out.null("stop_sequence");
  }
  if (reason != "refusal") {
    out.null("stop_details");
    return;
  }
  out.object("stop_details").text("type", "refusal").null("category");
  if (!ending.explanation.empty()) {
    out.text("explanation", ending.explanation);
  } else if (ending.finish == chat::Finish::content_filter) {
    out.text("explanation", "content_filter");
  } else {
    out.null("explanation");
  }
  out.end_object();
}

void write_citation(JsonOut& out, const chat::Citation& citation) {
  out.object()
      .text("type", "web_search_result_location")
      .text("cited_text", citation.quoted)
      .text("encrypted_index", "")
      .text("title", citation.title)
      .text("url", citation.url)
      .end_object();
}

std::string call_name(const chat::ToolCall& call) {
  return call.group.empty() ? call.name : call.group + "__" + call.name;
}

}  // namespace routerone::dialect::anthropic
