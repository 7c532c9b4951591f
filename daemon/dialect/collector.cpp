#include "daemon/dialect/collector.h"

#include <algorithm>
#include <utility>

#include "daemon/dialect/tool_names.h"

namespace routerone::dialect {
namespace {

using chat::Event;
using chat::Part;
using chat::ToolCall;

/// The text that deltas add to; null: the part has none.
std::string* text_of(Part& part) {
  if (auto* text = std::get_if<chat::Text>(&part)) return &text->text;
  if (auto* thinking = std::get_if<chat::Thinking>(&part)) return &thinking->text;
  if (auto* call = std::get_if<ToolCall>(&part)) return &call->arguments;
  return nullptr;
}

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

}  // namespace

void Collector::take(const Event& event) {
  if (done()) return;
  if (const auto* began = std::get_if<chat::Began>(&event)) {
    answer_.id = began->id;
    answer_.model = began->model;
  } else if (const auto* part = std::get_if<chat::PartBegan>(&event)) {
    if (part->part == answer_.parts.size()) answer_.parts.push_back(part->what);
  } else if (const auto* delta = std::get_if<chat::Delta>(&event)) {
    if (delta->part >= answer_.parts.size()) return;
    if (std::string* text = text_of(answer_.parts[delta->part])) *text += delta->text;
  } else if (const auto* ended = std::get_if<chat::PartEnded>(&event)) {
    if (ended->part < answer_.parts.size()) answer_.parts[ended->part] = ended->whole;
  } else if (const auto* end = std::get_if<chat::Ended>(&event)) {
    answer_.ending = end->ending;
    ended_ = true;
  } else if (const auto* failed = std::get_if<chat::Failed>(&event)) {
    failure_ = failed->failure;
  }
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
    Part whole = answer.parts[i];
    out.emplace_back(chat::PartBegan{i, beginning_of(whole)});
    const std::string* text = text_of(whole);
    if (text && !text->empty()) out.emplace_back(chat::Delta{i, *text});
    out.emplace_back(chat::PartEnded{i, std::move(whole)});
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
    auto* call = std::get_if<ToolCall>(&ended->whole);
    const ToolCall* meant = call ? meant_by(renamed_, *call) : nullptr;
    if (meant) rename(*call, *meant);
    const auto input = inputs_.find(ended->part);
    if (call && input != inputs_.end()) {
      std::string rest = input->second.finish();
      call->arguments = input->second.whole();
      if (!rest.empty()) out.emplace_back(chat::Delta{ended->part, std::move(rest)});
      inputs_.erase(input);
    }
  }
  out.push_back(std::move(event));
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
  (found == open_.begin() ? out : found->held).push_back(std::move(event));
  advance(out);
}

void OneAtATime::advance(std::vector<Event>& out) {
  while (!open_.empty() && open_.front().ended) {
    open_.pop_front();
    if (open_.empty()) return;
    for (Event& event : open_.front().held) out.push_back(std::move(event));
    open_.front().held.clear();
  }
}

}  // namespace routerone::dialect
