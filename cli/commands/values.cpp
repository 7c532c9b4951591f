#include "cli/commands/values.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"

namespace routerone::cli::value {
namespace {

/// Above that a line of them helps nobody; `--help` has them all.
constexpr std::size_t most_listed = 10;

bool is_among(std::string_view word, std::string_view words) {
  const auto all = split(words, '|');
  return !word.empty() && std::find(all.begin(), all.end(), word) != all.end();
}

}  // namespace

Status check_choice(const Value& value, const std::string& called, const std::string& given,
                    const std::string& see) {
  const auto words = value.is_list() ? split(given, ',') : std::vector{std::string_view(given)};
  for (const std::string_view said : words) {
    const std::string_view word = value.is_list() ? trim(said) : said;
    const bool nothing = value.is_list() && word.empty();  // as in `a,,b`
    if (nothing || is_among(word, value.choices) || is_among(word, value.also)) continue;
    std::vector<std::string> known;
    for (const std::string_view choice : split(value.choices, '|')) known.emplace_back(choice);
    const auto near = nearest(word, known, 1);
    return fail(
        ErrorKind::invalid,
        fmt::format(
            "{} does not take \"{}\"{}", called, printable(word, 40),
            known.size() > most_listed ? "" : fmt::format(", only {}", fmt::join(known, ", "))),
        near.empty() ? see : fmt::format("did you mean {} {}?", called, near.front()));
  }
  return {};
}

const char* word_of(Value::Kind kind) {
  using Kind = Value::Kind;
  switch (kind) {
    case Kind::none:
      return "none";
    case Kind::text:
      return "text";
    case Kind::choice:
      return "choice";
    case Kind::number:
      return "number";
    case Kind::usd:
      return "usd";
    case Kind::percent:
      return "percent";
    case Kind::duration:
      return "duration";
    case Kind::time:
      return "time";
    case Kind::zone:
      return "zone";
    case Kind::address:
      return "address";
    case Kind::url:
      return "url";
    case Kind::reference:
      return "reference";
    case Kind::weights:
      return "weights";
    case Kind::file:
      return "file";
    case Kind::folder:
      return "folder";
    case Kind::program:
      return "program";
    case Kind::command:
      return "command";
    case Kind::tool:
      return "tool";
    case Kind::key:
      return "key";
    case Kind::project:
      return "project";
    case Kind::provider:
      return "provider";
    case Kind::catalog_provider:
      return "catalog_provider";
    case Kind::credential:
      return "credential";
    case Kind::model:
      return "model";
    case Kind::alias:
      return "alias";
    case Kind::candidates:
      return "candidates";
    case Kind::run:
      return "run";
    case Kind::session:
      return "session";
    case Kind::trace:
      return "trace";
    case Kind::scope:
      return "scope";
    case Kind::filter:
      return "filter";
  }
  return "text";
}

}  // namespace routerone::cli::value
