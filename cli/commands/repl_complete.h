#pragma once

#include <string_view>
#include <vector>

#include "cli/commands/complete.h"
#include "cli/terminal/line_editor.h"

namespace routerone::cli {

/// What a Tab in the REPL comes to: `line` is what stands before the cursor, `own` are the REPL's
/// own words. What is inserted is quoted as the line needs it.
LineEditor::Completion complete_repl_line(std::string_view line, const std::vector<Candidate>& own,
                                          const control::Client&, const Paths&);

}  // namespace routerone::cli
