#include "daemon/admission/table.h"

#include <fmt/format.h>

#include "daemon/admission/words.h"

namespace routerone::admission {
namespace {

Zone zone_in(const std::map<std::string, Zone>& zones, const Limits& limits) {
  if (!limits.spend) return {};
  const auto found = zones.find(limits.spend->timezone);
  return found == zones.end() ? Zone() : found->second;
}

/// `key:ID` -> ID.
std::optional<std::string> name_in(const std::string& scope, const std::string& prefix) {
  if (!scope.starts_with(prefix)) return std::nullopt;
  return scope.substr(prefix.size());
}

}  // namespace

Admission::Impl::Impl(const Clock& c, std::function<void(const std::string&)> on)
    : clock(c),
      on_warning(std::move(on)),
      wall_at_start(c.wall()),
      continuous_at_start(c.continuous()) {}

Moment Admission::Impl::now() const {
  const auto passed =
      std::chrono::duration_cast<WallTime::duration>(clock.continuous() - continuous_at_start);
  return {wall_at_start + passed, clock.wall()};
}

void Admission::Impl::tell(const Warnings& warnings) const {
  if (!on_warning) return;
  for (const std::string& words : warnings) on_warning(words);
}

Scope& Admission::Impl::project_of(const std::string& name) {
  auto& scope = projects[name];
  if (!scope) {
    const std::string full = project_scope(name);
    scope = std::make_unique<Scope>(Level::project, full, full);
    scope->set_above(wallet);
  }
  return *scope;
}

Scope& Admission::Impl::key_of(const std::string& id) {
  auto& scope = keys[id];
  if (!scope) {
    const std::string full = key_scope(id);
    scope = std::make_unique<Scope>(Level::key, full, full);
  }
  return *scope;
}

/// With all that it counts in: the runs around it have its project.
Scope& Admission::Impl::key_in(const std::string& id, const std::string& project) {
  Scope& scope = key_of(id);
  const std::string outer(outer_key(id));
  scope.set_above(outer.empty() ? project_of(project) : key_in(outer, project));
  return scope;
}

Scope& Admission::Impl::lowest_of(const KeyRecord& key) {
  const auto found = keys.find(key.id);
  if (found != keys.end() && found->second->above() != nullptr) return *found->second;
  Scope& scope = key_in(key.id, key.project);
  scope.set_label(key_scope(key.name));
  const std::string zone = key.limits.spend ? key.limits.spend->timezone : std::string();
  scope.configure(key.limits, Zone::find(zone).value_or(Zone()), now());
  return scope;
}

Scope* Admission::Impl::find(const std::string& scope) {
  if (scope == wallet_scope) return &wallet;
  if (const auto id = name_in(scope, key_scope({}))) {
    const auto found = keys.find(*id);
    return found == keys.end() ? nullptr : found->second.get();
  }
  if (const auto name = name_in(scope, project_scope({}))) {
    const auto found = projects.find(*name);
    return found == projects.end() ? nullptr : found->second.get();
  }
  return nullptr;
}

Scope* Admission::Impl::find_or_add(const std::string& scope) {
  if (const auto id = name_in(scope, key_scope({}))) return &key_of(*id);
  if (const auto name = name_in(scope, project_scope({}))) return &project_of(*name);
  return find(scope);
}

/// Reading a zone's file is slow: before the lock, once a name.
Admission::Impl::Zones Admission::Impl::zones_of(const ControlData& data) const {
  Zones zones;
  const auto look_up = [&](const Limits& limits) {
    if (!limits.spend || zones.contains(limits.spend->timezone)) return;
    const std::string& name = limits.spend->timezone;
    const auto zone = Zone::find(name);
    zones[name] = zone.value_or(Zone());
    if (!zone)
      tell({fmt::format("time zone \"{}\" is not known here: its limits go by UTC", name)});
  };
  look_up(data.wallet.limits);
  for (const ProjectRecord& project : data.projects) look_up(project.limits);
  for (const KeyRecord& key : data.keys) {
    if (!key.revoked || key.run) look_up(key.limits);
  }
  return zones;
}

void Admission::Impl::configure(const ControlData& data) {
  const Zones zones = zones_of(data);
  const std::lock_guard lock(mutex);
  const Moment moment = now();
  configure_wallet(data.wallet, zones, moment);
  configure_projects(data, zones, moment);
  configure_keys(data, zones, moment);
}

/// A project keeps its history without its record: its ledger goes by the name, which may be given
/// again.
void Admission::Impl::configure_projects(const ControlData& data, const Zones& zones,
                                         Moment moment) {
  std::map<std::string, const Limits*> wanted;
  for (const ProjectRecord& project : data.projects) wanted[project.name] = &project.limits;
  for (const auto& [name, limits] : wanted) project_of(name);
  static const Limits none;
  for (auto& [name, scope] : projects) {
    const auto found = wanted.find(name);
    const Limits& limits = found == wanted.end() ? none : *found->second;
    scope->configure(limits, zone_in(zones, limits), moment);
  }
}

/// A revoked key never comes again: it goes with the last of its requests. A run that has ended may
/// be resumed, and goes on with what it has spent.
void Admission::Impl::configure_keys(const ControlData& data, const Zones& zones, Moment moment) {
  std::unordered_map<std::string, std::unique_ptr<Scope>> before;
  before.swap(keys);
  keys.reserve(data.keys.size());
  for (const KeyRecord& key : data.keys) {
    if (key.revoked && !key.run) continue;
    for (std::string_view id = key.id; !id.empty(); id = outer_key(id)) {
      if (auto found = before.extract(std::string(id))) keys.insert(std::move(found));
    }
    Scope& scope = key_in(key.id, key.project);
    scope.set_label(key_scope(key.name));
    scope.set_level(key.run ? Level::run : Level::key);
    scope.configure(key.limits, zone_in(zones, key.limits), moment);
  }
  for (auto& [id, scope] : before) {
    if (!scope->idle()) keys.emplace(id, std::move(scope));
  }
}

void Admission::Impl::configure_wallet(const WalletRecord& record, const Zones& zones,
                                       Moment moment) {
  Limits limits;
  limits.spend = record.limits.spend;
  wallet.configure(limits, zone_in(zones, limits), moment);
  if (record.topups.empty()) return wallet.set_prepaid(std::nullopt);
  Scope::Prepaid prepaid{{}, record.settled_before};
  for (const TopUp& topup : record.topups) prepaid.paid_in += topup.amount;
  wallet.set_prepaid(prepaid);
}

void Admission::Impl::restore(const std::vector<SpendMinute>& minutes,
                              const std::map<std::string, Money>& totals) {
  const std::lock_guard lock(mutex);
  const Moment moment = now();
  for (const SpendMinute& minute : minutes) {
    if (Scope* scope = find_or_add(minute.scope)) scope->restore(minute, moment);
  }
  for (const auto& [name, total] : totals) {
    if (Scope* scope = find_or_add(name)) scope->restore_total(total);
  }
  wallet.count_restored(moment);
  for (auto& [name, scope] : projects) scope->count_restored(moment);
  for (auto& [id, scope] : keys) scope->count_restored(moment);
}

void Admission::Impl::correct(const std::string& name, WallTime when, Money by) {
  const std::lock_guard lock(mutex);
  const Moment moment = now();
  Scope* scope = find(name);
  if (scope == nullptr) return;
  scope->advance(moment);
  scope->correct(minute_of(moment.at - std::max(moment.wall - when, WallTime::duration(0))), by);
}

}  // namespace routerone::admission
