#include "daemon/dialect/openai_chat/event_reader.h"

#include <algorithm>
#include <utility>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/openai_chat/endings.h"
#include "daemon/dialect/openai_chat/message_parts.h"
#include "daemon/dialect/retry_after.h"

namespace routerone::dialect::openai_chat {
namespace {

std::string_view trimmed(std::string_view data) {
  const std::size_t first = data.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return data.substr(first, data.find_last_not_of(" \t\n") - first + 1);
}

}  // namespace

void Events::read(std::string_view type, std::string_view data, Out& out) {
  if (done_) return;
  data = trimmed(data);
  if (data.empty()) return;
  if (data == "[DONE]") return finish(out);
  const Dom chunk(data);
  if (!chunk.ok()) return fail(FailureClass::bad_answer, out);
  const Element root = chunk.root();
  if (type == "error" || member(root, "error") || text_member(root, "object") == "error") {
    const ErrorWords words = read_error(root).value_or(ErrorWords{});
    return fail(failure_of(words), out, retry_after_in_words(words.message));
  }
  read_chunk(root, out);
}

void Events::end(Out& out) {
  if (done_) return;
  if (finish_word_) return finish(out);
  fail(FailureClass::cut, out);
}

void Events::read_chunk(Element chunk, Out& out) {
  Usage usage = usage_of(chunk);
  if (usage.known() || !usage_.known()) usage_ = std::move(usage);
  simdjson::dom::array choices;
  const auto list = member(chunk, "choices");
  if (!list || list->get_array().get(choices) != simdjson::SUCCESS) return;
  for (const Element choice : choices) {
    if (count_member(choice, "index").value_or(0) != 0) continue;
    if (!began_) {
      began_ = true;
      const std::string id(text_member(chunk, "id"));
      base_ = answer_base(id, unnamed_answer);
      out.emplace_back(chat::Began{id, std::string(text_member(chunk, "model")), usage_});
    }
    // A server that does not stream writes the whole message where the delta belongs.
    auto delta = member(choice, "delta");
    if (!delta) delta = member(choice, "message");
    if (delta) read_delta(*delta, out);
    const std::string_view word = text_member(choice, "finish_reason");
    if (!word.empty()) finish_word_ = word;
  }
}

void Events::read_delta(Element delta, Out& out) {
  think(delta, out);
  take_content(delta, out);
  if (const std::string_view refusal = text_member(delta, "refusal"); !refusal.empty()) {
    say(refusal, true, out);
  }
  for (chat::Citation& each : read_citations(delta)) {
    keep(sizeof(each) + each.url.size() + each.title.size() + each.quoted.size(), out);
    rest_.citations.push_back(std::move(each));
  }
  simdjson::dom::array calls;
  const auto list = member(delta, "tool_calls");
  if (list && list->get_array().get(calls) == simdjson::SUCCESS) {
    std::size_t position = 0;
    for (const Element each : calls) take_call(each, position++, out);
  }
  if (const auto legacy = member(delta, "function_call")) {
    Call& call = call_for(*legacy, 0, false);
    add_to_call(call, *legacy, false, *legacy, out);
  }
}

void Events::take_content(Element delta, Out& out) {
  if (const std::string_view text = text_member(delta, "content"); !text.empty()) {
    return say(text, false, out);
  }
  const auto content = member(delta, "content");
  if (!content || !content->is_array()) return;
  const auto parts = read_content(delta, "delta");
  if (!parts) return;  // Nothing that text could be made of.
  for (const chat::Part& part : *parts) {
    if (const auto* text = std::get_if<chat::Text>(&part)) {
      if (!text->text.empty()) say(text->text, text->refusal, out);
    } else if (const auto* thought = std::get_if<chat::Thinking>(&part)) {
      if (!thought->text.empty()) think_part(thought->text, out);
    }
  }
}

void Events::open_thinking(Out& out) {
  if (thinking_) return;
  close_text(out);
  close_whole_calls(out);
  thinking_ = parts_++;
  chat::Thinking begun;
  begun.origin = "openai-chat";
  out.emplace_back(chat::PartBegan{*thinking_, std::move(begun)});
}

void Events::think(Element delta, Out& out) {
  const std::string text = reasoning_.take(delta);
  if (reasoning_.empty()) return;
  open_thinking(out);
  if (!text.empty()) out.emplace_back(chat::Delta{*thinking_, text});
  if (reasoning_.kept() > longest_kept) fail(FailureClass::bad_answer, out);
}

/// Thinking that comes as a part of the content; its state is its text.
void Events::think_part(std::string_view text, Out& out) {
  open_thinking(out);
  reasoning_.add_text(text);
  out.emplace_back(chat::Delta{*thinking_, std::string(text)});
}

void Events::say(std::string_view text, bool refusal, Out& out) {
  close_thinking(out);
  close_whole_calls(out);
  if (text_ && rest_.refusal != refusal) close_text(out);
  refused_ = refused_ || refusal;
  if (!text_) {
    text_ = parts_++;
    rest_.refusal = refusal;
    chat::Text begun;
    begun.refusal = refusal;
    out.emplace_back(chat::PartBegan{*text_, std::move(begun)});
  }
  out.emplace_back(chat::Delta{*text_, std::string(text)});
}

/// Which call a fragment belongs to. Some servers leave the index out, some give all calls the
/// same one: then a new id, or a name behind whole arguments, says that a new call begins.
Events::Call& Events::call_for(Element entry, std::size_t position, bool named) {
  const std::string_view id = text_member(entry, "id");
  const auto said = count_member(entry, "index");
  const std::size_t index = said ? static_cast<std::size_t>(*said) : position;
  const auto known = call_at_.find(index);
  if (known != call_at_.end()) {
    Call& call = calls_[known->second];
    const bool told_apart = !id.empty() && !call.said_id.empty();
    const bool another = told_apart ? id != call.said_id : named && is_whole(call);
    if (!another) return call;
  }
  call_at_[index] = calls_.size();
  calls_.emplace_back();
  return calls_.back();
}

void Events::take_call(Element entry, std::size_t position, Out& out) {
  const auto function = member(entry, "function");
  const auto custom = member(entry, "custom");
  const auto inside = custom ? custom : function;
  const bool named = inside && !text_member(*inside, "name").empty();
  Call& call = call_for(entry, position, named);
  add_to_call(call, entry, custom.has_value(), inside.value_or(entry), out);
}

void Events::add_to_call(Call& call, Element entry, bool freeform, Element inside, Out& out) {
  if (call.ended) return;
  if (call.said_id.empty()) call.said_id = text_member(entry, "id");
  chat::ToolCall& so_far = call.so_far;
  if (so_far.name.empty()) so_far.name = text_member(inside, "name");
  if (so_far.signature.empty()) so_far.signature = call_signature(entry);
  so_far.freeform = so_far.freeform || freeform;
  const auto arguments = member(inside, so_far.freeform ? "input" : "arguments");
  std::string_view text;
  std::string written;
  if (arguments && arguments->get_string().get(text) != simdjson::SUCCESS) {
    written = json_text(*arguments);
    text = written;
  }
  call.arguments.feed(text);
  if (call.part) {
    if (!text.empty()) out.emplace_back(chat::Delta{*call.part, std::string(text)});
    return;
  }
  so_far.arguments += text;
  keep(text.size(), out);
  if (!so_far.name.empty() && !done_) begin_call(call, out);
}

/// Its name is known; what came of its arguments before that follows at once.
void Events::begin_call(Call& call, Out& out) {
  close_thinking(out);
  close_text(out);
  close_whole_calls(out);
  call.part = parts_++;
  call.so_far.id = ids_.give(call.said_id, base_);
  std::string came = std::exchange(call.so_far.arguments, {});
  kept_ -= came.size();
  out.emplace_back(chat::PartBegan{*call.part, call.so_far});
  if (!came.empty()) out.emplace_back(chat::Delta{*call.part, std::move(came)});
}

void Events::close_thinking(Out& out) {
  if (!thinking_) return;
  chat::PartEnded ended = reasoning_.own();
  ended.part = *thinking_;
  out.emplace_back(std::move(ended));
  thinking_.reset();
  reasoning_ = {};
}

void Events::close_text(Out& out) {
  if (!text_) return;
  out.emplace_back(chat::PartEnded{*text_, std::exchange(rest_, {}), {}});
  text_.reset();
}

bool Events::is_whole(const Call& call) { return call.ended || call.arguments.is_whole(); }

/// Arguments that are one whole object are all there will be; other calls stay open, because their
/// fragments may still come between those of the next.
void Events::close_whole_calls(Out& out) {
  for (Call& call : calls_) {
    if (call.part && !call.ended && is_whole(call)) close_call(call, out);
  }
}

void Events::close_call(Call& call, Out& out) {
  call.ended = true;
  const bool silent = call.arguments.bytes() == 0 && !call.so_far.freeform;
  if (silent) out.emplace_back(chat::Delta{*call.part, "{}"});
  out.emplace_back(chat::PartEnded{*call.part, call.so_far, {}});
}

void Events::keep(std::size_t bytes, Out& out) {
  kept_ += bytes;
  if (kept_ > longest_kept) fail(FailureClass::bad_answer, out);
}

void Events::finish(Out& out) {
  const bool nameless = std::any_of(calls_.begin(), calls_.end(), [](const Call& call) {
    return !call.part && !call.so_far.arguments.empty();
  });
  const bool called =
      std::any_of(calls_.begin(), calls_.end(), [](const Call& call) { return call.part; });
  if (!began_ || !finish_word_) return fail(FailureClass::cut, out);
  if (nameless) return fail(FailureClass::bad_answer, out);
  const auto why = read_finish(*finish_word_, called, refused_);
  if (!why) return fail(FailureClass::server_error, out);
  close_thinking(out);
  close_text(out);
  for (Call& call : calls_) {
    if (call.part && !call.ended) close_call(call, out);
  }
  chat::Ending ending;
  ending.finish = *why;
  ending.usage = usage_;
  out.emplace_back(chat::Ended{std::move(ending)});
  done_ = true;
}

void Events::fail(FailureClass failure, Out& out, std::optional<std::chrono::seconds> retry_after) {
  if (std::exchange(done_, true)) return;
  out.emplace_back(chat::Failed{failure, retry_after});
}

}  // namespace routerone::dialect::openai_chat
