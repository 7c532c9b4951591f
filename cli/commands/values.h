#pragma once

#include "cli/commands/command.h"

namespace routerone::cli::value {

/// Of a choice: is what was given, or each word of it, one of those there are? `called` is how the
/// error names it: `--every`. invalid: says what was given, what may be, and hints at the nearest,
/// else at `see`.
Status check_choice(const Value&, const std::string& called, const std::string& given,
                    const std::string& see);

/// As `--map` has it, and the daemon of the kinds whose names it knows.
const char* word_of(Value::Kind);

// The values that more than one command takes.

inline const Value count = {"N", Value::Kind::number};
inline const Value usd = {"USD", Value::Kind::usd};
inline const Value percent = {"PERCENT", Value::Kind::percent};
inline const Value duration = {"TIME", Value::Kind::duration};
inline const Value expiry = {"WHEN", Value::Kind::time};
inline const Value time = {"TIME", Value::Kind::time};
inline const Value zone = {"ZONE", Value::Kind::zone};
inline const Value url = {"URL", Value::Kind::url};
inline const Value weights = {"WEIGHTS", Value::Kind::weights};
inline const Value key_source = {"SOURCE", Value::Kind::reference};
inline const Value key = {"NAME", Value::Kind::key};
inline const Value project = {"NAME", Value::Kind::project};
inline const Value provider = {"ID", Value::Kind::provider};
inline const Value providers = {"ID,..", Value::Kind::provider};
inline const Value model = {"MODEL", Value::Kind::model};
inline const Value models = {"MODEL,..", Value::Kind::model};
inline const Value model_globs = {"GLOB,..", Value::Kind::model};
inline const Value dialect = {"ID", Value::Kind::choice,
                              "openai-chat|openai-responses|anthropic|gemini",
                              "anthropic-messages"};
inline const Value dialects = {"ID,..", Value::Kind::choice, dialect.choices, dialect.also};
inline const Value session = {"ID", Value::Kind::session};
inline const Value trace = {"ID", Value::Kind::trace};
inline const Value scope = {"SCOPE", Value::Kind::scope};
inline const Value filter = {"FILTER", Value::Kind::filter};
inline const Value file = {"FILE", Value::Kind::file};
inline const Value color = {"WHEN", Value::Kind::choice, "auto|always|never"};
inline const Value every = {"PERIOD", Value::Kind::choice, "hour|day|week|month|total"};
inline const Value format = {"FORMAT", Value::Kind::choice, "csv|json|jsonl"};

}  // namespace routerone::cli::value
