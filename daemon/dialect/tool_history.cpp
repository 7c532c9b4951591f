#include "daemon/dialect/tool_history.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "daemon/dialect/carrier.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/tool_names.h"

namespace routerone::dialect {
namespace {

using chat::Part;
using chat::Role;
using chat::Text;
using chat::ToolCall;
using chat::ToolResult;
using chat::Turn;

constexpr std::string_view interrupted = "[no result: the call was interrupted]";
constexpr NameRule id_rule = openai_names;

void drop_empty_text(std::vector<Part>& parts) {
  std::erase_if(parts, [](const Part& part) {
    const auto* text = std::get_if<Text>(&part);
    return text && text->text.empty();
  });
}

bool says_something(const Part& part, std::string_view own) {
  if (const auto* text = std::get_if<Text>(&part)) {
    return text->text.find_first_not_of(" \t\r\n\f\v") != std::string::npos;
  }
  const auto* thinking = std::get_if<chat::Thinking>(&part);
  return !thinking || owns(own, *thinking);
}

void drop_silent_answers(std::vector<Turn>& turns, std::string_view own) {
  std::erase_if(turns, [own](const Turn& turn) {
    return turn.role == Role::assistant &&
           std::none_of(turn.parts.begin(), turn.parts.end(),
                        [own](const Part& part) { return says_something(part, own); });
  });
}

/// Signatures that travelled before their calls go back into them. Some agents move a turn's
/// thinking to its head, and with other thinking together: each belongs to the next call without
/// one, or, where the calls came first, to the first.
void restore_signatures(std::vector<Part>& parts) {
  std::deque<std::string> held;
  std::vector<Part> out;
  for (Part& part : parts) {
    const auto* thinking = std::get_if<chat::Thinking>(&part);
    std::string signature = thinking ? held_signature(*thinking) : std::string();
    if (!signature.empty()) {
      held.push_back(std::move(signature));
      continue;
    }
    auto* call = std::get_if<ToolCall>(&part);
    if (call && call->signature.empty() && !held.empty()) {
      call->signature = std::move(held.front());
      held.pop_front();
    }
    out.push_back(std::move(part));
  }
  for (Part& part : out) {
    auto* call = std::get_if<ToolCall>(&part);
    if (held.empty()) break;
    if (!call || !call->signature.empty()) continue;
    call->signature = std::move(held.front());
    held.pop_front();
  }
  parts = std::move(out);
}

void move_behind(std::vector<Part>& to, std::vector<Part>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

/// A later instruction as the user's text.
void fold(Turn& turn) {
  Text text;
  text.text = "<system-reminder>\n" + joined_text(turn.parts) + "\n</system-reminder>";
  turn.role = Role::user;
  turn.developer = false;
  turn.parts.clear();
  turn.parts.emplace_back(std::move(text));
}

/// A result that answers nothing: what it says, as text, with its media behind it.
std::vector<Part> as_text(ToolResult result) {
  Text text;
  text.text = (result.name.empty() ? "Tool result: " : "Tool result (" + result.name + "): ") +
              joined_text(result.content);
  std::erase_if(result.content, [](const Part& part) { return std::get_if<Text>(&part); });
  std::vector<Part> out;
  out.emplace_back(std::move(text));
  move_behind(out, result.content);
  return out;
}

class History {
 public:
  explicit History(std::vector<Turn> turns) : turns_(std::move(turns)) {}

  std::vector<Turn> settle() && {
    std::size_t at = 0;
    while (at < turns_.size()) at = step(at);
    return std::move(out_);
  }

 private:
  struct Call {
    ToolCall* call;
    std::string said_id;
    std::optional<ToolResult> result;
  };

  /// One assistant turn with all that follows up to the next one, or what stands before the first.
  std::size_t step(std::size_t at) {
    Turn said;
    for (bool first = true; at < turns_.size() && turns_[at].role == Role::assistant; ++at) {
      if (first) {
        said = std::move(turns_[at]);
      } else {
        move_behind(said.parts, turns_[at].parts);
      }
      first = false;
    }
    std::size_t end = at;
    while (end < turns_.size() && turns_[end].role != Role::assistant) ++end;
    const bool was_empty = said.parts.empty();
    restore_signatures(said.parts);
    const bool only_signed = !was_empty && said.parts.empty();
    std::vector<Call> calls = name_calls(said);
    for (std::size_t i = at; i < end; ++i) take_results(turns_[i], calls);
    if (said.role == Role::assistant && !only_signed) out_.push_back(std::move(said));
    if (at < end) put_results(at, calls);
    for (; at < end; ++at) {
      if (!spent_.contains(at)) out_.push_back(std::move(turns_[at]));
    }
    return end;
  }

  /// Gives each call an id that all dialects take and no other call has.
  std::vector<Call> name_calls(Turn& said) {
    std::vector<Call> calls;
    for (Part& part : said.parts) {
      auto* call = std::get_if<ToolCall>(&part);
      if (!call) continue;
      std::string wanted = portable_call_id(call->id);
      if (wanted.empty()) {
        wanted = "call_" + std::to_string(steps_) + "_" + std::to_string(calls.size());
      }
      std::string given = wanted;
      for (int copy = 2; !ids_.insert(given).second; ++copy) {
        given = portable_call_id(wanted + "_" + std::to_string(copy));
      }
      calls.push_back({call, std::exchange(call->id, given), std::nullopt});
    }
    ++steps_;
    return calls;
  }

  static Call* call_of(const ToolResult& result, std::vector<Call>& calls) {
    Call* last = nullptr;
    for (Call& each : calls) {
      const bool mine = result.call_id.empty()
                            ? result.name.empty() || result.name == each.call->name
                            : result.call_id == each.said_id;
      if (!mine) continue;
      if (!each.result) return &each;
      last = &each;
    }
    return result.call_id.empty() ? nullptr : last;
  }

  void take_results(Turn& turn, std::vector<Call>& calls) {
    bool took = false;
    std::vector<Part> rest;
    for (Part& part : turn.parts) {
      auto* result = std::get_if<ToolResult>(&part);
      Call* call = result ? call_of(*result, calls) : nullptr;
      took = took || call;
      if (call) {
        call->result = std::move(*result);
      } else if (result) {
        std::vector<Part> text = as_text(std::move(*result));
        move_behind(rest, text);
      } else {
        rest.push_back(std::move(part));
      }
    }
    turn.parts = std::move(rest);
    if (took && turn.parts.empty()) spent_.insert(static_cast<std::size_t>(&turn - turns_.data()));
  }

  void put_results(std::size_t at, std::vector<Call>& calls) {
    if (calls.empty()) return;
    std::vector<Part> results;
    const auto* said = &out_.back();
    std::size_t next = 0;
    for (const Part& part : said->parts) {
      const auto* call = std::get_if<ToolCall>(&part);
      if (!call) continue;
      results.emplace_back(result_of(*call, calls[next++].result));
    }
    Turn& behind = turns_[at];
    if (behind.role == Role::user) {
      move_behind(results, behind.parts);
      behind.parts = std::move(results);
      spent_.erase(at);
    } else {
      Turn turn;
      turn.parts = std::move(results);
      out_.push_back(std::move(turn));
    }
  }

  static ToolResult result_of(const ToolCall& call, std::optional<ToolResult>& found) {
    ToolResult out;
    if (found) {
      out = std::move(*found);
      drop_empty_text(out.content);
    } else {
      out.is_error = true;
      out.content.emplace_back(Text{std::string(interrupted), false, {}, {}});
    }
    out.call_id = call.id;
    out.name = call.name;
    out.group = call.group;
    out.freeform = call.freeform;
    return out;
  }

  std::vector<Turn> turns_, out_;
  std::set<std::size_t> spent_;  ///< Turns that were results only.
  std::set<std::string> ids_;
  std::size_t steps_ = 0;
};

void merge_users(std::vector<Turn>& turns) {
  std::vector<Turn> out;
  for (Turn& turn : turns) {
    if (!out.empty() && out.back().role == Role::user && turn.role == Role::user) {
      move_behind(out.back().parts, turn.parts);
    } else {
      out.push_back(std::move(turn));
    }
  }
  turns = std::move(out);
}

}  // namespace

std::string portable_call_id(std::string_view id) {
  if (id.empty() || id_rule.allows(id)) return std::string(id);
  return "call_" + digest_hex(id, 24);
}

std::size_t leading_system(const std::vector<Turn>& turns) {
  const auto end = std::find_if(turns.begin(), turns.end(),
                                [](const Turn& turn) { return turn.role != Role::system; });
  return static_cast<std::size_t>(end - turns.begin());
}

std::vector<Turn> settle_history(std::vector<Turn> turns, HistoryRule rule) {
  for (Turn& turn : turns) {
    drop_empty_text(turn.parts);
  }
  std::erase_if(turns,
                [](const Turn& turn) { return turn.role == Role::system && turn.parts.empty(); });
  if (!rule.own.empty()) drop_silent_answers(turns, rule.own);
  if (rule.fold_system) {
    for (std::size_t i = leading_system(turns); i < turns.size(); ++i) {
      if (turns[i].role == Role::system) fold(turns[i]);
    }
  }
  std::vector<Turn> out = History(std::move(turns)).settle();
  if (rule.merge_users) merge_users(out);
  return out;
}

std::string joined_text(const std::vector<Part>& parts, std::string_view between) {
  std::string out;
  bool first = true;
  for (const Part& part : parts) {
    const auto* text = std::get_if<Text>(&part);
    if (!text) continue;
    if (!first) out += between;
    out += text->text;
    first = false;
  }
  return out;
}

}  // namespace routerone::dialect
