#include "cli/commands/init_providers.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/provider_secret.h"
#include "cli/commands/views.h"
#include "cli/terminal/prompt.h"
#include "common/core/text.h"

namespace routerone::cli {
namespace {

using Strings = std::vector<std::string>;

constexpr std::string_view our_keys = "sk-rk-";

bool has(const Strings& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// The first of its variables that has a key of another's in it; empty if none has.
std::string variable_set(const Json& provider, const Environment& environment) {
  for (const std::string& variable : strings_of(provider, "env")) {
    const auto found = environment.find(variable);
    if (found == environment.end() || trim(found->second).empty()) continue;
    if (!found->second.starts_with(our_keys)) return variable;
  }
  return {};
}

/// Can it be added with nothing but a key?
bool needs_only_a_key(const Json& provider) {
  return text_of(provider, "auth") != "none" && text_of(provider, "unsupported").empty() &&
         strings_of(provider, "variables").empty();
}

Json outcome(const FoundProvider& found, const char* state, const std::string& message = "") {
  return {{"id", found.id},
          {"variable", found.variable},
          {"state", state},
          {"message", message.empty() ? Json(nullptr) : Json(message)}};
}

/// Why the trial failed; empty if it did not.
std::string failure_of(const Result<Json>& trial) {
  if (!trial) return trial.error().message;
  if (flag_of(*trial, "ok")) return {};
  for (const Json& check : part_of(*trial, "checks"))
    if (!flag_of(check, "ok")) return text_of(check, "message");
  return "it does not work";
}

/// What does not work is not left behind: a request would be sent there first and fail.
Json add_one(Call& call, const FoundProvider& found) {
  control::ProviderWish wish;
  wish.id = found.id;
  auto key = fetch_key("env:" + found.variable, "key of " + found.id);
  if (!key) return outcome(found, "failed", key.error().message);
  wish.key_from = std::move(key->reference);
  wish.key = std::move(key->key);
  const auto added = call.daemon().add_provider(wish);
  if (!added) return outcome(found, "failed", added.error().message);
  call.out().note(fmt::format("trying out {} with the key in ${} ..", found.id, found.variable));
  const std::string failure = failure_of(call.daemon().test_provider({found.id, ""}));
  if (failure.empty()) return outcome(found, "works");
  (void)call.daemon().remove_provider(found.id);
  return outcome(found, "failed", failure);
}

bool is_wanted(Call& call, const FoundProvider& found, const Strings& named) {
  if (call.has("provider")) return has(named, found.id);
  if (call.has("yes")) return true;
  return !call.json() && can_ask() &&
         confirm(fmt::format("Use the key in ${} for {}?", found.variable, found.id));
}

void tell(Call& call, const FoundProvider& found, const Json& came) {
  const std::string state = text_of(came, "state"), message = text_of(came, "message");
  Output& out = call.out();
  if (state == "works") out.note(fmt::format("{} works", found.id));
  if (state == "there") out.note(fmt::format("{} was added before", found.id));
  if (state == "failed")
    out.note(
        fmt::format("{} does not work and was not added: {}; to look into it: routerone "
                    "providers add {}",
                    found.id, message, found.id));
  if (state == "left_out")
    out.note(fmt::format("${} has a key for {}; to use it: routerone init --provider {}",
                         found.variable, found.id, found.id));
  if (state != "left_out" && !found.also.empty())
    out.note(fmt::format("the same key may be for {}; routerone providers add ID",
                         fmt::join(found.also, ", ")));
}

Status check_named(const Strings& named, const std::vector<FoundProvider>& found) {
  for (const std::string& id : named) {
    if (std::any_of(found.begin(), found.end(), [&](const auto& one) { return one.id == id; }))
      continue;
    return fail(ErrorKind::invalid,
                fmt::format("no key of {} is in the environment", printable(id, 40)),
                fmt::format("routerone providers add {}", printable(id, 40)));
  }
  return {};
}

}  // namespace

std::vector<FoundProvider> find_providers(const Json& listed, const Environment& environment,
                                          const Strings& named) {
  std::vector<FoundProvider> found;
  for (const Json& provider : listed) {
    const std::string id = text_of(provider, "id");
    const bool added = flag_of(provider, "added");
    if (flag_of(provider, "built_in")) continue;
    const std::string reference = added ? text_of(provider, "key_from") : "";
    const std::string variable = added ? reference.substr(reference.starts_with("env:") ? 4 : 0)
                                       : variable_set(provider, environment);
    if (added) {
      found.push_back({id, variable, {}, true});
      continue;
    }
    if (variable.empty() || !needs_only_a_key(provider)) continue;
    const auto same = std::find_if(found.begin(), found.end(), [&](const FoundProvider& other) {
      return !other.added && other.variable == variable;
    });
    if (same == found.end()) {
      found.push_back({id, variable, {}, false});
    } else if (has(named, id) || (!has(named, same->id) && id.size() < same->id.size())) {
      same->also.push_back(std::exchange(same->id, id));
    } else {
      same->also.push_back(id);
    }
  }
  return found;
}

Result<Json> add_found_providers(Call& call) {
  const Strings named = call.list("provider").value_or(Strings());
  TRY(const Json listed, call.daemon().list_providers(true));
  const auto found = find_providers(listed, environment_of_process(), named);
  TRY_STATUS(check_named(named, found));
  Json all = Json::array();
  for (const FoundProvider& one : found) {
    Json came = one.added                     ? outcome(one, "there")
                : is_wanted(call, one, named) ? add_one(call, one)
                                              : outcome(one, "left_out");
    tell(call, one, came);
    all.push_back(std::move(came));
  }
  if (found.empty())
    call.out().note(
        "no key of a provider is in the environment; the built-in sandbox answers without one. To "
        "add a provider: routerone providers add ID");
  return all;
}

}  // namespace routerone::cli
