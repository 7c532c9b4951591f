#include "cli/commands/help_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/help.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

constexpr std::size_t widest_left = 34;

std::string one_of(const Value& value) {
  std::string words = value.choices;
  std::size_t at = 0;
  while ((at = words.find('|')) != words.npos) words.replace(at, 1, ", ");
  return words;
}

/// `a key, or several with commas between`
std::string in_number(const Value& value, const char* one) {
  return value.is_list() ? fmt::format("{}; several: with commas", one) : one;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t hanging) {
  hanging = std::max(indent, hanging);
  std::string out, line(indent, ' ');
  bool empty = true;
  for (const std::string_view word : split(text, ' ')) {
    if (!empty && line.size() + 1 + word.size() > help_width) {
      out += line + "\n";
      line.assign(hanging, ' ');
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return out + line + "\n";
}

std::size_t left_width(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [left, right] : rows)
    if (left.size() <= widest_left) width = std::max(width, left.size());
  return width == 0 ? widest_left : width;
}

std::string in_columns(const Rows& rows, std::size_t left) {
  std::string out;
  for (const auto& [first, second] : rows) {
    std::string text = wrapped(second, left + 2);
    if (first.size() <= left)
      text.replace(0, first.size(), first);
    else
      text.insert(0, first + "\n");
    out += text;
  }
  return out;
}

std::string in_columns(const Rows& rows) { return in_columns(rows, left_width(rows)); }

std::vector<std::string> paragraphs(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find("\n\n");
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 2);
  }
  return out;
}

std::string words_of(const Value& value) {
  using Kind = Value::Kind;
  switch (value.kind) {
    case Kind::none:
    case Kind::text:
      return "";
    case Kind::choice:
      return in_number(value, ("one of " + one_of(value)).c_str());
    case Kind::number:
      return "a whole number";
    case Kind::usd:
      return "US dollars, like 2 or 0.50";
    case Kind::percent:
      return "like 80%";
    case Kind::duration:
      return "like 30s, 15m, 2h or 90d";
    case Kind::time:
      return "7d or 2h ago, a date, or an RFC 3339 time";
    case Kind::zone:
      return "a time zone, like Europe/Berlin";
    case Kind::address:
      return "like 127.0.0.1:7411 or [::1]:7411";
    case Kind::url:
      return "http:// or https:// and so on";
    case Kind::reference:
      return "env:VAR, file:PATH, cmd:'..', prompt, or - for stdin";
    case Kind::weights:
      return "latency=.5 cost=.3 quality=.2, or fast, cheap, best, balanced";
    case Kind::file:
      return "a file";
    case Kind::folder:
      return "a folder";
    case Kind::program:
      return "a program and its arguments";
    case Kind::command:
      return "the words of a command";
    case Kind::tool:
      return "a coding agent that setup knows";
    case Kind::key:
      return in_number(value, "the name of a key");
    case Kind::project:
      return in_number(value, "the name of a project");
    case Kind::provider:
      return in_number(value, "the id of a provider that was added");
    case Kind::catalog_provider:
      return in_number(value, "the id of a provider of the catalog, or a new one");
    case Kind::credential:
      return in_number(value, "the name of one of the provider's keys");
    case Kind::model:
      return in_number(value, "a model: an id, an alias, or PROVIDER/ITS_NAME");
    case Kind::alias:
      return in_number(value, "another name of a model");
    case Kind::candidates:
      return in_number(value, "the name of a list of models; auto is one");
    case Kind::run:
      return in_number(value, "the name of a run");
    case Kind::session:
      return in_number(value, "the session of an agent");
    case Kind::trace:
      return in_number(value, "the id of a trace, or its beginning");
    case Kind::scope:
      return "wallet, project:NAME or key:NAME";
    case Kind::filter:
      return "key=NAME model=GLOB provider=ID project=NAME session=ID status>=400 cost>0.01 "
             "latency>2s route=fallback since=2h until=..; all must hold";
  }
  return "";
}

}  // namespace routerone::cli
