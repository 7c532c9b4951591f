#include "daemon/control/model_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/core/text.h"
#include "daemon/control/words.h"

namespace routerone::control {
namespace {

bool is_provider(const std::string& id, const ControlData& data, Desk desk) {
  const auto added = [&](const ProviderRecord& record) { return record.id == id; };
  const auto shipped = [&](const routing::BuiltIn& built_in) { return built_in.record.id == id; };
  return std::any_of(data.providers.begin(), data.providers.end(), added) ||
         std::any_of(desk.services.built_in.begin(), desk.services.built_in.end(), shipped);
}

/// Where the `@PROVIDER` of a pinned name begins; npos: it pins none.
std::size_t pin_at(const std::string& name, const ControlData& data, Desk desk) {
  const auto at = name.rfind('@');
  if (at == name.npos || desk.state.catalog().model(name)) return name.npos;
  for (const AliasRecord& alias : data.aliases)
    if (alias.name == name) return name.npos;
  return is_provider(name.substr(at + 1), data, desk) ? at : name.npos;
}

}  // namespace

std::string provider_of(const std::string& model, const ControlData& data, Desk desk) {
  const auto slash = model.find('/');
  if (slash == model.npos || slash + 1 == model.size()) return {};
  const std::string id = model.substr(0, slash);
  return is_provider(id, data, desk) ? id : std::string();
}

std::vector<std::string> known_names(const ControlData& data, Desk desk) {
  std::vector<std::string> names;
  for (const AliasRecord& alias : data.aliases) names.push_back(alias.name);
  for (const auto& built_in : desk.services.built_in)
    for (const std::string& model : built_in.models)
      names.push_back(built_in.record.id + "/" + model);
  for (const catalog::Model& model : desk.state.catalog().models()) names.emplace_back(model.id);
  return names;
}

Result<std::string> canonical_model(const std::string& name, const ControlData& data, Desk desk) {
  for (const AliasRecord& alias : data.aliases)
    if (alias.name == name) return alias.model.substr(0, pin_at(alias.model, data, desk));
  if (const catalog::Model* model = desk.state.catalog().model(name)) return std::string(model->id);
  if (const auto at = pin_at(name, data, desk); at != name.npos)
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" pins a provider; here a model is meant", printable(name)),
                fmt::format("leave off {}", printable(name.substr(at))));
  if (!provider_of(name, data, desk).empty()) return name;
  if (name == "auto" || name.starts_with("auto:"))
    return fail(
        ErrorKind::invalid,
        fmt::format("\"{}\" is a list to choose from; here a model is meant", printable(name)),
        fmt::format("routerone routes candidates {}", printable(name)));
  const auto same_slug = desk.state.catalog().by_slug(name);
  if (same_slug.size() == 1) return std::string(same_slug.front()->id);
  if (same_slug.size() > 1) {
    std::vector<std::string_view> ids;
    ids.reserve(same_slug.size());
    for (const catalog::Model* model : same_slug) ids.push_back(model->id);
    return fail(ErrorKind::invalid,
                fmt::format("several models are called \"{}\"", printable(name)),
                fmt::format("write one of: {}", fmt::join(ids, ", ")));
  }
  return fail(ErrorKind::not_found, fmt::format("there is no model \"{}\"", printable(name)),
              suggestion(name, known_names(data, desk), "routerone models list --search NAME"));
}

Result<std::string> routed_model(const std::string& name, const ControlData& data, Desk desk) {
  for (const AliasRecord& alias : data.aliases)
    if (alias.name == name) return alias.model;
  const auto at = pin_at(name, data, desk);
  if (at == name.npos) return canonical_model(name, data, desk);
  TRY(const std::string model, canonical_model(name.substr(0, at), data, desk));
  return model + name.substr(at);
}

}  // namespace routerone::control
