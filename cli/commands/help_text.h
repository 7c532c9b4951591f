#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/commands/command.h"

namespace routerone::cli {

// How help lays out its words: lines of at most 80 columns. Pure.

/// A line or more, ended; the first is indented by `indent`, the others by `hanging` (`indent` if
/// it is less).
std::string wrapped(std::string_view text, std::size_t indent, std::size_t hanging = 0);

using Rows = std::vector<std::pair<std::string, std::string>>;
/// How far to the right the second column of these rows begins. What is wider than a third of the
/// screen has a line for itself.
std::size_t left_width(const Rows&);
/// Two columns, the second wrapped within itself.
std::string in_columns(const Rows&, std::size_t left);
std::string in_columns(const Rows&);

/// Parted by an empty line.
std::vector<std::string> paragraphs(std::string_view text);

/// What a value stands for: `name of a key`; `one of a, b, c`. Empty where its name says it all.
std::string words_of(const Value&);

}  // namespace routerone::cli
