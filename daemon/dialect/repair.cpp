#include "daemon/dialect/repair.h"

#include <algorithm>
#include <string>

#include "common/core/text.h"
#include "daemon/dialect/dom.h"

namespace routerone::dialect {
namespace {

using Element = simdjson::dom::element;

using chat::Request;

/// Of a field that is not said as long as it is empty.
template <auto Field>
bool is_said(const Request& asked) {
  if constexpr (requires { (asked.*Field).has_value(); }) {
    return (asked.*Field).has_value();
  } else {
    return !(asked.*Field).empty();
  }
}
template <auto Field>
void take_out(Request& asked) {
  asked.*Field = {};
}
template <auto Field>
constexpr Hint plain(std::string_view name, std::string_view spelled, bool everyday = false) {
  return {name, {spelled}, everyday, is_said<Field>, take_out<Field>};
}

bool reasons(const Request& asked) {
  const chat::Reasoning& said = asked.reasoning;
  return said.effort || said.budget || said.adaptive || said.off || said.visible;
}

bool is_parallel_said(const Request& asked) { return asked.choice.parallel.has_value(); }
void drop_parallel(Request& asked) { asked.choice.parallel.reset(); }

bool is_strict_said(const Request& asked) {
  return std::any_of(asked.tools.begin(), asked.tools.end(),
                     [](const chat::Tool& tool) { return tool.strict.has_value(); });
}
void drop_strict(Request& asked) {
  for (chat::Tool& tool : asked.tools) tool.strict.reset();
}

bool has_state(const chat::Part& part) {
  const auto* call = std::get_if<chat::ToolCall>(&part);
  return std::holds_alternative<chat::Thinking>(part) || (call && !call->signature.empty());
}
bool is_state_said(const Request& asked) {
  return std::any_of(asked.turns.begin(), asked.turns.end(), [](const chat::Turn& turn) {
    return std::any_of(turn.parts.begin(), turn.parts.end(), has_state);
  });
}
void drop_state(Request& asked) {
  for (chat::Turn& turn : asked.turns) {
    std::erase_if(turn.parts, [](const chat::Part& part) {
      return std::holds_alternative<chat::Thinking>(part);
    });
    for (chat::Part& part : turn.parts) {
      if (auto* call = std::get_if<chat::ToolCall>(&part)) call->signature.clear();
    }
  }
}

constexpr std::array all_hints = {
    plain<&Request::temperature>("temperature", "temperature"),
    plain<&Request::top_p>("top_p", "topp"),
    plain<&Request::top_k>("top_k", "topk"),
    plain<&Request::seed>("seed", "seed"),
    plain<&Request::presence_penalty>("presence_penalty", "presencepenalty"),
    plain<&Request::frequency_penalty>("frequency_penalty", "frequencypenalty"),
    Hint{"reasoning_effort",
         {"reasoningeffort", "reasoning", "effort", "thinking", "thinkingconfig"},
         false,
         reasons,
         take_out<&Request::reasoning>},
    plain<&Request::verbosity>("verbosity", "verbosity"),
    plain<&Request::service_tier>("service_tier", "servicetier"),
    plain<&Request::cache_key>("prompt_cache_key", "promptcachekey"),
    plain<&Request::metadata>("metadata", "metadata", true),
    // One dialect says in `metadata` who the user is.
    Hint{"user",
         {"user", "safetyidentifier", "userid", "metadata"},
         true,
         is_said<&Request::user>,
         take_out<&Request::user>},
    Hint{"parallel_tool_calls",
         {"paralleltoolcalls", "disableparalleltooluse"},
         false,
         is_parallel_said,
         drop_parallel},
    // The schema itself still goes along.
    Hint{"strict", {"strict"}, true, is_strict_said, drop_strict},
    // Thinking of before: a server of its dialect that did not make it may not take it. The last.
    Hint{"thinking", {"encryptedcontent"}, true, is_state_said, drop_state},
};

/// How providers say that they do not take the state of thinking of before.
constexpr std::array<std::string_view, 7> refusing_state = {
    "encrypted_content",
    "encrypted content",
    "invalid `signature`",
    "invalid signature in",
    "thought signature",
    "thought_signature",
    "blocks in the latest assistant message cannot be modified",
};

/// How providers say that they do not take a field.
constexpr std::array<std::string_view, 13> refusing = {
    "not support",  "n't support", "unsupported",       "unknown",    "unrecognized",
    "unrecognised", "extra input", "extra_forbidden",   "deprecated", "not permitted",
    "not allowed",  "not enabled", "cannot find field",
};

/// Of words and of entries: an error that says more says it in its beginning.
constexpr std::size_t longest_words = 2'000, most_entries = 32;

bool refuses(std::string_view words) {
  const std::string low = lower(words);
  return std::any_of(refusing.begin(), refusing.end(),
                     [&](std::string_view each) { return low.find(each) != low.npos; });
}

bool refuses_state(std::string_view words) {
  const std::string low = lower(words);
  return std::any_of(refusing_state.begin(), refusing_state.end(),
                     [&](std::string_view each) { return low.find(each) != low.npos; });
}

/// `tools[0].strict`, `generationConfig.topK`: names without numbers, in small letters without `_`.
std::vector<std::string> steps_of(std::string_view path) {
  std::vector<std::string> steps(1);
  for (const char c : lower(path)) {
    if (c == '.' || c == '[' || c == ']') {
      if (!steps.back().empty()) steps.emplace_back();
    } else if (c != '_') {
      steps.back() += c;
    }
  }
  std::erase_if(steps, [](const std::string& step) {
    return step.empty() || step.find_first_not_of("0123456789") == step.npos || step == "body";
  });
  return steps;
}

/// Is this path one to the hint's field, and not one to a namesake inside of what was said?
bool leads_to(const std::vector<std::string>& steps, const Hint& hint) {
  constexpr std::array<std::string_view, 8> elsewhere = {
      "messages",     "input", "contents",       "system",
      "instructions", "tools", "responseformat", "format"};
  const auto names = [&](const std::string& step) {
    return std::find(hint.spelled.begin(), hint.spelled.end(), step) != hint.spelled.end();
  };
  if (steps.empty()) return false;
  if (hint.name == "strict") {
    return steps.back() == "strict" && (steps.size() == 1 || steps.front() == "tools");
  }
  if (std::find(elsewhere.begin(), elsewhere.end(), steps.front()) != elsewhere.end()) return false;
  return names(steps.front()) || names(steps.back());
}

bool is_path(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '[' || c == ']';
}

bool is_quote(char c) { return c == '\'' || c == '"' || c == '`'; }

/// A word of a sentence that can only be a field's name by how it stands there.
bool is_marked(std::string_view words, std::size_t at, std::size_t end) {
  const char before = at == 0 ? ' ' : words[at - 1];
  const char behind = end == words.size() ? ' ' : words[end];
  const bool leads = at == 0 && behind == ':';
  const bool closes = end == words.size() && words.substr(0, at).ends_with(": ");
  return (is_quote(before) && is_quote(behind)) || leads || closes;
}

/// Fields that the words of an error name.
class Named {
 public:
  void path(std::string_view path) { add(path, true); }
  void state() { named_.back() = true; }

