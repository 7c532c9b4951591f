#include "daemon/dialect/parallel_call.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"

namespace routerone::dialect {
namespace {

using chat::ToolCall;

constexpr std::array<std::string_view, 3> wrapper_names = {"multi_tool_use.parallel",
                                                           "multi_tool_use_parallel", "parallel"};
constexpr std::string_view tool_prefix = "functions.";

bool may_wrap(const ToolCall& call, std::span<const chat::Tool> tools) {
  const bool named =
      std::find(wrapper_names.begin(), wrapper_names.end(), call.name) != wrapper_names.end();
  return named && std::none_of(tools.begin(), tools.end(),
                               [&call](const chat::Tool& tool) { return tool.name == call.name; });
}

/// One of the calls inside; its name is empty if it is none.
ToolCall read_inside(simdjson::dom::element use) {
  ToolCall out;
  std::string_view name = text_member(use, "recipient_name");
  if (name.starts_with(tool_prefix)) name.remove_prefix(tool_prefix.size());
  const auto arguments = member(use, "parameters");
  if (!arguments || !arguments->is_object()) return out;
  out.name = name;
  out.arguments = json_text(*arguments);
  return out;
}

/// The calls inside a wrapper; of anything else the call itself.
std::vector<ToolCall> calls_in(ToolCall wrapper, CallIds& ids) {
  std::vector<ToolCall> out;
  const Dom document(wrapper.arguments);
  const auto uses = document.ok() ? member(document.root(), "tool_uses") : std::nullopt;
  simdjson::dom::array list;
  if (uses && uses->get_array().get(list) == simdjson::SUCCESS) {
    for (const auto use : list) out.push_back(read_inside(use));
  }
  const bool wraps = !out.empty() && std::none_of(out.begin(), out.end(), [](const ToolCall& call) {
    return call.name.empty();
  });
  if (!wraps) {
    wrapper.id = ids.give(wrapper.id, {});
    return {std::move(wrapper)};
  }
  for (ToolCall& call : out) call.id = ids.give(wrapper.id, {});
  out.front().signature = wrapper.signature;
  return out;
}

}  // namespace

void unwrap_parallel(chat::Answer& answer, std::span<const chat::Tool> tools) {
  std::vector<chat::Part> parts;
  CallIds ids;
  for (chat::Part& part : answer.parts) {
    auto* call = std::get_if<ToolCall>(&part);
    if (call && may_wrap(*call, tools)) {
      for (ToolCall& inside : calls_in(std::move(*call), ids))
        parts.emplace_back(std::move(inside));
      continue;
    }
    if (call) call->id = ids.give(call->id, {});
    parts.push_back(std::move(part));
  }
  answer.parts = std::move(parts);
}

void ParallelUnwrapper::take(chat::Event event, std::vector<chat::Event>& out) {
  if (auto* began = std::get_if<chat::PartBegan>(&event)) {
    auto* call = std::get_if<ToolCall>(&began->what);
    if (call && may_wrap(*call, tools_)) {
      wrappers_[began->part] = std::move(*call);
      return;
    }
    if (call) call->id = ids_.give(call->id, {});
    open_[began->part] = {parts_, call ? call->id : std::string()};
    began->part = parts_++;
  } else if (auto* delta = std::get_if<chat::Delta>(&event)) {
    if (const auto wrapper = wrappers_.find(delta->part); wrapper != wrappers_.end()) {
      held_ += delta->text.size();
      wrapper->second.arguments += delta->text;
      return;
    }
    delta->part = open_[delta->part].part;
  } else if (auto* ended = std::get_if<chat::PartEnded>(&event)) {
    if (auto wrapper = wrappers_.extract(ended->part)) {
      held_ -= wrapper.mapped().arguments.size();
      return give(calls_in(std::move(wrapper.mapped()), ids_), out);
    }
    const Open open = std::exchange(open_[ended->part], {});
    open_.erase(ended->part);
    ended->part = open.part;
    if (auto* call = std::get_if<ToolCall>(&ended->rest)) call->id = open.id;
  }
  out.push_back(std::move(event));
}

void ParallelUnwrapper::give(std::vector<ToolCall> calls, std::vector<chat::Event>& out) {
  for (ToolCall& call : calls) {
    std::string arguments = std::exchange(call.arguments, {});
    const std::size_t part = parts_++;
    out.emplace_back(chat::PartBegan{part, call});
    if (!arguments.empty()) out.emplace_back(chat::Delta{part, std::move(arguments)});
    out.emplace_back(chat::PartEnded{part, std::move(call), {}});
  }
}

}  // namespace routerone::dialect
