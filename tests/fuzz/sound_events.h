#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/part_text.h"
#include "daemon/exchange/chat.h"

namespace routerone::fuzz {

inline const std::string& text_of(const chat::Part& part) {
  static const std::string none;
  if (const auto* text = std::get_if<chat::Text>(&part)) return text->text;
  if (const auto* thinking = std::get_if<chat::Thinking>(&part)) return thinking->text;
  if (const auto* call = std::get_if<chat::ToolCall>(&part)) return call->arguments;
  return none;
}

/// `said`: the part's text.
inline std::string unsound_end(const chat::PartEnded& ended, std::size_t kind,
                               const std::string& said) {
  if (kind != ended.rest.index()) return "a part of two kinds";
  if (!text_of(ended.rest).empty()) return "a text said twice";
  const auto* thinking = std::get_if<chat::Thinking>(&ended.rest);
  if (thinking == nullptr) return ended.gaps.empty() ? "" : "gaps in no state";
  std::size_t at = 0;
  for (const chat::Gap& gap : ended.gaps) {
    if (gap.at < at || gap.at > thinking->state.size()) return "a gap outside of the state";
    if (gap.from > gap.to || gap.to > said.size()) return "a gap outside of the text";
    at = gap.at;
  }
  const std::string state = dialect::fill_gaps(thinking->state, ended.gaps, said);
  return state.empty() || Json::accept(state) ? "" : "a state that is no JSON";
}

/// What is wrong with the events of a reader, by what chat.h promises; empty: nothing.
inline std::string unsound(const std::vector<chat::Event>& events) {
  std::map<std::size_t, std::string> open;  ///< What each open part has said.
  std::map<std::size_t, std::size_t> kinds;
  std::set<std::string> calls;
  std::size_t parts = 0;
  bool begun = false, over = false;
  for (const chat::Event& event : events) {
    if (over) return "an event behind the end";
    over =
        std::holds_alternative<chat::Ended>(event) || std::holds_alternative<chat::Failed>(event);
    if (std::holds_alternative<chat::Failed>(event)) continue;
    if (std::holds_alternative<chat::Began>(event)) {
      if (std::exchange(begun, true)) return "a second start";
      continue;
    }
    if (!begun) return "an event before the start";
    if (const auto* part = std::get_if<chat::PartBegan>(&event)) {
      if (part->part != parts++) return "a gap in the parts";
      open[part->part] = text_of(part->what);
      kinds[part->part] = part->what.index();
      const auto* call = std::get_if<chat::ToolCall>(&part->what);
      if (call != nullptr && call->name.empty()) return "a call without a name";
      if (call != nullptr && call->id.empty()) return "a call without an id";
      if (call != nullptr && !calls.insert(call->id).second) return "two calls of one id";
    } else if (const auto* delta = std::get_if<chat::Delta>(&event)) {
      if (!open.contains(delta->part)) return "a delta without its part";
      open[delta->part] += delta->text;
    } else if (const auto* ended = std::get_if<chat::PartEnded>(&event)) {
      if (!open.contains(ended->part)) return "an end without its part";
      const std::string said = open.extract(ended->part).mapped();
      if (std::string wrong = unsound_end(*ended, kinds[ended->part], said); !wrong.empty()) {
        return wrong;
      }
    } else if (!open.empty()) {
      return "an end with a part open";
    }
  }
  return over ? "" : "no end";
}

}  // namespace routerone::fuzz
