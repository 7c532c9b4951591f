#include "daemon/dialect/anthropic/event_reader.h"

#include <utility>

#include "daemon/dialect/answer_id.h"
#include "daemon/dialect/anthropic/answer_block.h"
#include "daemon/dialect/anthropic/stop_reason.h"
#include "daemon/dialect/failure.h"
#include "daemon/dialect/part_text.h"

namespace routerone::dialect::anthropic {
namespace {

std::int64_t index_of(simdjson::dom::element event) {
  return count_member(event, "index").value_or(-1);
}

}  // namespace

void MessageEvents::read(std::string_view type, std::string_view data,
                         std::vector<chat::Event>& out) {
  if (done_) return;
  out_ = &out;
  if (type == "ping") return;
  const Dom document(data);
  if (!document.ok()) return fail(FailureClass::bad_answer);
  const Element event = document.root();
  const std::string_view said = text_member(event, "type");
  if (!said.empty()) type = said;
  if (type == "content_block_delta") return block_delta(event);
  if (type == "content_block_start") return block_start(event);
  if (type == "content_block_stop") return block_stop(event);
  if (type == "message_start") return message_start(event);
  if (type == "message_delta") return message_delta(event);
  if (type == "message_stop") return finish_answer();
  if (type == "error" || read_error(event)) return error(event);
}

void MessageEvents::end(std::vector<chat::Event>& out) {
  if (done_) return;
  out_ = &out;
  if (finish_seen_) return finish_answer();
  fail(FailureClass::cut);
}

void MessageEvents::message_start(Element event) {
  // Two answers in one stream: whichever is right, the caller cannot be given both.
  if (started_) return fail(FailureClass::bad_answer);
  const auto message = member(event, "message");
  if (!message) return fail(FailureClass::bad_answer);
  if (const auto usage = member(*message, "usage")) usage_.take(*usage);
  begin_answer(text_member(*message, "id"), text_member(*message, "model"));
}

void MessageEvents::begin_answer(std::string_view id, std::string_view model) {
  if (std::exchange(started_, true)) return;
  base_ = answer_base(id, unnamed_answer);
  out_->push_back(chat::Began{std::string(id), std::string(model), usage_.sum()});
}

void MessageEvents::block_start(Element event) {
  begin_answer({}, {});
  const auto said = member(event, "content_block");
  if (!said) return fail(FailureClass::bad_answer);
  const std::int64_t index = index_of(event);
  if (const auto open = blocks_.find(index); open != blocks_.end()) {
    finish(open->second);
    blocks_.erase(open);
  }
  auto part = read_answer_block(*said);
  if (part && is_nameless_call(*part)) return fail(FailureClass::bad_answer);
  begin(index, std::move(part)).signature = text_member(*said, "signature");
}

MessageEvents::Block& MessageEvents::begin(std::int64_t index, std::optional<chat::Part> part) {
  Block& block = blocks_[index];
  if (!part) return block;
  block.part = parts_++;
  block.rest = std::move(*part);
  // What a part begins with is empty but for its name; what is there already comes as a delta.
  std::string ready;
  auto* call = std::get_if<chat::ToolCall>(&block.rest);
  if (call) call->id = ids_.give(call->id, base_);
  called_ = called_ || call;
  if (!call) ready = std::exchange(*text_of(block.rest), {});
  chat::Part bare = block.rest;
  if (call) text_of(bare)->clear();
  out_->push_back(chat::PartBegan{*block.part, std::move(bare)});
  say(block, ready);
  return block;
}

void MessageEvents::block_delta(Element event) {
  begin_answer({}, {});
  const auto delta = member(event, "delta");
  if (!delta) return fail(FailureClass::bad_answer);
  const std::string_view type = text_member(*delta, "type");
  const std::int64_t index = index_of(event);
  auto found = blocks_.find(index);
  if (found == blocks_.end()) {
    // Some servers leave the start out where it says nothing.
    if (type == "text_delta") begin(index, chat::Text{});
    if (type == "thinking_delta") begin(index, chat::Thinking{{}, "anthropic", {}, false});
    found = blocks_.find(index);
    if (found == blocks_.end()) return fail(FailureClass::bad_answer);
  }
  Block& block = found->second;
  if (!block.part) return;
  if (type == "text_delta") return take_text(block, text_member(*delta, "text"));
  if (type == "thinking_delta") return take_text(block, text_member(*delta, "thinking"));
  if (type == "input_json_delta") return take_arguments(block, text_member(*delta, "partial_json"));
  if (type == "signature_delta") {
    // The last that says something counts.
    const std::string_view signature = text_member(*delta, "signature");
    if (!signature.empty()) block.signature = signature;
  }
  if (const auto citation = member(*delta, "citation")) take_citation(block, *citation);
}

void MessageEvents::say(Block& block, std::string_view piece) {
  if (piece.empty()) return;
  block.bytes += piece.size();
  if (std::holds_alternative<chat::Text>(block.rest)) block.characters += characters_in(piece);
  out_->push_back(chat::Delta{*block.part, std::string(piece)});
}

void MessageEvents::take_text(Block& block, std::string_view piece) {
  if (piece.empty()) return;
  if (std::holds_alternative<chat::ToolCall>(block.rest)) return fail(FailureClass::bad_answer);
  say(block, piece);
}

void MessageEvents::take_arguments(Block& block, std::string_view piece) {
  if (piece.empty()) return;
  auto* call = std::get_if<chat::ToolCall>(&block.rest);
  if (call == nullptr) return fail(FailureClass::bad_answer);
  // What the start says is a place holder, unless nothing else comes.
  if (!std::exchange(block.has_input, true)) call->arguments.clear();
  say(block, piece);
}

void MessageEvents::take_citation(Block& block, Element citation) {
  auto* text = std::get_if<chat::Text>(&block.rest);
  if (text == nullptr) return;
  const chat::Citation& read = text->citations.emplace_back(read_citation(citation));
  kept_ += sizeof(read) + read.url.size() + read.title.size() + read.quoted.size();
  if (kept_ > longest_kept) fail(FailureClass::bad_answer);
}

void MessageEvents::block_stop(Element event) {
  const auto found = blocks_.find(index_of(event));
  if (found == blocks_.end()) return;
  finish(found->second);
  blocks_.erase(found);
}

void MessageEvents::finish(Block& block) {
  if (!block.part) return;
  chat::PartEnded ended{*block.part, {}, {}};
  if (auto* thinking = std::get_if<chat::Thinking>(&block.rest)) {
    if (!block.signature.empty()) {
      thinking->state = thinking_state("", block.signature);
      ended.gaps = {{thinking_text_at, 0, block.bytes}};
    }
  } else if (auto* text = std::get_if<chat::Text>(&block.rest)) {
    settle_citations(*text, block.characters);
  } else if (auto* call = std::get_if<chat::ToolCall>(&block.rest); call && !block.has_input) {
    // A tool without arguments is called without a word.
    say(block, std::exchange(call->arguments, {}));
  }
  ended.rest = std::move(block.rest);
  out_->push_back(std::move(ended));
}

void MessageEvents::message_delta(Element event) {
  begin_answer({}, {});
  if (const auto usage = member(event, "usage")) usage_.take(*usage);
  if (const auto delta = member(event, "delta")) {
    finish_seen_ = read_stop(*delta, ending_) || finish_seen_;
  }
}

void MessageEvents::finish_answer() {
  begin_answer({}, {});
  for (auto& [index, block] : blocks_) finish(block);
  blocks_.clear();
  ending_.finish = settled_finish(ending_.finish, called_);
  ending_.usage = usage_.sum();
  out_->push_back(chat::Ended{ending_});
  done_ = true;
}

void MessageEvents::error(Element event) {
  const auto words = read_error(event);
  const FailureClass failure = words ? failure_of(*words) : FailureClass::server_error;
  fail(failure == FailureClass::bad_answer ? FailureClass::server_error : failure);
}

void MessageEvents::fail(FailureClass failure) {
  if (std::exchange(done_, true)) return;
  out_->push_back(chat::Failed{failure, std::nullopt});
}

}  // namespace routerone::dialect::anthropic
