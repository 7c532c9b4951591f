#include "daemon/control/scopes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/core/text.h"
#include "daemon/control/words.h"

namespace routerone::control {
namespace {

constexpr std::string_view key_prefix = "key:";
constexpr std::string_view project_prefix = "project:";

Scope wallet_of(ControlData& data) {
  return {wallet_scope, wallet_scope, &data.wallet.limits.spend};
}
Scope scope_of(ProjectRecord& project) {
  return {project_scope(project.name), project_scope(project.name), &project.limits.spend};
}
/// A name is only shown; what was spent belongs to the id.
Scope scope_of(KeyRecord& key) {
  return {fmt::format("{}{}", key_prefix, key.name), key_scope(key.id), &key.limits.spend};
}

}  // namespace

const KeyRecord* live_key(const ControlData& data, const std::string& name) {
  const auto found = std::find_if(data.keys.begin(), data.keys.end(), [&](const KeyRecord& key) {
    return !key.revoked && (key.name == name || key.id == name);
  });
  return found == data.keys.end() ? nullptr : &*found;
}

KeyRecord* live_key(ControlData& data, const std::string& name) {
  return const_cast<KeyRecord*>(live_key(std::as_const(data), name));
}

tl::unexpected<Error> no_such_key(const ControlData& data, const std::string& name) {
  std::vector<std::string> names;
  for (const KeyRecord& key : data.keys)
    if (!key.revoked) names.push_back(key.name);
  return fail(ErrorKind::not_found, fmt::format("there is no key \"{}\"", printable(name, 64)),
              suggestion(name, names, "routerone keys list"));
}

const ProjectRecord* find_project(const ControlData& data, const std::string& name) {
  const auto found =
      std::find_if(data.projects.begin(), data.projects.end(),
                   [&](const ProjectRecord& project) { return project.name == name; });
  return found == data.projects.end() ? nullptr : &*found;
}

ProjectRecord* find_project(ControlData& data, const std::string& name) {
  return const_cast<ProjectRecord*>(find_project(std::as_const(data), name));
}

tl::unexpected<Error> no_such_project(const ControlData& data, const std::string& name) {
  std::vector<std::string> names;
  for (const ProjectRecord& project : data.projects) names.push_back(project.name);
  return fail(
      ErrorKind::not_found, fmt::format("there is no project \"{}\"", printable(name, 64)),
      suggestion(name, names, fmt::format("routerone projects create {}", printable(name, 64))));
}

std::vector<std::string> keys_of(const ControlData& data, const std::string& project) {
  std::vector<std::string> names;
  for (const KeyRecord& key : data.keys)
    if (!key.revoked && key.project == project) names.push_back(key.name);
  return names;
}

Result<Scope> find_scope(ControlData& data, const std::string& scope) {
  if (scope == wallet_scope) return wallet_of(data);
  if (scope.starts_with(project_prefix)) {
    const std::string name = scope.substr(project_prefix.size());
    ProjectRecord* project = find_project(data, name);
    if (!project) return no_such_project(data, name);
    return scope_of(*project);
  }
  if (scope.starts_with(key_prefix)) {
    const std::string name = scope.substr(key_prefix.size());
    KeyRecord* key = live_key(data, name);
    if (!key) return no_such_key(data, name);
    return scope_of(*key);
  }
  return fail(ErrorKind::invalid,
              fmt::format("\"{}\" is not what a budget can belong to", printable(scope, 64)),
              "write wallet, project:NAME or key:NAME");
}

std::vector<Scope> all_scopes(ControlData& data) {
  std::vector<Scope> scopes = {wallet_of(data)};
  for (ProjectRecord& project : data.projects) scopes.push_back(scope_of(project));
  for (KeyRecord& key : data.keys)
    if (!key.revoked) scopes.push_back(scope_of(key));
  return scopes;
}

}  // namespace routerone::control
