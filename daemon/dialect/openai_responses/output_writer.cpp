#include "daemon/dialect/openai_responses/output_writer.h"

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect::openai_responses {
namespace {

using chat::Text;
using chat::Thinking;
using chat::ToolCall;

void write_message(JsonOut& out, std::string_view id, const Text* text, std::string_view status) {
  out.object()
      .text("id", id)
      .text("type", "message")
      .text("status", status)
      .text("role", "assistant")
      .array("content");
  if (text) write_content_part(out, *text);
  out.end_array().end_object();
}

void write_reasoning(JsonOut& out, std::string_view id, const Thinking& thinking) {
  out.object().text("id", id).text("type", "reasoning").array("summary");
  if (!thinking.text.empty()) {
    out.object().text("type", "summary_text").text("text", thinking.text).end_object();
  }
  out.end_array().text_if("encrypted_content", write_carrier(thinking)).end_object();
}

void write_call(JsonOut& out, std::string_view id, const ToolCall& call, std::string_view status,
                std::string_view arguments) {
  out.object()
      .text("id", id)
      .text("type", call.freeform ? "custom_tool_call" : "function_call")
      .text("status", status)
      .text(call.freeform ? "input" : "arguments", arguments)
      .text("call_id", call.id)
      .text_if("namespace", call.group)
      .text("name", call.name)
      .end_object();
}

}  // namespace

std::string_view id_prefix(const chat::Part& part) {
  if (std::holds_alternative<Thinking>(part)) return "rs_";
  const auto* call = std::get_if<ToolCall>(&part);
  if (!call) return "msg_";
  return call->freeform ? "ctc_" : "fc_";
}

void write_new_item(JsonOut& out, std::string_view id, const chat::Part& part) {
  if (const auto* call = std::get_if<ToolCall>(&part)) {
    write_call(out, id, *call, "in_progress", "");
  } else if (std::holds_alternative<Thinking>(part)) {
    write_reasoning(out, id, {});
  } else {
    write_message(out, id, nullptr, "in_progress");
  }
}

void write_item(JsonOut& out, std::string_view id, const chat::Part& part,
                std::string_view status) {
  if (const auto* call = std::get_if<ToolCall>(&part)) {
    write_call(out, id, *call, status, arguments_text(*call));
  } else if (const auto* thinking = std::get_if<Thinking>(&part)) {
    write_reasoning(out, id, *thinking);
  } else {
    write_message(out, id, std::get_if<Text>(&part), status);
  }
}

void write_content_part(JsonOut& out, const Text& text) {
  if (text.refusal) {
    out.object().text("type", "refusal").text("refusal", text.text).end_object();
    return;
  }
  out.object().text("type", "output_text").text("text", text.text).array("annotations");
  for (const chat::Citation& each : text.citations) write_annotation(out, each);
  out.end_array().array("logprobs").end_array().end_object();
}

void write_annotation(JsonOut& out, const chat::Citation& citation) {
  out.object()
      .text("type", "url_citation")
      .whole("start_index", citation.from)
      .whole("end_index", citation.to)
      .text("url", citation.url)
      .text("title", citation.title)
      .end_object();
}

}  // namespace routerone::dialect::openai_responses
