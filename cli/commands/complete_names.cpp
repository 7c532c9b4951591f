#include "cli/commands/complete_names.h"

#include <fstream>

#include "cli/agents/setup.h"
#include "cli/commands/table.h"
#include "cli/commands/values.h"
#include "cli/commands/views.h"
#include "common/catalog/catalog.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "common/platform/environment.h"

namespace routerone::cli {
namespace {

using Kind = Value::Kind;
using Candidates = std::vector<Candidate>;

bool daemon_knows(Kind kind) {
  switch (kind) {
    case Kind::key:
    case Kind::project:
    case Kind::provider:
    case Kind::catalog_provider:
    case Kind::credential:
    case Kind::model:
    case Kind::alias:
    case Kind::candidates:
    case Kind::run:
    case Kind::session:
    case Kind::trace:
      return true;
    default:
      return false;
  }
}

/// Variables that could hold a provider's key, by their names alone.
Candidates secret_variables() {
  Candidates out;
  for (const auto& [name, value] : environment_of_process()) {
    const std::string small = lower(name);
    for (const char* sign : {"key", "token", "secret"})
      if (small.find(sign) != small.npos) {
        out.push_back({name, ""});
        break;
      }
  }
  return out;
}

/// As the zone database lists them: `DE<TAB>+5230+01322<TAB>Europe/Berlin<TAB>..`
Candidates time_zones() {
  Candidates out = {{"UTC", ""}};
  std::ifstream table("/usr/share/zoneinfo/zone1970.tab");
  for (std::string line; std::getline(table, line);) {
    const auto fields = split(line, '\t');
    if (!line.starts_with('#') && fields.size() > 2) out.push_back({std::string(fields[2]), ""});
  }
  return out;
}

}  // namespace

Candidates catalog_models(const std::string& prefix) {
  const auto catalog = catalog::Catalog::built_in();
  Candidates out;
  if (const auto at = prefix.rfind('@'); at != prefix.npos) {
    const catalog::Model* model = catalog.model(prefix.substr(0, at));
    if (!model) return out;
    for (const catalog::Offer& offer : model->offers)
      out.push_back({prefix.substr(0, at + 1) + std::string(offer.provider), ""});
    return out;
  }
  for (const catalog::Model& model : catalog.models())
    if (model.id.starts_with(prefix))
      out.push_back({std::string(model.id), std::string(model.name)});
  if (!out.empty() || prefix.empty() || prefix.find('/') != prefix.npos) return out;
  for (const catalog::Model& model : catalog.models()) {
    const std::string_view slug = model.id.substr(model.id.find('/') + 1);
    if (slug.starts_with(prefix) && catalog.by_slug(slug).size() == 1)
      out.push_back({std::string(slug), std::string(model.name)});
  }
  return out;
}

Candidates catalog_providers(const std::string& prefix) {
  const auto catalog = catalog::Catalog::built_in();
  Candidates out;
  for (const catalog::Provider& provider : catalog.providers())
    if (provider.id.starts_with(prefix))
      out.push_back({std::string(provider.id), std::string(provider.name)});
  return out;
}

Candidates KnownNames::ask(const char* kind, const std::string& prefix) {
  if (silent_) return {};
  constexpr int all = 10'000;  // a shell puts in what all have in common
  const auto answer = daemon_.names({kind, prefix, all});
  if (!answer) {
    silent_ = answer.error().kind != ErrorKind::invalid;
    return {};
  }
  Candidates out;
  for (const Json& one : part_of(*answer, "names"))
    out.push_back({text_of(one, "name"), text_of(one, "about")});
  return out;
}

Candidates KnownNames::operator()(Kind kind, const std::string& prefix) {
  Candidates out;
  if (daemon_knows(kind)) out = ask(value::word_of(kind), prefix);
  if (kind == Kind::model && silent_) out = catalog_models(prefix);
  if ((kind == Kind::provider || kind == Kind::catalog_provider) && silent_)
    out = catalog_providers(prefix);
  if (kind == Kind::project && silent_) out = {{"default", ""}};
  if (kind == Kind::candidates && silent_) out = {{"auto", ""}};
  if (kind == Kind::tool)
    for (std::string& tool : setup_tools()) out.push_back({std::move(tool), ""});
  if (kind == Kind::zone) out = time_zones();
  if (kind == Kind::reference) out = secret_variables();
  return out;
}

Completion complete(const std::vector<std::string>& words, const control::Client& daemon,
                    const Paths&) {
  KnownNames known(daemon);
  return complete(words, all_commands(),
                  [&known](Kind kind, const std::string& prefix) { return known(kind, prefix); });
}

}  // namespace routerone::cli
