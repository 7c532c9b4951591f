#include "daemon/dialect/anthropic/stop_reason.h"

#include <array>
#include <utility>

#include "daemon/dialect/dom.h"

namespace routerone::dialect::anthropic {
namespace {

using chat::Finish;

constexpr std::array<std::pair<std::string_view, Finish>, 7> words = {{
    {"end_turn", Finish::stop},
    {"tool_use", Finish::tool_calls},
    {"max_tokens", Finish::length},
    {"stop_sequence", Finish::stop_sequence},
    {"refusal", Finish::refusal},
    {"pause_turn", Finish::pause},
    {"model_context_window_exceeded", Finish::length},
}};

Finish finish_of(std::string_view said) {
  for (const auto& [word, finish] : words) {
    if (word == said) return finish;
  }
  return Finish::unknown;
}

}  // namespace

bool read_stop(simdjson::dom::element from, chat::Ending& ending) {
  const std::string_view reason = text_member(from, "stop_reason");
  if (!reason.empty()) ending.finish = finish_of(reason);
  const std::string_view sequence = text_member(from, "stop_sequence");
  if (!sequence.empty()) ending.stop_sequence = sequence;
  if (const auto details = member(from, "stop_details")) {
    const std::string_view explanation = text_member(*details, "explanation");
    if (!explanation.empty()) ending.explanation = explanation;
  }
  return !reason.empty();
}

chat::Finish settled_finish(chat::Finish finish, bool called) {
  if (called && (finish == Finish::stop || finish == Finish::unknown)) return Finish::tool_calls;
  return finish;
}

std::string_view stop_reason(chat::Finish finish, bool called, bool refused) {
  if (refused && (finish == Finish::stop || finish == Finish::unknown)) return "refusal";
  switch (settled_finish(finish, called)) {
    case Finish::length:
      return "max_tokens";
    case Finish::tool_calls:
      return "tool_use";
    case Finish::content_filter:
    case Finish::refusal:
      return "refusal";
    case Finish::stop_sequence:
      return "stop_sequence";
    case Finish::pause:
      return "pause_turn";
    case Finish::stop:
    case Finish::unknown:
      break;
  }
  return "end_turn";
}

}  // namespace routerone::dialect::anthropic
