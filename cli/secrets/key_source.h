#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/result.h"
#include "common/core/secret.h"

namespace routerone::cli {

/// Where a provider's key is to come from: the forms of `--key-from`. A secret is never an
/// argument.
struct KeySource {
  enum class Kind { environment, file, command, prompt, standard_input };
  Kind kind = Kind::prompt;
  std::string value;  ///< Variable, path or command line.
};

/// `env:VAR`, `file:PATH`, `cmd:'..'`, `prompt`, `-`. Something that looks like a key itself is
/// refused without being repeated. `option` is what errors call it.
Result<KeySource> parse_key_source(std::string_view text, std::string_view option = "--key-from");

/// Does this environment hold something under that name?
bool is_set(const std::string& variable);

/// The reference as the daemon keeps it: `env:VAR`, `file:/PATH`, `cmd:..`, or `stdin` for what was
/// typed or piped in and cannot be had again.
struct ResolvedKey {
  std::string reference;
  std::optional<Secret> key;  ///< nullopt for `file:`, which the daemon reads itself.
};

/// Fetches the key. `ask` reads one hidden line from a person. A command is started directly, with
/// our stdin and stderr, and its output taken; no shell sees it. Errors name the source, never what
/// came out of it.
Result<ResolvedKey> resolve_key(const KeySource&, const std::function<Result<Secret>()>& ask);

}  // namespace routerone::cli
