#include <fmt/format.h>

#include <algorithm>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/model_names.h"
#include "daemon/control/route_calls.h"
#include "daemon/control/words.h"
#include "daemon/exchange/routing_bounds.h"

namespace routerone::control {
namespace {

constexpr std::string_view asked_prefix = "auto:";

std::string asked_for(const std::string& name) {
  return name == "auto" ? name : fmt::format("{}{}", asked_prefix, name);
}

Result<Strings> read_models(const Strings& said, const ControlData& data, Desk desk) {
  if (said.size() > most_candidates)
    return fail(ErrorKind::invalid, fmt::format("a list has at most {} models", most_candidates));
  Strings models;
  for (const std::string& name : said) {
    if (name == "auto" || name.starts_with(asked_prefix))
      return fail(ErrorKind::invalid,
                  fmt::format("{} is a list itself, and cannot stand in one", printable(name)),
                  "name its models");
    TRY(std::string id, routed_model(name, data, desk));
    if (std::find(models.begin(), models.end(), id) != models.end())
      return fail(ErrorKind::invalid, fmt::format("{} stands in the list twice", id));
    models.push_back(std::move(id));
  }
  return models;
}

tl::unexpected<Error> no_such_list(const std::string& name, const ControlData& data) {
  Strings names;
  for (const CandidatesRecord& list : data.candidates) names.push_back(list.name);
  return fail(ErrorKind::not_found, fmt::format("there is no list \"{}\"", printable(name)),
              suggestion(name, names,
                         fmt::format("make it: routerone routes candidates {} MODEL,..", name)));
}

}  // namespace

Json candidates_view(const CandidatesRecord& list) {
  Json out = Json::object();
  out["name"] = list.name;
  out["asked_for"] = asked_for(list.name);
  out["models"] = list.models;
  return out;
}

Result<Json> set_candidates(Desk desk, const Json& body) {
  TRY(auto wish, read<CandidatesWish>(body));
  if (wish.name.starts_with(asked_prefix)) wish.name.erase(0, asked_prefix.size());
  TRY_STATUS(check_name("list", wish.name));
  CandidatesRecord after{wish.name, {}};
  TRY_STATUS(desk.state.change([&](State::Draft& draft) -> Status {
    auto& lists = draft.data.candidates;
    TRY(after.models, read_models(wish.models, draft.data, desk));
    const auto there = std::find_if(lists.begin(), lists.end(), [&](const CandidatesRecord& list) {
      return list.name == after.name;
    });
    if (after.models.empty()) {
      if (there == lists.end()) return no_such_list(after.name, draft.data);
      lists.erase(there);
    } else if (there == lists.end()) {
      lists.push_back(after);
    } else {
      *there = after;
    }
    return {};
  }));
  Json out = Json::object();
  out["schema"] = schema_version;
  out.update(candidates_view(after));
  return out;
}

}  // namespace routerone::control
