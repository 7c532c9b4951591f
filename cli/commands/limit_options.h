#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/commands/command.h"
#include "cli/terminal/table.h"

namespace routerone::cli {

// Limits are the same for keys and projects, and a spend limit is the same for budgets: said, read
// and shown here alone.

/// How a spend limit is: `--every`, `--rolling`, `--timezone`, `--warn`.
std::vector<Option> spend_options();
/// All of a key's or project's limits. `update`: with the options that take the flags back.
std::vector<Option> limit_options(bool update);

/// What was typed; judged by the daemon. invalid: a flag and its opposite.
Result<control::SpendWish> read_spend(const Call&);
Result<control::LimitsWish> read_limits(const Call&);

/// `$5.00 a day, in Europe/Berlin` of an answer's spend limit; in a pipe the amount.
Cell spend_limit_cell(const Json& limit);

using Facts = std::vector<std::pair<std::string, Cell>>;
/// Adds the limits of an answer: for a person those that are set, for a program all.
void add_limits(Facts&, const Json& scope, Call&);

/// Adds how a scope's budget stands: spent, held, left, and when it begins anew.
void add_budget(Facts&, const Json& budget, Call&);
/// `[####------] 42%`; in a pipe the number.
Cell used_cell(const Json& budget);

/// What the daemon found worth a warning.
void print_warnings(Call&, const Json& answer);

}  // namespace routerone::cli
