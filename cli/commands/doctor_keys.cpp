// Checks: are there keys, and can they be used?
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/doctor_check.h"
#include "cli/commands/views.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

bool is_ordinary(const Json& key) { return text_of(key, "kind") != "run"; }
bool is_active(const Json& key) { return text_of(key, "state") == "active"; }

Verdict any_key(const Findings& found) {
  if (found.daemon.keys.is_null()) return unasked(found);
  const auto active = std::count_if(found.daemon.keys.begin(), found.daemon.keys.end(),
                                    [](const Json& key) { return is_active(key); });
  if (active > 0) return fine(fmt::format("{} active", active));
  return doubtful("there is none: no program can use routerone", "routerone keys create NAME");
}

Verdict expiry(const Findings& found) {
  if (found.daemon.keys.is_null()) return unasked(found);
  constexpr std::chrono::hours soon{3 * 24};
  std::vector<std::string> over, ending;
  for (const Json& key : found.daemon.keys) {
    if (!is_ordinary(key)) continue;
    const auto expires = parse_rfc3339(text_of(key, "expires"));
    if (text_of(key, "state") == "expired") over.push_back(text_of(key, "name"));
    if (is_active(key) && expires && *expires - found.now < soon)
      ending.push_back(text_of(key, "name"));
  }
  if (over.empty() && ending.empty()) return fine("none ends within 3 days");
  const auto& names = over.empty() ? ending : over;
  return doubtful(some_of(names) + (over.empty() ? " ends within 3 days" : " has expired"),
                  fmt::format("routerone keys update {} --expires 30d", names.front()));
}

/// The first key that may only use providers of which none is there and enabled.
Verdict reach(const Findings& found) {
  if (found.daemon.keys.is_null() || found.daemon.providers.is_null()) return unasked(found);
  std::vector<std::string> enabled = {"sandbox"};
  for (const Json& provider : found.daemon.providers)
    if (flag_of(provider, "enabled")) enabled.push_back(text_of(provider, "id"));
  for (const Json& key : found.daemon.keys) {
    const auto wanted = strings_of(key, "providers");
    const auto is_there = [&](const std::string& id) {
      return std::any_of(enabled.begin(), enabled.end(),
                         [&](const std::string& one) { return glob_match(id, one); });
    };
    if (!is_active(key) || wanted.empty() || std::any_of(wanted.begin(), wanted.end(), is_there))
      continue;
    return broken(fmt::format("{} may only use {}, and none of them is there and enabled",
                              text_of(key, "name"), some_of(wanted)),
                  fmt::format("routerone keys update {} --providers ID,..", text_of(key, "name")));
  }
  return fine("every key may use a provider there is");
}

Verdict setup_addresses(const Findings& found) {
  if (found.setups.empty()) return fine("no tool is set up");
  if (found.daemon.status.is_null()) return unasked(found);
  const auto listening = strings_of(found.daemon.status, "listening");
  for (const SetupFindings& setup : found.setups) {
    const std::string mend = "routerone setup " + setup.tool;
    if (!setup.trouble.empty()) return broken(setup.tool + ": " + setup.trouble, mend);
    const auto is_ours = [&](const std::string& address) {
      const std::string port = address.substr(address.rfind(':'));
      return std::any_of(listening.begin(), listening.end(),
                         [&](const std::string& one) { return one.ends_with(port); });
    };
    if (std::none_of(setup.addresses.begin(), setup.addresses.end(), is_ours))
      return broken(fmt::format("{} is set up for {}, the daemon listens on {}", setup.tool,
                                setup.addresses.empty() ? "no address of this machine"
                                                        : some_of(setup.addresses),
                                list_of(found.daemon.status, "listening")),
                    mend);
  }
  return fine(fmt::format("{} set up", found.setups.size()));
}

Verdict setup_keys(const Findings& found) {
  if (found.setups.empty()) return fine("no tool is set up");
  if (found.daemon.keys.is_null()) return unasked(found);
  for (const SetupFindings& setup : found.setups) {
    const bool good = std::any_of(
        found.daemon.keys.begin(), found.daemon.keys.end(),
        [&](const Json& key) { return text_of(key, "name") == setup.key && is_active(key); });
    if (!good && setup.trouble.empty())
      return broken(
          fmt::format("{} was given the key {}, which is not active", setup.tool, setup.key),
          "routerone setup " + setup.tool);
  }
  return fine(fmt::format("{} set up", found.setups.size()));
}

}  // namespace

std::vector<Check> key_checks() {
  return {
      {"any-key", "there is a key to use", any_key},
      {"key-expiry", "no key has expired or is about to", expiry},
      {"key-reach", "every key may use a provider there is", reach},
      {"setup-addresses", "tools that were set up ask here", setup_addresses},
      {"setup-keys", "tools that were set up have a good key", setup_keys},
  };
}

}  // namespace routerone::cli
