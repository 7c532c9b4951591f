#pragma once

#include <string>

#include "cli/secrets/key_source.h"

namespace routerone::cli {

/// Fetches a key from where `reference`, a form of --key-from, says. `what` names it where a person
/// is asked: `key of openai`.
Result<ResolvedKey> fetch_key(const std::string& reference, const std::string& what);

/// The same for --proxy-login-from: the login itself, a file's too.
Result<Secret> fetch_login(const std::string& reference, const std::string& provider);

/// Can it be fetched from there again? Not what was typed or piped in.
bool can_fetch_again(const std::string& reference);

}  // namespace routerone::cli
