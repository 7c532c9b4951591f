// Checks: can the providers be asked?
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/doctor_check.h"
#include "cli/commands/views.h"

namespace routerone::cli {
namespace {

const Json& all_of(const Findings& found) { return part_of(found.daemon.checkup, "providers"); }

bool is_added(const Json& provider) {
  return flag_of(provider, "added") && !flag_of(provider, "built_in");
}

Verdict any_provider(const Findings& found) {
  if (found.daemon.providers.is_null()) return unasked(found);
  std::vector<std::string> enabled;
  std::string disabled;
  for (const Json& provider : found.daemon.providers) {
    if (!is_added(provider)) continue;
    if (flag_of(provider, "enabled"))
      enabled.push_back(text_of(provider, "id"));
    else
      disabled = text_of(provider, "id");
  }
  if (!enabled.empty()) return fine(some_of(enabled));
  if (!disabled.empty())
    return broken("every provider is disabled", "routerone providers enable " + disabled);
  return doubtful("none is added: only sandbox/echo is served", "routerone init");
}

/// The credential's name, as `--key` takes it.
std::string key_option(const Json& credential) {
  const std::string name = text_of(credential, "name");
  return name.empty() ? "" : " --key " + name;
}

std::string credential_name(const Json& provider, const Json& credential) {
  const std::string name = text_of(credential, "name");
  return name.empty() ? text_of(provider, "id") : text_of(provider, "id") + "'s key " + name;
}

Verdict credentials(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  int count = 0;
  for (const Json& provider : all_of(found))
    for (const Json& credential : part_of(provider, "credentials")) {
      ++count;
      if (flag_of(credential, "in_use") && flag_of(credential, "stored")) continue;
      const std::string who = credential_name(provider, credential);
      const std::string mend = fmt::format("routerone providers update {}{} --key-from prompt",
                                           text_of(provider, "id"), key_option(credential));
      return broken(flag_of(credential, "in_use")
                        ? fmt::format("{} is not on the disk, and gone after a restart: {}", who,
                                      text_of(credential, "trouble"))
                        : fmt::format("{} has no key that could be read: {}", who,
                                      text_of(credential, "trouble")),
                    mend);
    }
  return fine(fmt::format("{} on the disk and in use", count));
}

/// Those that failed lately; why, as the trace says it.
Verdict refused_credentials(const Findings& found) {
  if (found.daemon.providers.is_null()) return unasked(found);
  for (const Json& provider : found.daemon.providers)
    if (text_of(part_of(provider, "health"), "why") == "credential_refused") {
      const std::string id = text_of(provider, "id");
      return broken(id + " refuses the key it is sent",
                    fmt::format("routerone providers update {} --key-from prompt", id));
    }
  return fine("none is refused");
}

Verdict health(const Findings& found) {
  if (found.daemon.providers.is_null()) return unasked(found);
  std::vector<std::string> ill;
  std::string first;
  for (const Json& provider : found.daemon.providers) {
    const Json& state = part_of(provider, "health");
    const std::string word = text_of(state, "state"), id = text_of(provider, "id");
    if (word.empty() || word == "ok") continue;
    if (first.empty()) first = id;
    ill.push_back(fmt::format("{} {} ({})", id, word, text_of(state, "why")));
  }
  if (ill.empty()) return fine("none failed lately");
  return doubtful(some_of(ill), "routerone providers test " + first);
}

/// The first place of a provider of which this is said.
std::string first_with(const Findings& found, const char* field) {
  for (const Json& provider : all_of(found))
    for (const Json& place : part_of(provider, "places"))
      if (flag_of(place, field)) return text_of(provider, "id");
  return "";
}

std::string update_of(const std::string& id) {
  return fmt::format("routerone providers update {} --base-url URL", id);
}

Verdict base_urls(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  for (const Json& provider : all_of(found))
    for (const Json& place : part_of(provider, "places"))
      if (const std::string slip = text_of(place, "slip"); !slip.empty())
        return broken(fmt::format("{}: {}", text_of(provider, "id"), slip),
                      update_of(text_of(provider, "id")));
  return fine("none looks wrong");
}

Verdict exposed_keys(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  const std::string id = first_with(found, "exposed");
  if (id.empty()) return fine("none goes over a network in the clear");
  return broken(id + "'s key travels unencrypted over a network", update_of(id));
}

Verdict loops(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  const std::string id = first_with(found, "ourselves");
  if (id.empty()) return fine("none is routerone itself");
  return broken(id + "'s base URL leads to routerone itself", update_of(id));
}

/// `file:` references: read when the provider was added, and never since.
Verdict references(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  for (const Json& provider : all_of(found))
    for (const Json& credential : part_of(provider, "credentials")) {
      const Json& source = part_of(credential, "source");
      const std::string trouble = text_of(source, "trouble"),
                        who = credential_name(provider, credential);
      const std::string mend = fmt::format("routerone providers update {}{} --refresh",
                                           text_of(provider, "id"), key_option(credential));
      if (source.is_null()) continue;
      if (!trouble.empty())
        return doubtful(
            fmt::format("{} came from {}: {}", who, text_of(credential, "key_from"), trouble),
            mend + ", once the file is right");
      if (!flag_of(source, "same"))
        return doubtful(
            fmt::format("{} holds another key than {} uses", text_of(credential, "key_from"), who),
            mend);
    }
  return fine("every file says what is in use");
}

Verdict orphans(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  std::vector<std::string> names;
  for (const Json& name : part_of(found.daemon.checkup, "orphans"))
    if (name.is_string()) names.push_back(name.get<std::string>());
  if (names.empty()) return fine("none");
  return doubtful(some_of(names) + ": keys of no provider there is",
                  "rm " + shell_word((found.paths.secrets_dir() / names.front()).string()));
}

Verdict dangling_names(const Findings& found) {
  if (found.daemon.checkup.is_null()) return unasked(found);
  const Json& all = part_of(found.daemon.checkup, "dangling");
  if (all.empty()) return fine("every alias, chain and list leads to models there are");
  const Json& first = all.front();
  const std::string what = text_of(first, "what"), name = text_of(first, "name");
  const std::string mend = what == "alias"      ? "routerone models alias {} MODEL"
                           : what == "fallback" ? "routerone routes fallback {} MODEL,.."
                                                : "routerone routes candidates {} MODEL,..";
  return doubtful(
      fmt::format("{} {} leads to {}, which nobody serves", what, name, text_of(first, "model")),
      fmt::format(fmt::runtime(mend), shell_word(name)));
}

}  // namespace

std::vector<Check> provider_checks() {
  return {
      {"any-provider", "there is a provider to ask", any_provider},
      {"provider-keys", "every provider has its key", credentials},
      {"provider-refusals", "no provider refuses its key", refused_credentials},
      {"provider-health", "no provider is left alone", health},
      {"base-urls", "base URLs look right", base_urls},
      {"exposed-keys", "no key travels in the clear", exposed_keys},
      {"loops", "no provider is routerone itself", loops},
      {"references", "files that keys came from say the same still", references},
      {"orphans", "no key of a removed provider is left", orphans},
      {"dangling-names", "names of your own lead somewhere", dangling_names},
  };
}

}  // namespace routerone::cli
