#include "daemon/dialect/part_text.h"

#include <algorithm>

#include "daemon/dialect/json_out.h"

namespace routerone::dialect {

std::string* text_of(chat::Part& part) {
  if (auto* text = std::get_if<chat::Text>(&part)) return &text->text;
  if (auto* thinking = std::get_if<chat::Thinking>(&part)) return &thinking->text;
  if (auto* call = std::get_if<chat::ToolCall>(&part)) return &call->arguments;
  return nullptr;
}

bool is_nameless_call(const chat::Part& part) {
  const auto* call = std::get_if<chat::ToolCall>(&part);
  return call && call->name.empty();
}

bool calls_by_itself(chat::Turn& turn) {
  if (turn.role == chat::Role::assistant) return false;
  std::erase_if(turn.parts, [](const chat::Part& part) {
    return std::holds_alternative<chat::Thinking>(part);
  });
  return std::any_of(turn.parts.begin(), turn.parts.end(), [](const chat::Part& part) {
    return std::holds_alternative<chat::ToolCall>(part);
  });
}

chat::JsonText fill_gaps(std::string_view state, const std::vector<chat::Gap>& gaps,
                         std::string_view text) {
  std::string out;
  std::size_t done = 0;
  for (const chat::Gap& gap : gaps) {
    const std::size_t at = std::clamp(gap.at, done, state.size());
    out += state.substr(done, at - done);
    done = at;
    const std::size_t from = std::min(gap.from, text.size());
    std::string quoted;
    append_json_string(quoted, text.substr(from, gap.to - std::min(gap.from, gap.to)));
    out.append(quoted, 1, quoted.size() - 2);
  }
  return out += state.substr(done);
}

chat::Thinking whole_thinking(const chat::PartEnded& ended, std::string_view text) {
  chat::Thinking out = std::get<chat::Thinking>(ended.rest);
  out.state = fill_gaps(out.state, ended.gaps, text);
  out.text = text;
  return out;
}

std::int64_t characters_in(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; });
}

void SaidText::add(std::string_view piece) {
  bytes_ += piece.size();
  digest_ = digest(digest_, piece);
}

std::string_view SaidText::rest_of(std::string_view whole) const {
  if (whole.size() <= bytes_) return {};
  const bool same = digest(SaidText{}.digest_, whole.substr(0, bytes_)) == digest_;
  return same ? whole.substr(bytes_) : std::string_view();
}

std::uint64_t SaidText::digest(std::uint64_t before, std::string_view text) {
  for (const char c : text) {
    before = (before ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return before;
}

}  // namespace routerone::dialect
