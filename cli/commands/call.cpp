#include <fmt/format.h>

#include "cli/commands/values.h"
#include "cli/terminal/prompt.h"
#include "common/core/text.h"

namespace routerone::cli {

std::string Command::name() const {
  return *noun == '\0' ? std::string(verb) : fmt::format("{} {}", noun, verb);
}

bool Command::is_under(const std::string& words) const {
  return words.empty() || (name() + " ").starts_with(words + " ");
}

const std::vector<Option>& common_options() {
  static const std::vector<Option> options = {
      {"json", "", "print JSON: one object, or an array of them"},
      {"quiet", "", "print only what was asked for"},
      {"color", value::color, "whether to colour"},
      {"yes", "", "do not ask before what cannot be undone"},
      {"help", "", "show this help"},
  };
  return options;
}

std::string Call::word(const std::string& name) const { return text(name).value_or(""); }

std::optional<std::string> Call::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second.back();
}

std::vector<std::string> Call::all(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::vector<std::string>() : found->second;
}

std::optional<std::vector<std::string>> Call::list(const std::string& name) const {
  if (!has(name)) return std::nullopt;
  std::vector<std::string> out;
  for (const std::string& value : all(name))
    for (const std::string_view part : split(value, ','))
      if (!trim(part).empty()) out.emplace_back(trim(part));
  return out;
}

Result<std::optional<int>> Call::number(const std::string& name, int least, int most) const {
  const auto given = text(name);
  if (!given) return std::optional<int>();
  const bool negative = given->starts_with('-');
  const auto digits = parse_uint(std::string_view(*given).substr(negative ? 1 : 0));
  if (digits && *digits <= 1'000'000'000) {
    const int value = static_cast<int>(*digits) * (negative ? -1 : 1);
    if (value >= least && value <= most) return std::optional<int>(value);
  }
  return fail(ErrorKind::invalid, fmt::format("--{} takes a whole number from {} to {}, not \"{}\"",
                                              name, least, most, printable(*given, 40)));
}

Status Call::confirm(const std::string& question) {
  if (has("yes")) return {};
  if (!can_ask())
    return fail(ErrorKind::invalid, "there is no terminal to ask at: " + question, "add --yes");
  if (cli::confirm(question)) return {};
  return fail(ErrorKind::conflict, "nothing was changed");
}

bool Call::printed_json(const Json& answer) {
  if (json()) out().json(answer);
  return json();
}

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 2;
    case ErrorKind::unauthorized:
      return 4;
    case ErrorKind::not_found:
      return 5;
    case ErrorKind::conflict:
      return 1;
    case ErrorKind::limit_reached:
      return 6;
    case ErrorKind::not_running:
      return 3;
    case ErrorKind::upstream_failed:
      return 7;
    case ErrorKind::unavailable:
      return 75;
    case ErrorKind::internal:
      return 1;
  }
  return 1;
}

}  // namespace routerone::cli
