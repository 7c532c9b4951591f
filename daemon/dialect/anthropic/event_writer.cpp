#include "daemon/dialect/anthropic/event_writer.h"

#include <utility>
#include <vector>

#include "daemon/dialect/anthropic/usage_writer.h"
#include "daemon/dialect/anthropic/words.h"
#include "daemon/dialect/json_value.h"
#include "daemon/dialect/part_text.h"
#include "daemon/dialect/tool_names.h"

namespace routerone::dialect::anthropic {
namespace {

/// A piece of a freeform call's text as it stands inside its wrapping, `{"input":".."}`.
std::string inside_wrapping(std::string_view text) {
  const std::string quoted = json_quoted(text);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

std::string MessageWriter::write(const chat::Event& event) {
  if (done_) return {};
  std::vector<chat::Event> events;
  order_.take(event, events);
  for (const chat::Event& each : events) {
    if (done_) break;
    std::visit([this](const auto& known) { take(known); }, each);
  }
  return std::exchange(out_, {});
}

void MessageWriter::take(const chat::Began& began) { begin_message(began); }

void MessageWriter::begin_message(const chat::Began& began) {
  if (std::exchange(begun_, true)) return;
  JsonOut out;
  out.object()
      .text("type", "message_start")
      .object("message")
      .text("id", message_id(began.id, facts_))
      .text("type", "message")
      .text("role", "assistant")
      .text("model", facts_.model)
      .array("content")
      .end_array()
      .null("container")
      .null("diagnostics")
      .null("stop_reason")
      .null("stop_sequence")
      .null("stop_details");
  write_message_usage(out.key("usage"), began.usage);
  event("message_start", out.end_object().end_object().view());
}

void MessageWriter::take(const chat::PartBegan& began) {
  begin_message({});
  close();
  part_ = began.what;
  held_.clear();
  sent_ = 0;
  const auto* call = std::get_if<chat::ToolCall>(&part_);
  if (call && !call->name.empty()) open_call(*call);
}

void MessageWriter::take(const chat::Delta& piece) {
  if (piece.text.empty()) return;
  if (std::holds_alternative<chat::Text>(part_)) {
    if (!open_) open(R"({"type":"text","text":"","citations":null})");
    delta("text_delta", "text", piece.text);
  } else if (const auto* thinking = std::get_if<chat::Thinking>(&part_)) {
    if (!thinking->origin.empty() && thinking->origin != "anthropic") held_ += piece.text;
    if (!open_) open(R"({"type":"thinking","thinking":"","signature":""})");
    delta("thinking_delta", "thinking", piece.text);
  } else if (const auto* call = std::get_if<chat::ToolCall>(&part_)) {
    if (open_) {
      arguments(*call, piece.text);
    } else {
      held_ += piece.text;
    }
  }
}

void MessageWriter::take(const chat::PartEnded& ended) {
  if (ended.rest.index() == part_.index()) {
    if (const auto* text = std::get_if<chat::Text>(&ended.rest)) end(*text);
    if (const auto* call = std::get_if<chat::ToolCall>(&ended.rest)) end(*call);
    if (const auto* thought = std::get_if<chat::Thinking>(&ended.rest)) end(*thought, ended.gaps);
  }
  held_ = {};
  close();
}

void MessageWriter::end(const chat::Text& text) {
  said_.refused = said_.refused || text.refusal;
  if (!open_) return;
  for (const chat::Citation& each : text.citations) {
    if (each.url.empty()) continue;
    JsonOut out;
    out.object().text("type", "content_block_delta").whole("index", blocks_ - 1).object("delta");
    write_citation(out.text("type", "citations_delta").key("citation"), each);
    event("content_block_delta", out.end_object().end_object().view());
  }
}

void MessageWriter::end(chat::Thinking thinking, const std::vector<chat::Gap>& gaps) {
  const bool own = thinking.origin == "anthropic";
  if (!own) thinking.state = fill_gaps(thinking.state, gaps, held_);
  if (own || open_) return sign(thinking);
  waiting_.push_back(signature_of(thinking));
  waiting_bytes_ += waiting_.back().size();
}

void MessageWriter::put_waiting() {
  waiting_bytes_ = 0;
  for (const std::string& signature : std::exchange(waiting_, {})) {
    if (signature.empty()) continue;
    open(R"({"type":"thinking","thinking":"","signature":""})");
    delta("signature_delta", "signature", signature);
    close();
  }
}

/// Signs the block of thinking that is open, or one without text if none is.
void MessageWriter::sign(const chat::Thinking& thinking) {
  const std::string signature = signature_of(thinking);
  if (signature.empty()) return;
  if (!open_) open(R"({"type":"thinking","thinking":"","signature":""})");
  delta("signature_delta", "signature", signature);
}

void MessageWriter::end(const chat::ToolCall& call) {
  if (!open_ && !call.name.empty()) {
    open_call(call);
    arguments(call, std::exchange(held_, {}));
  }
  if (!open_) return;
  if (call.freeform) {
    delta("input_json_delta", "partial_json", sent_ == 0 ? wrap_freeform("") : R"("})");
  }
}

void MessageWriter::open_call(const chat::ToolCall& call) {
  said_.called = true;
  const chat::Thinking state = thinking_before(call);
  sign(state);
  close();
  JsonOut block;
  block.object()
      .text("type", "tool_use")
      .text("id", call.id)
      .text("name", call_name(call))
      .object("input")
      .end_object()
      .end_object();
  open(block.view());
}

void MessageWriter::arguments(const chat::ToolCall& call, std::string_view text) {
  if (text.empty()) return;
  if (call.freeform) {
    const std::string_view start = sent_ == 0 ? R"({"input":")" : "";
    delta("input_json_delta", "partial_json", std::string(start) + inside_wrapping(text));
  } else {
    delta("input_json_delta", "partial_json", text);
  }
  sent_ += text.size();
}

void MessageWriter::take(const chat::Ended& ended) {
  begin_message({});
  close();
  if (blocks_ == 0) put_waiting();
  JsonOut out;
  out.object().text("type", "message_delta").object("delta");
  write_stop(out, ended.ending, said_);
  write_delta_usage(out.null("container").end_object().key("usage"), ended.ending.usage);
  event("message_delta", out.end_object().view());
  event("message_stop", R"({"type":"message_stop"})");
  done_ = true;
}

void MessageWriter::open(std::string_view block) {
  put_waiting();
  JsonOut out;
  out.object()
      .text("type", "content_block_start")
      .whole("index", blocks_++)
      .raw("content_block", block)
      .end_object();
  event("content_block_start", out.view());
  open_ = true;
}

void MessageWriter::delta(std::string_view type, std::string_view name, std::string_view text) {
  JsonOut out;
  out.object()
      .text("type", "content_block_delta")
      .whole("index", blocks_ - 1)
      .object("delta")
      .text("type", type)
      .text(name, text)
      .end_object()
      .end_object();
  event("content_block_delta", out.view());
}

void MessageWriter::close() {
  if (!std::exchange(open_, false)) return;
  JsonOut out;
  out.object().text("type", "content_block_stop").whole("index", blocks_ - 1).end_object();
  event("content_block_stop", out.view());
}

void MessageWriter::event(std::string_view type, std::string_view data) {
  out_.append("event: ").append(type).append("\ndata: ").append(data).append("\n\n");
}

/// Real pings: the agents count them as life, comments not.
std::string MessageWriter::keepalive() {
  return done_ ? std::string() : "event: ping\ndata: {\"type\": \"ping\"}\n\n";
}

std::string MessageWriter::fail(const Refusal& refusal) {
  if (std::exchange(done_, true)) return {};
  close();
  const std::string_view type = stream_error_type(refusal, begun_);
  event("error", R"({"type":"error","error":)" + error_object(refusal, type) + R"(,"request_id":)" +
                     json_quoted(facts_.id) + "}");
  return std::exchange(out_, {});
}

}  // namespace routerone::dialect::anthropic
