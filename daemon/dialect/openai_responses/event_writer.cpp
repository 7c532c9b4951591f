#include "daemon/dialect/openai_responses/event_writer.h"

#include <algorithm>
#include <utility>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/carrier.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/openai_refusal.h"
#include "daemon/dialect/openai_responses/output_writer.h"
#include "daemon/dialect/part_text.h"
#include "daemon/dialect/refusal_words.h"

namespace routerone::dialect::openai_responses {
namespace {

using chat::Text;
using chat::Thinking;
using chat::ToolCall;

bool can_be_said(const chat::Part& part) {
  return std::holds_alternative<Text>(part) || std::holds_alternative<Thinking>(part) ||
         std::holds_alternative<ToolCall>(part);
}

/// Sources of a text that continues another, counted from where the other began.
void add_citations(Text& to, const std::vector<chat::Citation>& more, std::int64_t offset) {
  for (chat::Citation each : more) {
    if (each.url.empty()) continue;
    if (each.to > 0) {
      each.from += offset;
      each.to += offset;
    }
    to.citations.push_back(std::move(each));
  }
}

}  // namespace

std::string ResponseWriter::write(const chat::Event& event) {
  if (done_) return {};
  std::vector<chat::Event> ordered;
  order_.take(event, ordered);
  for (const chat::Event& each : ordered) {
    std::visit([this](const auto& known) { take(known); }, each);
  }
  return std::exchange(out_, {});
}

void ResponseWriter::take(const chat::Began& began) { begin(began.id); }

void ResponseWriter::begin(std::string_view upstream_id) {
  if (std::exchange(begun_, true)) return;
  base_ = answer_base(upstream_id, facts_.id);
  id_ = "resp_" + base_;
  response_event("response.created");
  response_event("response.in_progress");
}

void ResponseWriter::take(const chat::PartBegan& began) {
  begin({});
  if (!can_be_said(began.what)) return;
  if (goes_on(began.what)) {
    merge(began.part);
    return;
  }
  close_ended("completed");
  const auto* call = std::get_if<ToolCall>(&began.what);
  if (call && !call->signature.empty()) add_state(*call);
  Item& item = open_[began.part];
  item = Item{};
  item.what = began.what;
  const std::string text = std::exchange(*text_of(item.what), {});
  if (call && !call->name.empty()) add(item);
  say(item, text);
}

/// Does this text continue the one that has just ended?
bool ResponseWriter::goes_on(const chat::Part& part) const {
  const auto* next = std::get_if<Text>(&part);
  if (!next || !ended_) return false;
  const auto* last = std::get_if<Text>(&open_.at(*ended_).what);
  return last && last->refusal == next->refusal;
}

void ResponseWriter::merge(std::size_t part) {
  auto node = open_.extract(*ended_);
  ended_.reset();
  node.key() = part;
  Item& item = open_.insert(std::move(node)).position->second;
  item.merged = characters_in(*text_of(item.what));
}

void ResponseWriter::take(const chat::Delta& piece) {
  const auto at = open_.find(piece.part);
  if (at != open_.end()) say(at->second, piece.text);
}

void ResponseWriter::say(Item& item, std::string_view text) {
  if (text.empty()) return;
  std::string& said = *text_of(item.what);
  const bool first = said.empty();
  said += text;
  kept_ += text.size();
  if (const auto* call = std::get_if<ToolCall>(&item.what)) {
    if (!item.added) return;  // It has no name yet.
    const std::string_view type = call->freeform ? "response.custom_tool_call_input.delta"
                                                 : "response.function_call_arguments.delta";
    return done(item_event(type, item).text("delta", text));
  }
  if (!item.added) add(item);
  if (std::holds_alternative<Thinking>(item.what)) {
    if (first) {
      done(item_event("response.reasoning_summary_part.added", item)
               .whole("summary_index", 0)
               .raw("part", R"({"type":"summary_text","text":""})"));
    }
    done(item_event("response.reasoning_summary_text.delta", item)
             .whole("summary_index", 0)
             .text("delta", text));
  } else if (std::get<Text>(item.what).refusal) {
    done(item_event("response.refusal.delta", item).whole("content_index", 0).text("delta", text));
  } else {
    done(item_event("response.output_text.delta", item)
             .whole("content_index", 0)
             .text("delta", text)
             .raw("logprobs", "[]"));
  }
}

void ResponseWriter::add(Item& item) {
  item.added = true;
  item.place = items_.size();
  items_.emplace_back();
  item.id = std::string(id_prefix(item.what)) + base_ + "_" + std::to_string(item.place);
  JsonOut out = event("response.output_item.added");
  write_new_item(out.whole("output_index", static_cast<std::int64_t>(item.place)).key("item"),
                 item.id, item.what);
  done(out);
  const auto* text = std::get_if<Text>(&item.what);
  if (!text) return;
  Text empty;
  empty.refusal = text->refusal;
  JsonOut part = item_event("response.content_part.added", item);
  write_content_part(part.whole("content_index", 0).key("part"), empty);
  done(part);
}

/// The dialect's calls have no room for a model's state: it stands before them.
void ResponseWriter::add_state(const ToolCall& call) {
  Item item;
  item.what = signature_holder(call);
  close(item, "completed");
}

void ResponseWriter::take(const chat::PartEnded& ended) {
  const auto at = open_.find(ended.part);
  if (at == open_.end()) return;
  Item& item = at->second;
  if (item.what.index() == ended.rest.index()) {
    learn(item, ended);
    if (const auto* call = std::get_if<ToolCall>(&item.what); call && !item.added) {
      const std::string held = std::exchange(*text_of(item.what), {});
      kept_ -= held.size();
      if (!call->name.empty()) add(item);
      say(item, held);
    }
  }
  if (ended_ != ended.part) close_ended("completed");
  ended_ = ended.part;
}

/// What is only known at a part's end.
void ResponseWriter::learn(Item& item, const chat::PartEnded& ended) {
  if (auto* text = std::get_if<Text>(&item.what)) {
    add_citations(*text, std::get<Text>(ended.rest).citations, item.merged);
  } else if (std::holds_alternative<Thinking>(item.what)) {
    item.what = whole_thinking(ended, *text_of(item.what));
  } else if (auto* call = std::get_if<ToolCall>(&item.what); call && !item.added) {
    std::string said = std::move(call->arguments);
    *call = std::get<ToolCall>(ended.rest);
    call->arguments = std::move(said);
  }
}

void ResponseWriter::take(const chat::Ended& ended) {
  begin({});
  settle(ended.ending);
  const std::string_view status = state_.status;
  close_ended(status);
  while (!open_.empty()) {
    close(open_.begin()->second, "incomplete");
    open_.erase(open_.begin());
  }
  add_refusal(ended.ending);
  const bool silent = ended.ending.finish == chat::Finish::refusal && !refused_;
  if (silent) {
    state_.status = "incomplete";
    state_.incomplete_reason = "content_filter";
  }
  response_event(state_.status == "completed" ? "response.completed" : "response.incomplete");
  done_ = true;
}

void ResponseWriter::settle(const chat::Ending& ending) {
  usage_ = ending.usage;
  state_.usage = &usage_;
  state_.status = "completed";
  if (ending.finish == chat::Finish::length) {
    state_.incomplete_reason = "max_output_tokens";
  } else if (ending.finish == chat::Finish::content_filter) {
    state_.incomplete_reason = "content_filter";
  } else {
    return;
  }
  state_.status = "incomplete";
}

/// Where the provider refused in words beside the answer, they are the model's refusal here.
void ResponseWriter::add_refusal(const chat::Ending& ending) {
  if (refused_ || ending.explanation.empty()) return;
  if (ending.finish != chat::Finish::refusal && ending.finish != chat::Finish::content_filter) {
    return;
  }
  Item item;
  item.what = Text{{}, true, {}, {}};
  say(item, ending.explanation);
  close(item, "completed");
}

void ResponseWriter::close_ended(std::string_view status) {
  if (!ended_) return;
  const auto at = open_.find(*ended_);
  close(at->second, status);
  open_.erase(at);
  ended_.reset();
}

void ResponseWriter::close(Item& item, std::string_view status) {
  const auto* thinking = std::get_if<Thinking>(&item.what);
  if (!item.added && thinking && !write_carrier(*thinking).empty()) add(item);
  if (!item.added) return;
  if (thinking) close_thinking(item, *thinking);
  if (const auto* text = std::get_if<Text>(&item.what)) close_text(item, *text);
  if (const auto* call = std::get_if<ToolCall>(&item.what)) close_call(item, *call);
  JsonOut whole;
  write_item(whole, item.id, item.what, status);
  items_[item.place] = std::move(whole).take();
  done(event("response.output_item.done")
           .whole("output_index", static_cast<std::int64_t>(item.place))
           .raw("item", items_[item.place]));
}

void ResponseWriter::close_text(const Item& item, const Text& text) {
  refused_ = refused_ || text.refusal;
  std::int64_t number = 0;
  for (const chat::Citation& each : text.citations) {
    JsonOut out = item_event("response.output_text.annotation.added", item);
    out.whole("content_index", 0).whole("annotation_index", number++);
    write_annotation(out.key("annotation"), each);
    done(out);
  }
  if (text.refusal) {
    done(item_event("response.refusal.done", item)
             .whole("content_index", 0)
             .text("refusal", text.text));
  } else {
    done(item_event("response.output_text.done", item)
             .whole("content_index", 0)
             .text("text", text.text)
             .raw("logprobs", "[]"));
  }
  JsonOut part = item_event("response.content_part.done", item);
  write_content_part(part.whole("content_index", 0).key("part"), text);
  done(part);
}

void ResponseWriter::close_thinking(const Item& item, const Thinking& thinking) {
  if (thinking.text.empty()) return;
  done(item_event("response.reasoning_summary_text.done", item)
           .whole("summary_index", 0)
           .text("text", thinking.text));
  done(item_event("response.reasoning_summary_part.done", item)
           .whole("summary_index", 0)
           .object("part")
           .text("type", "summary_text")
           .text("text", thinking.text)
           .end_object());
}

void ResponseWriter::close_call(const Item& item, const ToolCall& call) {
  const std::string_view type = call.freeform ? "response.custom_tool_call_input.done"
                                              : "response.function_call_arguments.done";
  done(item_event(type, item).text(call.freeform ? "input" : "arguments", arguments_text(call)));
}

std::string ResponseWriter::keepalive() {
  if (!begun_ || done_) return {};
  JsonOut out = event("keepalive");
  done(out);
  return std::exchange(out_, {});
}

/// Both events: some clients read `error`, one only `response.failed`. Of `error` both of its
/// forms are about, one with everything inside `error`.
std::string ResponseWriter::fail(const Refusal& refusal) {
  if (done_) return {};
  begin({});
  close_ended("completed");
  const OpenAiWords words = openai_words(refusal.kind, OpenAiForm::responses);
  // In the middle of an answer the reader should try again; "at capacity" would stop it.
  const bool cut = refusal.kind == RefusalKind::upstream_failed && !items_.empty();
  state_.status = "failed";
  state_.error_code = cut || words.code.empty() ? words.type : words.code;
  state_.error_message = message_of(refusal);
  JsonOut error = event("error");
  error.text("code", state_.error_code).text("message", state_.error_message).null("param");
  error.object("error")
      .text("type", words.type)
      .text("code", state_.error_code)
      .text("message", state_.error_message)
      .null("param")
      .end_object();
  done(error);
  response_event("response.failed");
  done_ = true;
  return std::exchange(out_, {});
}

std::string ResponseWriter::response() const {
  ResponseState state = state_;
  state.id = id_;
  state.items = &items_;
  JsonOut out;
  write_response(out, asked_, facts_, state);
  return std::move(out).take();
}

void ResponseWriter::response_event(std::string_view type) {
  state_.id = id_;
  state_.items = &items_;
  JsonOut out = event(type);
  write_response(out.key("response"), asked_, facts_, state_);
  done(out);
}

JsonOut ResponseWriter::event(std::string_view type) {
  out_.append("event: ").append(type).append("\ndata: ");
  JsonOut out(std::move(out_));
  out.object().text("type", type).whole("sequence_number", sequence_++);
  return out;
}

JsonOut ResponseWriter::item_event(std::string_view type, const Item& item) {
  JsonOut out = event(type);
  out.text("item_id", item.id).whole("output_index", static_cast<std::int64_t>(item.place));
  return out;
}

void ResponseWriter::done(JsonOut& out) {
  out.end_object();
  out_ = std::move(out).take();
  out_ += "\n\n";
}

}  // namespace routerone::dialect::openai_responses
