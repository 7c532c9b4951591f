#include "daemon/dialect/openai_chat/event_writer.h"

#include <utility>

#include "daemon/dialect/openai_chat/answer_writer.h"
#include "daemon/dialect/openai_chat/endings.h"
#include "daemon/dialect/openai_chat/reasoning.h"
#include "daemon/dialect/openai_refusal.h"
#include "daemon/dialect/part_text.h"

namespace routerone::dialect::openai_chat {
namespace {

constexpr std::string_view done = "data: [DONE]\n\n";

}  // namespace

EventLines::EventLines(const chat::Request& asked, AnswerFacts facts)
    : asked_(asked), facts_(std::move(facts)) {}

void EventLines::begin(std::string_view upstream_id) {
  JsonOut out("data: ");
  out.object().text("id", answer_id(upstream_id, facts_)).text("object", "chat.completion.chunk");
  out.whole("created", facts_.created).text("model", facts_.model).key("choices");
  head_ = std::move(out).take();
}

std::string EventLines::chunk(std::string_view inside, std::string_view finish) const {
  std::string out = head_;
  out += R"([{"index":0,"delta":)";
  out += inside;
  out += R"(,"logprobs":null,"finish_reason":)";
  if (finish.empty()) {
    out += "null";
  } else {
    append_json_string(out, finish);
  }
  out += asked_.wants_usage ? "}],\"usage\":null}\n\n" : "}]}\n\n";
  return out;
}

std::string EventLines::role() const {
  return chunk(R"({"role":"assistant","content":"","refusal":null})");
}

std::string EventLines::write(const chat::Event& event) {
  if (finished_) return {};
  if (const auto* failed = std::get_if<chat::Failed>(&event)) {
    Refusal refusal;
    refusal.kind = RefusalKind::upstream_failed;
    refusal.message = "the provider's answer ended before it was whole";
    refusal.retry_after = failed->retry_after;
    return fail(refusal);
  }
  std::string out;
  if (head_.empty()) {
    const auto* start = std::get_if<chat::Began>(&event);
    begin(start ? std::string_view(start->id) : std::string_view());
    out = role();
  }
  if (const auto* part = std::get_if<chat::PartBegan>(&event)) return out + began(*part);
  if (const auto* piece = std::get_if<chat::Delta>(&event)) return out + delta(*piece);
  if (const auto* end = std::get_if<chat::PartEnded>(&event)) return out + ended(*end);
  if (const auto* end = std::get_if<chat::Ended>(&event)) return out + finish(end->ending);
  return out;
}

std::string EventLines::began(const chat::PartBegan& part) {
  if (part.part != parts_.size()) return {};
  Open open;
  std::string out;
  if (const auto* text = std::get_if<chat::Text>(&part.what)) {
    open.kind = text->refusal ? Open::Kind::refusal : Open::Kind::text;
    refused_ = refused_ || text->refusal;
  } else if (const auto* thinking = std::get_if<chat::Thinking>(&part.what)) {
    open.kind = Open::Kind::thinking;
    open.index = thoughts_++;
    open.origin = thinking->origin;
  } else if (const auto* call = std::get_if<chat::ToolCall>(&part.what)) {
    open.index = calls_++;
    open.freeform = call->freeform;
    // The older form has room for one call.
    const bool unsaid = asked_.legacy_calls && open.index > 0;
    open.kind = unsaid ? Open::Kind::unsaid : Open::Kind::call;
    JsonOut inside;
    inside.object();
    if (asked_.legacy_calls) {
      inside.object("function_call").text("name", call->name).text("arguments", "").end_object();
    } else {
      inside.array("tool_calls").object();
      inside.whole("index", static_cast<std::int64_t>(open.index));
      write_call(inside, *call, "");
      inside.end_object().end_array();
    }
    if (!unsaid) out = chunk(inside.end_object().view());
  }
  parts_.push_back(std::move(open));
  return out;
}

std::string EventLines::call_piece(const Open& open, std::string_view arguments) const {
  JsonOut inside;
  inside.object();
  if (asked_.legacy_calls) {
    inside.object("function_call").text("arguments", arguments).end_object();
  } else {
    inside.array("tool_calls").object().whole("index", static_cast<std::int64_t>(open.index));
    inside.object(open.freeform ? "custom" : "function");
    inside.text(open.freeform ? "input" : "arguments", arguments).end_object();
    inside.end_object().end_array();
  }
  return chunk(inside.end_object().view());
}

std::string EventLines::delta(const chat::Delta& piece) {
  if (piece.part >= parts_.size() || piece.text.empty()) return {};
  Open& open = parts_[piece.part];
  open.spoke = true;
  JsonOut inside;
  inside.object();
  switch (open.kind) {
    case Open::Kind::text:
      inside.text("content", piece.text);
      break;
    case Open::Kind::refusal:
      inside.text("refusal", piece.text);
      break;
    case Open::Kind::thinking:
      inside.text("reasoning_content", piece.text);
      if (is_carried(open.origin)) {
        open.kept += piece.text;
        kept_ += piece.text.size();
      }
      if (has_details(open.origin)) {
        inside.array("reasoning_details");
        write_detail_text(inside, open.origin, open.index, piece.text);
        inside.end_array();
      }
      break;
    case Open::Kind::call:
      return call_piece(open, piece.text);
    case Open::Kind::unsaid:
      return {};
  }
  return chunk(inside.end_object().view());
}

std::string EventLines::ended(const chat::PartEnded& end) {
  if (end.part >= parts_.size()) return {};
  Open& open = parts_[end.part];
  if (const auto* call = std::get_if<chat::ToolCall>(&end.rest)) {
    const bool owed = open.kind == Open::Kind::call && !open.spoke && !call->freeform;
    return owed ? call_piece(open, "{}") : std::string();
  }
  JsonOut inside;
  inside.object();
  const std::size_t nothing = inside.view().size();
  if (std::holds_alternative<chat::Thinking>(end.rest)) {
    JsonOut details;
    details.array();
    const chat::Thinking thinking = whole_thinking(end, open.kept);
    kept_ -= std::exchange(open.kept, {}).size();
    if (write_detail_state(details, thinking, open.index)) {
      inside.raw("reasoning_details", details.end_array().view());
    }
  } else if (const auto* text = std::get_if<chat::Text>(&end.rest)) {
    write_annotations(inside, text->citations, &annotations_);
  }
  if (inside.view().size() == nothing) return {};
  return chunk(inside.end_object().view());
}

std::string EventLines::finish(const chat::Ending& ending) {
  finished_ = true;
  std::string out;
  const bool says_why = ending.finish == chat::Finish::refusal && !refused_;
  if (says_why && !ending.explanation.empty()) {
    JsonOut inside;
    out = chunk(inside.object().text("refusal", ending.explanation).end_object().view());
  }
  out += chunk("{}", finish_word(ending, calls_ > 0, refused_, asked_.legacy_calls));
  if (asked_.wants_usage && ending.usage.known()) {
    JsonOut usage;
    write_usage(usage, ending.usage);
    out += head_ + "[],\"usage\":" + usage.view() + "}\n\n";
  }
  return out.append(done);
}

std::string EventLines::keepalive() {
  if (finished_) return {};
  // Before the chunk that names the role nothing but a comment may go out.
  return head_.empty() ? ": keep-alive\n" : chunk("{}");
}

std::string EventLines::fail(const Refusal& refusal) {
  if (std::exchange(finished_, true)) return {};
  const OpenAiWords words = openai_words(refusal.kind, OpenAiForm::chat);
  return "data: {\"error\":" + openai_error_object(refusal, words) + "}\n\n";
}

}  // namespace routerone::dialect::openai_chat
