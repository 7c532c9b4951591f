#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace routerone::cli {

using Words = std::vector<std::string>;

/// An option as an agent spells it: `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`.
struct Spelling {
  std::string_view name;
  char letter = '\0';
};

/// What the user gave an option, each time it stands before a `--`. An option without a word behind
/// it counts as empty.
Words option_values(const Words& words, Spelling);
bool has_option(const Words& words, Spelling);

/// Puts `more` behind the program's name: before a subcommand, where global options belong.
void insert_options(Words& command, const Words& more);

/// The words without an option and its value.
Words without_option(const Words& words, Spelling);

/// `http://127.0.0.1:7411` and what is to follow.
std::string url_of(std::string_view address, std::string_view path = "");

}  // namespace routerone::cli
