#include "cli/commands/config_text.h"

#include <fmt/format.h>

#include <array>

#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

constexpr std::array counted = {"keys",   "projects",  "providers",  "aliases",
                                "prices", "fallbacks", "candidates", "qualities"};

void add_setting(const std::string& name, const Json& value,
                 std::vector<std::pair<std::string, std::string>>& facts) {
  if (value.is_object()) {
    for (const auto& [part, inner] : value.items())
      add_setting(fmt::format("{}.{}", name, part), inner, facts);
    return;
  }
  facts.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> config_facts(const Json& control) {
  std::vector<std::pair<std::string, std::string>> facts;
  facts.reserve(counted.size());
  for (const char* section : counted)
    facts.emplace_back(section, std::to_string(part_of(control, section).size()));
  for (const auto& [name, value] : part_of(control, "settings").items())
    add_setting(name, value, facts);
  return facts;
}

std::vector<ChangeLine> change_lines(const Json& changes) {
  std::vector<ChangeLine> lines;
  for (const Json& change : changes) {
    const std::string how = text_of(change, "how"), what = text_of(change, "what");
    const std::string fields = list_of(change, "fields");
    if (how == "added")
      lines.push_back({"+ " + what, Color::green});
    else if (how == "removed")
      lines.push_back({"- " + what, Color::red});
    else
      lines.push_back(
          {fields.empty() ? "~ " + what : fmt::format("~ {}: {}", what, fields), Color::yellow});
  }
  return lines;
}

}  // namespace routerone::cli
