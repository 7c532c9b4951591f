#pragma once

#include <string>
#include <string_view>

#include "common/core/money.h"
#include "common/core/result.h"
#include "common/json/json.h"
#include "daemon/control/state.h"

namespace routerone::control {

/// The file of `config export` and `config apply`: what the user has set, to be put in force here
/// again or on another machine. The control data as control.json has it, but for what belongs to
/// one machine alone: runs and their keys, what was spent and when. With secrets it also holds the
/// keys' HMACs, the pepper they were made with and the providers' credentials.

/// Raised when an older program would misread a newer file.
inline constexpr int config_version = 1;

/// `settled`: what the wallet's ledger has here, so that a prepaid balance can go along.
Json write_config(const State::Draft&, Money settled, bool secrets);

struct ConfigFile {
  Json whole;  ///< As it was read.
  bool secrets = false;
};

/// Form and version only. invalid names the line, or the place in the document; conflict: a newer
/// version.
Result<ConfigFile> parse_config(std::string_view text);

/// What the file says in place of all there is. What it cannot know stays as it is here: runs, the
/// wallet's ledger and, in a file without secrets, the secrets. A key that has none gets one that
/// nobody knows. invalid with the place at fault, also for a field that means nothing.
Result<State::Draft> read_config(const ConfigFile&, const State::Draft& now, Money settled,
                                 Random&);

/// The names of all credentials that a provider of these may have; a proxy's login among them.
std::vector<std::string> credential_names(const std::vector<ProviderRecord>&);

}  // namespace routerone::control
