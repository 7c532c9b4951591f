#include "cli/agents/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Where the string that begins at `at` ends; the text's end if it does not.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return text.size();
}

/// Where the comment that begins at `at` ends; `at` if none begins there, or none ends.
std::size_t end_of_comment(std::string_view text, std::size_t at) {
  const std::string_view start = text.substr(at, 2);
  if (start != "//" && start != "/*") return at;
  const std::size_t end = text.find(start == "//" ? "\n" : "*/", at + 2);
  if (end == text.npos) return start == "//" ? text.size() : at;
  return start == "//" ? end : end + 2;
}

/// The same text as strict JSON: what is not JSON is white space, so every offset stays.
std::string strict(std::string_view text) {
  std::string plain(text);
  const auto blank = [&plain](std::size_t from, std::size_t to) {
    for (; from < to; ++from)
      if (!is_space(plain[from])) plain[from] = ' ';
  };
  if (text.starts_with(byte_order_mark)) blank(0, byte_order_mark.size());
  std::optional<std::size_t> comma;  // behind a value, and only white space has followed so far
  char before = '[';                 // the last that was neither white space nor comment
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t comment = end_of_comment(text, at);
    if (comment > at) {
      blank(at, comment);
      at = comment;
      continue;
    }
    if (is_space(plain[at])) {
      ++at;
      continue;
    }
    if ((c == '}' || c == ']') && comma) plain[*comma] = ' ';
    const bool behind_value = std::string_view("{[,:").find(before) == std::string_view::npos;
    comma = c == ',' && behind_value ? std::optional(at) : std::nullopt;
    before = c;
    at = c == '"' ? end_of_string(text, at) : at + 1;
  }
  return plain;
}

/// `line 3, column 7`, counted from one, in characters as editors do for ASCII.
std::string place_of(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, std::min(at, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n');
  return fmt::format("line {}, column {}", line,
                     before.size() - (start == before.npos ? 0 : start + 1) + 1);
}

bool too_deep(std::string_view plain) {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < plain.size();) {
    const char c = plain[at];
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (depth > max_json_depth) return true;
    at = c == '"' ? end_of_string(plain, at) : at + 1;
  }
  return false;
}

/// Of text that is known not to parse: where it first goes wrong.
std::size_t broken_at(std::string_view plain) {
  try {
    std::ignore = Json::parse(plain);
  } catch (const Json::parse_error& error) {
    if (error.byte > 0) return error.byte - 1;
  } catch (const Json::exception&) {
    return 0;  // a number too large: it has no place
  }
  return 0;
}

/// A member of an object in strict, valid JSON, or an element of an array: its name is its number.
struct Member {
  std::string name;
  std::size_t name_at, value_at, value_end;
};

class Scanner {
 public:
  explicit Scanner(std::string_view plain) : text_(plain) {}

  std::size_t skip(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }

  std::size_t end_of_value(std::size_t at) const {
    if (text_[at] == '"') return end_of_string(text_, at);
    if (text_[at] != '{' && text_[at] != '[') {
      while (at < text_.size() && !is_space(text_[at]) &&
             std::string_view(",]}").find(text_[at]) == std::string_view::npos)
        ++at;
      return at;
    }
    for (std::size_t depth = 0; at < text_.size();) {
      if (text_[at] == '{' || text_[at] == '[') ++depth;
      if ((text_[at] == '}' || text_[at] == ']') && --depth == 0) return at + 1;
      at = text_[at] == '"' ? end_of_string(text_, at) : at + 1;
    }
    return at;
  }

  /// Of the object or array that begins at `at`.
  std::vector<Member> members(std::size_t at) const {
    const bool named = text_[at] == '{';
    std::vector<Member> all;
    for (at = skip(at + 1); text_[at] != '}' && text_[at] != ']';) {
      Member member;
      member.name_at = member.value_at = at;
      member.name = std::to_string(all.size());
      if (named) {
        const std::size_t end = end_of_string(text_, at);
        member.name = Json::parse(text_.substr(at, end - at)).get<std::string>();
        member.value_at = skip(skip(end) + 1);
      }
      member.value_end = end_of_value(member.value_at);
      at = skip(member.value_end);
      if (text_[at] == ',') at = skip(at + 1);
      all.push_back(std::move(member));
    }
    return all;
  }

 private:
  std::string_view text_;
};

/// How the text is laid out, to write alike.
struct Style {
  std::string unit = "  ";
  std::string newline = "\n";
};

Style style_of(std::string_view text) {
  Style style;
  const std::size_t end = text.find('\n');
  if (end != text.npos && end > 0 && text[end - 1] == '\r') style.newline = "\r\n";
  for (std::size_t at = end; at != text.npos; at = text.find('\n', at + 1)) {
    const std::size_t word = text.find_first_not_of(" \t", at + 1);
    if (word == text.npos || word == at + 1 || is_space(text[word])) continue;
    style.unit = std::string(text.substr(at + 1, word - at - 1));
    break;
  }
  return style;
}

/// The white space that begins the line on which `at` stands.
std::string indent_at(std::string_view text, std::size_t at) {
  const std::size_t newline = text.rfind('\n', at);
  const std::size_t start = newline == text.npos ? 0 : newline + 1;
  const std::size_t word = text.find_first_not_of(" \t", start);
  return std::string(text.substr(start, std::min(word, at) - start));
}

