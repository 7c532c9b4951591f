#include "daemon/control/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/ids.h"
#include "common/core/text.h"
#include "daemon/control/key_view.h"
#include "daemon/control/limits.h"
#include "daemon/control/scopes.h"
#include "daemon/control/words.h"

namespace routerone::control {
namespace {

using Keys = std::vector<KeyRecord>;

KeyRecord* find_run(Keys& keys, std::string_view id) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [id](const KeyRecord& key) { return key.run && key.id == id; });
  return found == keys.end() ? nullptr : &*found;
}

/// By the name users know it by: the latest of that name.
KeyRecord* find_named(Keys& keys, const std::string& name) {
  const auto found = std::find_if(keys.rbegin(), keys.rend(), [&](const KeyRecord& key) {
    return key.run && key.name == name;
  });
  return found == keys.rend() ? nullptr : &*found;
}

bool is_taken(const Keys& keys, const std::string& name) {
  return std::any_of(keys.begin(), keys.end(), [&](const KeyRecord& key) {
    return key.name == name && (key.run || !key.revoked);
  });
}

/// `claude-1` for the first run of `/usr/bin/claude` without a name of its own.
std::string make_name(const Keys& keys, const std::string& program) {
  constexpr std::size_t longest = 40;
  std::string base = program.substr(0, longest);
  for (char& c : base) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '.';
    if (!fits) c = '-';
  }
  if (!check_name("run", base)) base = "run";
  for (std::size_t n = 1;; ++n) {
    std::string name = fmt::format("{}-{}", base, n);
    if (!is_taken(keys, name)) return name;
  }
}

/// The oldest of those that have ended make room; never one that holds another.
void forget_oldest(Keys& keys) {
  const auto is_over = [](const KeyRecord& key) { return key.run && key.revoked; };
  auto over = std::count_if(keys.begin(), keys.end(), is_over);
  while (over-- > static_cast<std::ptrdiff_t>(Runs::most_ended)) {
    auto oldest = keys.end();
    for (auto at = keys.begin(); at != keys.end(); ++at) {
      const bool older = oldest == keys.end() || (is_over(*at) && *at->revoked <= *oldest->revoked);
      if (is_over(*at) && older) oldest = at;
    }
    keys.erase(oldest);
  }
}

std::string make_id(const KeyRecord* outer, const Keys& keys, Desk desk) {
  if (outer == nullptr) return make_uuid_v7(desk.services.clock.wall(), desk.services.random);
  for (;;) {
    std::array<std::uint8_t, 3> digits;
    desk.services.random.fill(digits);
    std::string id = outer->id + "." + to_hex(digits);
    if (std::none_of(keys.begin(), keys.end(), [&](const auto& key) { return key.id == id; }))
      return id;
  }
}

/// The run that the caller is in. Null: in none.
Result<const KeyRecord*> find_outer(Keys& keys, const RunWish& wish) {
  if (!wish.outer) return nullptr;
  const KeyRecord* outer = find_run(keys, *wish.outer);
  if (outer == nullptr || outer->revoked)
    return fail(ErrorKind::conflict, "the run that this one would be in has ended",
                "for a run of its own: env -u ROUTERONE_RUN routerone run -- CMD");
  const auto dots = std::count(outer->id.begin(), outer->id.end(), '.');
  if (static_cast<std::size_t>(dots) + 1 >= most_runs_deep)
    return fail(ErrorKind::invalid,
                fmt::format("runs stand in each other at most {} deep", most_runs_deep));
  return outer;
}

Status settle_project(KeyRecord& key, const KeyRecord* outer, const RunWish& wish,
                      const ControlData& data) {
  if (outer != nullptr) {
    if (wish.project && *wish.project != outer->project)
      return fail(ErrorKind::invalid,
                  fmt::format("a run inside another is in its project, \"{}\"", outer->project),
                  "leave --project out");
    key.project = outer->project;
  } else if (wish.project) {
    if (!find_project(data, *wish.project)) return no_such_project(data, *wish.project);
    key.project = *wish.project;
  }
  return {};
}

/// Whoever pays must have said that what has no price may be asked.
Status settle_unpriced(KeyRecord& key, const KeyRecord* outer, const RunWish& wish) {
  if (outer == nullptr) return {};
  if (wish.limits.unpriced.value_or(false) && !outer->limits.unpriced)
    return fail(
        ErrorKind::invalid,
        fmt::format("the run \"{}\" around this one allows no unpriced models", outer->name),
        fmt::format("routerone keys update {} --unpriced", outer->name));
  key.limits.unpriced = outer->limits.unpriced;
  return {};
}

Result<KeyRecord> new_run(const RunWish& wish, const KeyRecord* outer, const ControlData& data,
                          Desk desk) {
  KeyRecord key;
  if (wish.name) TRY_STATUS(check_name("run", *wish.name));
  if (wish.name && is_taken(data.keys, *wish.name))
    return fail(ErrorKind::conflict, fmt::format("there is a \"{}\" already", *wish.name),
                fmt::format("choose another name, or go on with it: --resume {}", *wish.name));
  key.name = wish.name ? *wish.name : make_name(data.keys, wish.program);
  key.id = make_id(outer, data.keys, desk);
  key.created = desk.services.clock.wall();
  TRY_STATUS(settle_project(key, outer, wish, data));
  TRY_STATUS(settle_unpriced(key, outer, wish));
  return key;
}

