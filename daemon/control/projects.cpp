#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/money.h"
#include "common/core/text.h"
#include "daemon/control/budget_view.h"
#include "daemon/control/limits.h"
#include "daemon/control/route_calls.h"
#include "daemon/control/words.h"

namespace routerone::control {
namespace {

Json view(ProjectRecord project, const ControlData& data, Desk desk) {
  const std::string ledger = project_scope(project.name);
  Json out = Json::object();
  out["schema"] = schema_version;
  out["name"] = project.name;
  out["created"] =
      project.created == WallTime{} ? Json(nullptr) : Json(format_rfc3339(project.created));
  out["keys"] = keys_of(data, project.name);
  add_limits(out, project.limits);
  out["routing"] = route_settings_view(project, data);
  out["budget"] = budget_view({ledger, ledger, &project.limits.spend}, data, desk);
  out["spent_usd"] = out["budget"]["settled_usd"];
  return out;
}

Result<Json> view_of(Desk desk, const std::string& name) {
  const auto snapshot = desk.state.snapshot();
  const ProjectRecord* project = find_project(snapshot->data, name);
  if (!project) return no_such_project(snapshot->data, name);
  return view(*project, snapshot->data, desk);
}

/// Lays the wish over the project of a draft; what is worth a warning is kept.
Status apply(ProjectRecord& project, const ProjectWish& wish, const ControlData& data, Desk desk,
             Strings& warnings) {
  TRY_STATUS(apply_limits(project.limits, wish.limits, data, desk.services));
  TRY(warnings, check_prices(project.limits, data, desk));
  return {};
}

Result<Json> with_warnings(Result<Json> answer, const Strings& warnings) {
  if (answer) (*answer)["warnings"] = warnings;
  return answer;
}

Result<Json> create(Desk desk, const Json& body) {
  TRY(const auto wish, read<ProjectWish>(body));
  TRY_STATUS(check_name("project", wish.name));
  Strings warnings;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    if (find_project(draft.data, wish.name))
      return fail(ErrorKind::conflict, fmt::format("there is a project \"{}\" already", wish.name),
                  fmt::format("choose another name, or: routerone projects update {}", wish.name));
    ProjectRecord project;
    project.name = wish.name;
    project.created = desk.services.clock.wall();
    TRY_STATUS(apply(project, wish, draft.data, desk, warnings));
    draft.data.projects.push_back(std::move(project));
    return {};
  }));
  return with_warnings(view_of(desk, wish.name), warnings);
}

Result<Json> list(Desk desk, const Json&) {
  const auto snapshot = desk.state.snapshot();
  Json out = Json::array();
  for (const ProjectRecord& project : snapshot->data.projects)
    out.push_back(view(project, snapshot->data, desk));
  return out;
}

Result<Json> show(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  return view_of(desk, name);
}

Result<Json> update(Desk desk, const Json& body) {
  TRY(const auto wish, read<ProjectWish>(body));
  Strings warnings;
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    ProjectRecord* project = find_project(draft.data, wish.name);
    if (!project) return no_such_project(draft.data, wish.name);
    return apply(*project, wish, draft.data, desk, warnings);
  }));
  return with_warnings(view_of(desk, wish.name), warnings);
}

/// Only what nobody uses: a key without its project would have lost a limit.
Result<Json> remove(Desk desk, const Json& body) {
  TRY(const std::string name, read_name(body));
  TRY(const Json before, view_of(desk, name));
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    if (!find_project(draft.data, name)) return no_such_project(draft.data, name);
    if (name == default_project)
      return fail(ErrorKind::conflict, "the project \"default\" is always there",
                  "its limits can be taken away: routerone projects update default --help");
    const auto keys = keys_of(draft.data, name);
    if (!keys.empty())
      return fail(ErrorKind::conflict,
                  fmt::format("the project \"{}\" still has keys: {}", name, fmt::join(keys, ", ")),
                  fmt::format("routerone keys update {0} --project default, or: routerone keys "
                              "revoke {0}",
                              keys.front()));
    std::erase_if(draft.data.projects, [&](const ProjectRecord& one) { return one.name == name; });
    return {};
  }));
  return before;
}

}  // namespace

void add_projects(Router& router, Desk desk) {
  router.on(path::project_create, [desk](const Json& body) { return create(desk, body); });
  router.on(path::project_list, [desk](const Json& body) { return list(desk, body); });
  router.on(path::project_show, [desk](const Json& body) { return show(desk, body); });
  router.on(path::project_update, [desk](const Json& body) { return update(desk, body); });
  router.on(path::project_remove, [desk](const Json& body) { return remove(desk, body); });
}

}  // namespace routerone::control
