#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "common/platform/environment.h"

namespace routerone::cli {

/// A provider of the catalog, and the variable of the environment that has its key.
struct FoundProvider {
  std::string id;
  std::string variable;
  std::vector<std::string> also;  ///< Others that take the same key: regions, plans.
  bool added = false;             ///< It is there already.
};

/// Those whose key stands in the environment, by what the daemon lists (`providers list --all`).
/// Not those that need more than a key, and no variable that holds a key of ours. Where several
/// take the same key it is the one with the shortest name, unless another is named.
std::vector<FoundProvider> find_providers(const Json& listed, const Environment&,
                                          const std::vector<std::string>& named);

/// Adds those that are wanted (named by --provider, --yes, or a person says so), tries each out and
/// takes away what does not work. One object each: `id`, `variable`, `state` (`works`, `there`,
/// `failed`, `left_out`), `message`. invalid: a named one has no key here.
Result<Json> add_found_providers(Call&);

}  // namespace routerone::cli
