#include "daemon/dialect/survey.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "daemon/dialect/byte_run.h"

namespace routerone::dialect {
namespace {

/// What stands in a `type` where there is nothing but text: parts, items, tools the caller runs,
/// settings, and the words of JSON Schema.
constexpr std::array<std::string_view, 47> text_types = {
    "adaptive",
    "additional_tools",
    "any",
    "array",
    "auto",
    "boolean",
    "clear_thinking_20251015",
    "clear_tool_uses_20250919",
    "custom",
    "custom_tool_call",
    "custom_tool_call_output",
    "disabled",
    "enabled",
    "ephemeral",
    "explicit",
    "function",
    "function_call",
    "function_call_output",
    "grammar",
    "input_text",
    "integer",
    "json_object",
    "json_schema",
    "message",
    "namespace",
    "none",
    "null",
    "number",
    "object",
    "output_text",
    "reasoning",
    "reasoning.encrypted",
    "reasoning.summary",
    "reasoning.text",
    "reasoning_text",
    "redacted_thinking",
    "refusal",
    "string",
    "summary_text",
    "text",
    "thinking",
    "tool",
    "tool_reference",
    "tool_result",
    "tool_use",
    "allowed_tools",
    "between_tools",
};

/// Names under which media or what only the provider has may stand without a `type`.
constexpr std::array<std::string_view, 15> other_names = {
    "audio",       "audio_url",   "document_url", "file",      "file_data",
    "file_id",     "file_url",    "image",        "image_url", "images",
    "input_audio", "input_image", "video",        "video_url", "input_file"};

/// First letter and size of the words of a list: what is not even there is not on it.
template <std::size_t n>
class Glance {
 public:
  constexpr explicit Glance(const std::array<std::string_view, n>& words) {
    for (const std::string_view word : words) letters_[word.size()] |= letter(word[0]);
  }
  bool may_be(std::string_view word) const {
    return word.size() < letters_.size() && !word.empty() &&
           (letters_[word.size()] & letter(word[0])) != 0;
  }

 private:
  static constexpr std::uint32_t letter(char c) { return std::uint32_t{1} << (c & 31); }
  std::array<std::uint32_t, 32> letters_{};
};

constexpr Glance text_glance(text_types);
constexpr Glance other_glance(other_names);

bool is_plain(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c != '\\' && (c & 0x80) == 0; });
}

bool same_but_for_case(std::string_view word, std::string_view lower) {
  return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

bool is_text_type(std::string_view word) {
  return text_glance.may_be(word) &&
         std::find(text_types.begin(), text_types.end(), word) != text_types.end();
}

bool is_other_name(std::string_view word) {
  return other_glance.may_be(word) &&
         std::any_of(other_names.begin(), other_names.end(),
                     [word](std::string_view name) { return same_but_for_case(word, name); });
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// The end of the string whose inside starts here.
const char* end_of_string(const char* p, const char* end) {
  for (;;) {
    p = find_string_stop(p, end);
    if (p == end || *p == '"') return p;
    p = *p == '\\' && end - p >= 2 ? p + 2 : p + 1;
  }
}

}  // namespace

/// A name, or a value that is a string.
void Survey::take_string() {
  const char* const start = ++p_;
  p_ = end_of_string(p_, end_);
  const std::string_view inside(start, static_cast<std::size_t>(p_ - start));
  if (p_ != end_) ++p_;
  const char* after = p_;
  while (after != end_ && is_space(*after)) ++after;
  if (after != end_ && *after == ':') {
    p_ = after + 1;
    return take_name(inside);
  }
  if (type_is_next_ && !is_text_type(inside)) more_ = true;
  type_is_next_ = false;
}

void Survey::take_name(std::string_view name) {
  if (depth_ == 1) {
    while (p_ != end_ && is_space(*p_)) ++p_;
    name_ = name;
    value_ = p_;
    return;
  }
  type_is_next_ = false;
  if (name.size() == 4 && same_but_for_case(name, "type")) {
    const char* value = p_;
    while (value != end_ && is_space(*value)) ++value;
    type_is_next_ = value != end_ && *value == '"';
    more_ = more_ || name != "type";
  } else if (is_other_name(name)) {
    more_ = true;
  } else if (name.size() <= 6 * 16 && !is_plain(name)) {
    more_ = true;  // Could be one of them, spelled otherwise.
  }
}

void Survey::end_member(std::span<const std::string_view> names, std::span<Picked> picked,
                        std::span<bool> more) {
  if (value_ == nullptr) return;
  const char* last = p_;
  while (last != value_ && is_space(last[-1])) --last;
  note_member(name_, {value_, static_cast<std::size_t>(last - value_)}, names, picked);
  for (std::size_t i = 0; more_ && i < picked.size(); ++i) {
    more[i] = more[i] || picked[i].value.data() == value_;
  }
  value_ = nullptr;
  more_ = false;
}

void Survey::read(std::string_view body, std::span<const std::string_view> names,
                  std::span<Picked> picked, std::span<bool> more) {
  p_ = body.data();
  end_ = p_ + body.size();
  while (p_ != end_) {
    switch (*p_) {
      case '"':
        take_string();
        continue;
      case '{':
      case '[':
        ++depth_;
        type_is_next_ = false;
        break;
      case '}':
      case ']':
        if (--depth_ == 0) return end_member(names, picked, more);
        break;
      case ',':
        if (depth_ == 1) end_member(names, picked, more);
        break;
      default:
        break;
    }
    ++p_;
  }
}

}  // namespace routerone::dialect