Result<KeyRecord> resumed_run(const RunWish& wish, const KeyRecord* outer, ControlData& data) {
  const std::string name = printable(*wish.resume, 64);
  if (wish.name || wish.project)
    return fail(ErrorKind::invalid, "a run that is resumed keeps its name and its project",
                "leave --name and --project out");
  const KeyRecord* found = find_named(data.keys, *wish.resume);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const KeyRecord& key : data.keys)
      if (key.run && key.revoked) names.push_back(key.name);
    return fail(ErrorKind::not_found, fmt::format("there is no run \"{}\" to go on with", name),
                suggestion(*wish.resume, names, "routerone keys list --all"));
  }
  if (!found->revoked)
    return fail(ErrorKind::conflict, fmt::format("the run \"{}\" is still under way", name),
                "routerone keys show " + name);
  if (live_key(data, *wish.resume))
    return fail(ErrorKind::conflict, fmt::format("there is a key \"{}\" by now", name),
                "routerone keys revoke " + name);
  if (outer_key(found->id) != (outer == nullptr ? std::string_view() : outer->id))
    return fail(ErrorKind::conflict,
                fmt::format("the run \"{}\" belongs {}", name,
                            outer_key(found->id).empty() ? "inside no other run"
                                                         : "inside another run than this"),
                "resume it where it was started");
  return *found;
}

}  // namespace

Runs::Runs(Desk desk) : desk_(desk) {
  const SteadyTime until = desk_.services.clock.steady() + grace;
  for (const KeyRecord& key : desk_.state.snapshot()->data.keys)
    if (key.run && !key.revoked) unattached_[key.id] = until;
}

Result<HeldServer::Granted> Runs::begin(const Json& body) {
  TRY(const auto wish, read<RunWish>(body));
  KeyRecord key;
  Secret secret;
  Strings warnings;
  TRY_STATUS(desk_.state.change([&](State::Draft& draft) -> Status {
    ControlData& data = draft.data;
    TRY(const KeyRecord* outer, find_outer(data.keys, wish));
    Result<KeyRecord> made =
        wish.resume ? resumed_run(wish, outer, data) : new_run(wish, outer, data, desk_);
    if (!made) return tl::unexpected(std::move(made).error());
    key = *std::move(made);
    TRY_STATUS(apply_limits(key.limits, wish.limits, data, desk_.services));
    TRY(warnings, check_prices(key.limits, data, desk_));
    key.revoked.reset();
    key.run = RunRecord{desk_.services.clock.wall()};
    secret = mint_key(key, desk_);
    std::erase_if(data.keys, [&](const KeyRecord& old) { return old.id == key.id; });
    data.keys.push_back(key);
    forget_oldest(data.keys);
    return {};
  }));
  const auth::Proofs::Armed proof = desk_.services.proofs.arm();
  Json answer = view_with_key(key, secret, desk_);
  answer["warnings"] = warnings;
  answer["listening"] = desk_.services.status().listening;
  answer["proof"] = Json::object({{"question", proof.question}, {"answer", proof.answer}});
  return HeldServer::Granted{std::move(answer), key.id};
}

Result<HeldServer::Granted> Runs::attach(const Json& body) {
  TRY(const std::string id, read_name(body));
  if (unattached_.erase(id) == 0)
    return fail(ErrorKind::conflict, "this run has ended, or another holds it");
  return HeldServer::Granted{Json::object(), id};
}

/// What could not be written is tried again: the key must not live on.
void Runs::ended(const std::string& id) {
  if (!end_run(id)) unattached_[id] = desk_.services.clock.steady();
}

bool Runs::look() {
  const SteadyTime now = desk_.services.clock.steady();
  std::erase_if(unattached_, [&](const auto& entry) {
    return entry.second <= now && end_run(entry.first).has_value();
  });
  return !unattached_.empty();
}

/// Nothing is written for one that has ended already.
Status Runs::end_run(const std::string& id) const {
  std::error_code ignored;  // a command line that was killed could not take it away
  std::filesystem::remove_all(desk_.services.paths.run_scratch(id), ignored);
  if (!live_key(desk_.state.snapshot()->data, id)) return {};
  return desk_.state.change([&](State::Draft& draft) -> Status {
    if (const KeyRecord* key = live_key(draft.data, id))
      end_key(draft.data, *key, desk_.services.clock.wall());
    return {};
  });
}

Result<Json> Runs::end(const Json& body) {
  TRY(const std::string id, read_name(body));
  TRY_STATUS(end_run(id));
  ControlData data = desk_.state.snapshot()->data;
  const KeyRecord* key = find_run(data.keys, id);
  if (key == nullptr) return fail(ErrorKind::not_found, "there is no such run");
  return receipt_of(*key, desk_);
}

void add_runs(Router& router, Runs& runs) {
  router.on(path::run_end, [&runs](const Json& body) { return runs.end(body); });
}

}  // namespace routerone::control