  void sentence(std::string_view words) {
    while (!words.empty() && (words.back() == '.' || words.back() == ' ')) words.remove_suffix(1);
    for (std::size_t at = 0; at < words.size();) {
      if (!is_path(words[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < words.size() && is_path(words[end])) ++end;
      add(words.substr(at, end - at), is_marked(words, at, end));
      at = end;
    }
  }

  std::vector<const Hint*> hints() const {
    std::vector<const Hint*> found;
    for (std::size_t i = 0; i < named_.size(); ++i) {
      if (named_[i]) found.push_back(&all_hints[i]);
    }
    return found;
  }

 private:
  void add(std::string_view path, bool marked) {
    const auto steps = steps_of(path);
    marked = marked || steps.size() > 1;
    for (std::size_t i = 0; i < named_.size(); ++i) {
      const Hint& hint = all_hints[i];
      if ((marked || !hint.everyday) && leads_to(steps, hint)) named_[i] = true;
    }
  }

  std::array<bool, all_hints.size()> named_{};
};

/// `{"loc": ["body", "seed"], "msg": "Extra inputs are not permitted", "type": ".."}`
void read_detail(Element entry, Named& named) {
  const auto place = member(entry, "loc");
  simdjson::dom::array steps;
  if (!place || place->get_array().get(steps) != simdjson::SUCCESS) return;
  const std::string_view words = text_member(entry, "msg").substr(0, longest_words);
  if (!refuses(words) && !refuses(text_member(entry, "type"))) return;
  std::string path;
  for (const Element step : steps) {
    std::string_view name;
    if (step.get_string().get(name) == simdjson::SUCCESS) path.append(name).append(".");
  }
  if (refuses_state(path)) return named.state();
  named.path(path);
}

void read_details(Element object, Named& named) {
  const auto detail = member(object, "detail");
  simdjson::dom::array entries;
  if (!detail || detail->get_array().get(entries) != simdjson::SUCCESS) return;
  std::size_t read = 0;
  for (const Element entry : entries) {
    if (read++ == most_entries) return;
    read_detail(entry, named);
  }
}

/// A field that is named apart from the sentence is the one; else the sentence tells.
void read_words(Element object, Named& named) {
  const std::string_view message = text_member(object, "message").substr(0, longest_words);
  const bool state = refuses_state(message) || refuses_state(text_member(object, "code")) ||
                     refuses_state(text_member(object, "param"));
  if (state) return named.state();
  if (!refuses(message) && !refuses(text_member(object, "code"))) return;
  const std::string_view param = text_member(object, "param");
  if (!param.empty()) return named.path(param);
  named.sentence(message);
}

void read_error_of(std::string_view body, Named& named);

/// Who hands on another's error may hold the whole of it, as text.
void read_inner(Element error, Named& named) {
  const auto about = member(error, "metadata");
  if (about) read_error_of(text_member(*about, "raw"), named);
}

void read_error_of(std::string_view body, Named& named) {
  if (body.empty()) return;
  const Dom document(body);
  if (!document.ok()) return;
  Element outer = document.root();
  simdjson::dom::array around;
  if (outer.get_array().get(around) == simdjson::SUCCESS &&
      around.at(0).get(outer) != simdjson::SUCCESS) {
    return;
  }
  const Element error = member(outer, "error").value_or(outer);
  std::string_view words;
  if (error.get_string().get(words) == simdjson::SUCCESS) {
    words = words.substr(0, longest_words);
    if (refuses(words)) named.sentence(words);
    return;
  }
  read_words(error, named);
  read_details(error, named);
  if (const auto message = member(error, "message")) read_details(*message, named);
  read_inner(error, named);
}

}  // namespace

std::vector<const Hint*> refused_hints(std::string_view error_body) {
  Named named;
  read_error_of(error_body, named);
  return named.hints();
}

}  // namespace routerone::dialect