std::string written(const Json& value, const Style& style, const std::string& indent) {
  const bool tabs = style.unit.front() == '\t';
  const std::string plain = value.dump(static_cast<int>(style.unit.size()), tabs ? '\t' : ' ');
  std::string text;
  for (const char c : plain) {
    if (c == '\n')
      text += style.newline + indent;
    else
      text += c;
  }
  return text;
}

/// `value` below what is left of the path.
Json nested(const Members& path, std::size_t from, const Json& value) {
  Json whole = value;
  for (std::size_t at = path.size(); at > from; --at) whole = Json{{path[at - 1], whole}};
  return whole;
}

class Editor {
 public:
  explicit Editor(std::string_view text)
      : text_(text), plain_(strict(text)), scan_(plain_), style_(style_of(text)) {}

  Result<std::string> set(const Members& path, const Json& value) const {
    std::size_t object = scan_.skip(0);
    for (std::size_t step = 0; step < path.size(); ++step) {
      const auto members = is_structure(object) ? scan_.members(object) : std::vector<Member>();
      if (!takes(object, path[step], members.size()))
        return fail(ErrorKind::invalid,
                    fmt::format("{}: {} is no object", place_of(text_, object),
                                step == 0 ? "the whole" : printable(path[step - 1])));
      // Readers take the last of several.
      const auto found = std::find_if(members.rbegin(), members.rend(),
                                      [&](const Member& one) { return one.name == path[step]; });
      if (found == members.rend())
        return add(object, members, path[step], nested(path, step + 1, value));
      if (step + 1 == path.size()) return replace(*found, value);
      object = found->value_at;
    }
    return std::string(text_);
  }

 private:
  bool is_structure(std::size_t at) const { return plain_[at] == '{' || plain_[at] == '['; }

  /// May a member of this name stand in it? In an array only a number up to the next.
  bool takes(std::size_t at, const std::string& name, std::size_t size) const {
    if (plain_[at] != '[') return plain_[at] == '{';
    const auto number = parse_uint(name);
    return number && *number <= size;
  }

  std::string replace(const Member& member, const Json& value) const {
    const auto old = plain_.substr(member.value_at, member.value_end - member.value_at);
    if (Json::parse(old) == value) return std::string(text_);
    std::string text(text_);
    return text.replace(member.value_at, old.size(),
                        written(value, style_, indent_at(text_, member.name_at)));
  }

  std::string add(std::size_t object, const std::vector<Member>& members, const std::string& name,
                  const Json& value) const {
    const std::size_t close = scan_.end_of_value(object) - 1;
    const auto line = [&](const std::string& indent) {
      const std::string text = written(value, style_, indent);
      return plain_[object] == '[' ? text : fmt::format("{}: {}", Json(name).dump(), text);
    };
    std::string text(text_);
    if (members.empty()) {
      const std::string outer = indent_at(text_, object);
      const std::string inner = outer + style_.unit;
      // What stands between the brackets can only be white space and comments.
      const std::size_t last = end_of_words(object + 1, close);
      return text.replace(last, close - last,
                          style_.newline + inner + line(inner) + style_.newline + outer);
    }
    const Member& last = members.back();
    const auto comma = comma_between(last.value_end, close);
    const std::size_t words = end_of_words(comma ? *comma + 1 : last.value_end, close);
    const bool one_line =
        text_.substr(last.value_end, close - last.value_end).find('\n') == std::string_view::npos;
    const std::string indent = indent_at(text_, last.name_at);
    text.insert(words, one_line ? " " + line(indent) : style_.newline + indent + line(indent));
    if (!comma) text.insert(last.value_end, ",");
    return text;
  }

  /// The end of the last word or comment between two places.
  std::size_t end_of_words(std::size_t from, std::size_t to) const {
    while (to > from && is_space(text_[to - 1])) --to;
    return to;
  }

  /// The comma behind the last value, outside comments, if there is one.
  std::optional<std::size_t> comma_between(std::size_t at, std::size_t to) const {
    while (at < to && text_[at] != ',') at = std::max(end_of_comment(text_, at), at + 1);
    return at < to ? std::optional(at) : std::nullopt;
  }

  std::string_view text_;
  std::string plain_;
  Scanner scan_;
  Style style_;
};

Status check(std::string_view text, std::string_view plain) {
  const auto parsed = parse_json(plain);
  if (parsed) return {};
  if (too_deep(plain)) return tl::unexpected(parsed.error());
  return fail(ErrorKind::invalid,
              fmt::format("not valid JSON at {}", place_of(text, broken_at(plain))));
}

bool is_blank(std::string_view plain) { return std::all_of(plain.begin(), plain.end(), is_space); }

}  // namespace

Result<Json> parse_settings(std::string_view text) {
  const std::string plain = strict(text);
  if (is_blank(plain)) return Json::object();
  TRY_STATUS(check(text, plain));
  return parse_json(plain);
}

Result<std::string> set_member(std::string_view text, const Members& path, const Json& value) {
  const std::string plain = strict(text);
  if (is_blank(plain)) return fmt::format("{}{}\n", text, nested(path, 0, value).dump(2));
  TRY_STATUS(check(text, plain));
  return Editor(text).set(path, value);
}

}  // namespace routerone::cli
