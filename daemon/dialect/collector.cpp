#include "daemon/dialect/collector.h"

#include <algorithm>
#include <utility>

#include "daemon/dialect/part_text.h"
#include "daemon/dialect/tool_names.h"

namespace routerone::dialect {
namespace {

using chat::Event;
using chat::Part;
using chat::ToolCall;

/// What is known of a part when it begins: all but what comes in deltas and with its end.
Part beginning_of(const Part& part) {
  Part out = part;
  if (std::string* text = text_of(out)) text->clear();
  if (auto* text = std::get_if<chat::Text>(&out)) text->citations.clear();
  if (auto* thinking = std::get_if<chat::Thinking>(&out)) thinking->state.clear();
  return out;
}

const ToolCall* meant_by(std::span<const WrittenRequest::Renamed> renamed, const ToolCall& call) {
  const auto found = std::find_if(renamed.begin(), renamed.end(), [&call](const auto& each) {
    return each.written == call.name && call.group.empty();
  });
  return found == renamed.end() ? nullptr : &found->means;
}

void rename(ToolCall& call, const ToolCall& meant) {
  call.name = meant.name;
  call.group = meant.group;
  call.freeform = meant.freeform;
}

/// The part that an event belongs to; nullopt: it belongs to the answer.
std::optional<std::size_t> part_of(const Event& event) {
  if (const auto* began = std::get_if<chat::PartBegan>(&event)) return began->part;
  if (const auto* delta = std::get_if<chat::Delta>(&event)) return delta->part;
  if (const auto* ended = std::get_if<chat::PartEnded>(&event)) return ended->part;
  return std::nullopt;
}

std::size_t size_of(const Event& event) {
  const auto* delta = std::get_if<chat::Delta>(&event);
  return delta ? delta->text.size() : 0;
}

}  // namespace

void Collector::take(const Event& event) {
  if (done()) return;
  if (const auto* began = std::get_if<chat::Began>(&event)) {
    answer_.id = began->id;
    answer_.model = began->model;
  } else if (const auto* part = std::get_if<chat::PartBegan>(&event)) {
    if (part->part == answer_.parts.size()) answer_.parts.push_back(part->what);
  } else if (const auto* delta = std::get_if<chat::Delta>(&event)) {
    add(*delta);
  } else if (const auto* ended = std::get_if<chat::PartEnded>(&event)) {
    finish(*ended);
  } else if (const auto* end = std::get_if<chat::Ended>(&event)) {
    answer_.ending = end->ending;
    ended_ = true;
  } else if (const auto* failed = std::get_if<chat::Failed>(&event)) {
    failure_ = failed->failure;
  }
}

void Collector::add(const chat::Delta& delta) {
  if (delta.part >= answer_.parts.size()) return;
  kept_ += delta.text.size();
  if (kept_ > longest_kept) failure_ = FailureClass::bad_answer;
  if (std::string* text = text_of(answer_.parts[delta.part])) *text += delta.text;
}

void Collector::finish(const chat::PartEnded& ended) {
  if (ended.part >= answer_.parts.size()) return;
  Part& part = answer_.parts[ended.part];
  const std::string* said = text_of(part);
  Part whole = ended.rest;
  if (auto* thinking = std::get_if<chat::Thinking>(&whole); thinking && said) {
    thinking->state = fill_gaps(thinking->state, ended.gaps, *said);
  }
  if (std::string* text = text_of(whole); text && said) *text = *said;
  part = std::move(whole);
}

tl::expected<chat::Answer, FailureClass> Collector::answer() && {
  if (failure_ != FailureClass::none) return tl::unexpected(failure_);
  if (!ended_) return tl::unexpected(FailureClass::cut);
  return std::move(answer_);
}

std::vector<Event> events_of(const chat::Answer& answer) {
  std::vector<Event> out;
  out.emplace_back(chat::Began{answer.id, answer.model, answer.ending.usage});
  for (std::size_t i = 0; i < answer.parts.size(); ++i) {
    Part rest = answer.parts[i];
    out.emplace_back(chat::PartBegan{i, beginning_of(rest)});
    std::string* text = text_of(rest);
    if (text && !text->empty()) out.emplace_back(chat::Delta{i, std::exchange(*text, {})});
    out.emplace_back(chat::PartEnded{i, std::move(rest), {}});
  }
  out.emplace_back(chat::Ended{answer.ending});
  return out;
}

void restore_names(chat::Answer& answer, std::span<const WrittenRequest::Renamed> renamed) {
  for (Part& part : answer.parts) {
    auto* call = std::get_if<ToolCall>(&part);
    const ToolCall* meant = call ? meant_by(renamed, *call) : nullptr;
    if (!meant) continue;
    if (meant->freeform && !call->freeform) call->arguments = unwrap_freeform(call->arguments);
    rename(*call, *meant);
  }
}

void NameRestorer::take(Event event, std::vector<Event>& out) {
  if (auto* began = std::get_if<chat::PartBegan>(&event)) {
    auto* call = std::get_if<ToolCall>(&began->what);
    const ToolCall* meant = call ? meant_by(renamed_, *call) : nullptr;
    if (meant) {
      if (meant->freeform && !call->freeform) inputs_.try_emplace(began->part);
      rename(*call, *meant);
    }
  } else if (auto* delta = std::get_if<chat::Delta>(&event)) {
    const auto input = inputs_.find(delta->part);
    if (input != inputs_.end()) {
      delta->text = input->second.feed(delta->text);
      if (delta->text.empty()) return;
    }
  } else if (auto* ended = std::get_if<chat::PartEnded>(&event)) {
    auto* call = std::get_if<ToolCall>(&ended->rest);
    const ToolCall* meant = call ? meant_by(renamed_, *call) : nullptr;
    if (meant) rename(*call, *meant);
    const auto input = inputs_.find(ended->part);
    if (call && input != inputs_.end()) {
      std::string rest = input->second.finish();
      if (!rest.empty()) out.emplace_back(chat::Delta{ended->part, std::move(rest)});
      inputs_.erase(input);
    }
  }
  out.push_back(std::move(event));
}

std::size_t NameRestorer::held() const {
  std::size_t out = 0;
  for (const auto& [part, input] : inputs_) out += input.held();
  return out;
}

void OneAtATime::take(Event event, std::vector<Event>& out) {
  if (std::holds_alternative<chat::PartBegan>(event)) open_.push_back({*part_of(event), {}, false});
  const auto part = part_of(event);
  if (!part) {
    out.push_back(std::move(event));
    return;
  }
  const auto found = std::find_if(open_.begin(), open_.end(),
                                  [&part](const Open& each) { return each.part == *part; });
  if (found == open_.end()) return;
  found->ended = std::holds_alternative<chat::PartEnded>(event);
  if (found != open_.begin()) held_ += size_of(event);
  (found == open_.begin() ? out : found->held).push_back(std::move(event));
  advance(out);
}

void OneAtATime::advance(std::vector<Event>& out) {
  while (!open_.empty() && open_.front().ended) {
    open_.pop_front();
    if (open_.empty()) return;
    for (Event& event : open_.front().held) {
      held_ -= size_of(event);
      out.push_back(std::move(event));
    }
    open_.front().held.clear();
  }
}

}  // namespace routerone::dialect
