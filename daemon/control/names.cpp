#include <algorithm>
#include <map>
#include <set>

#include "common/control/contract.h"
#include "common/control/wishes.h"
#include "common/core/text.h"
#include "daemon/control/nouns.h"
#include "daemon/control/scopes.h"

namespace routerone::control {
namespace {

/// All of a catalog: if some were left out, what the rest have in common would be put in.
constexpr int most_names = 10'000;
/// How far back sessions and traces are looked for: what a person means is recent, and completion
/// may not take long.
constexpr std::size_t recent_rows = 200;
/// From here on a trace's prefix is worth a search among all of them.
constexpr std::size_t telling_prefix = 6;

struct Name {
  std::string name, about;
};
using Names = std::vector<Name>;

/// What one lister works with.
struct Search {
  const ControlData& data;
  const Snapshot& snapshot;
  Desk desk;
  const std::string& prefix;
};

Names keys(const Search& search) {
  Names out;
  for (const KeyRecord& key : search.data.keys)
    if (!key.revoked && !key.run) out.push_back({key.name, "project " + key.project});
  return out;
}

/// Those under way first; ended ones can be resumed.
Names runs(const Search& search) {
  Names out, ended;
  for (const KeyRecord& key : search.data.keys)
    if (key.run)
      (key.revoked ? ended : out)
          .push_back(
              {key.name, (key.revoked ? "ended, project " : "runs, project ") + key.project});
  std::reverse(ended.begin(), ended.end());  // the latest first
  out.insert(out.end(), ended.begin(), ended.end());
  return out;
}

Names projects(const Search& search) {
  Names out;
  std::map<std::string, int> keys;
  for (const KeyRecord& key : search.data.keys) keys[key.project] += key.revoked ? 0 : 1;
  const auto add = [&](const std::string& name) {
    out.push_back({name, std::to_string(keys[name]) + (keys[name] == 1 ? " key" : " keys")});
  };
  if (!find_project(search.data, default_project)) add(default_project);
  for (const ProjectRecord& project : search.data.projects) add(project.name);
  return out;
}

Names providers(const Search& search) {
  Names out;
  for (const ProviderRecord& provider : search.data.providers) {
    const catalog::Provider* known = search.desk.state.catalog().provider(provider.id);
    out.push_back({provider.id, !provider.enabled ? "disabled"
                                : known           ? std::string(known->name)
                                                  : provider.endpoints.front().base_url});
  }
  for (const auto& built_in : search.desk.services.built_in)
    out.push_back({built_in.record.id, "built in"});
  return out;
}

Names catalog_providers(const Search& search) {
  Names out;
  for (const catalog::Provider& provider : search.desk.state.catalog().providers())
    out.push_back({std::string(provider.id), std::string(provider.name)});
  return out;
}

Names credentials(const Search& search) {
  Names out;
  for (const ProviderRecord& provider : search.data.providers)
    for (const CredentialRecord& credential : provider.more_keys)
      out.push_back({provider.id + "/" + credential.name, ""});
  return out;
}

/// `MODEL@`: whoever of those that were added could serve it.
Names pins(const Search& search, std::size_t at) {
  const std::string model = search.prefix.substr(0, at);
  Names out;
  for (const auto& listed : search.snapshot.models.list(nullptr))
    if (listed.id == model)
      for (const std::string& provider : listed.providers)
        out.push_back({model + "@" + provider, ""});
  return out;
}

bool begins(std::string_view name, const std::string& prefix) { return name.starts_with(prefix); }

/// Models by what follows the slash, where only one is called so.
Names by_slug(const Search& search) {
  Names out;
  for (const catalog::Model& model : search.desk.state.catalog().models()) {
    const std::string_view slug = model.id.substr(model.id.find('/') + 1);
    if (begins(slug, search.prefix) && search.desk.state.catalog().by_slug(slug).size() == 1)
      out.push_back({std::string(slug), std::string(model.name)});
  }
  return out;
}

/// Those that can be asked for now; where none of them begins so, the catalog's.
Names models(const Search& search) {
  if (const auto at = search.prefix.rfind('@'); at != search.prefix.npos) return pins(search, at);
  Names out;
  for (const auto& listed : search.snapshot.models.list(nullptr))
    if (begins(listed.id, search.prefix)) out.push_back({listed.id, listed.name});
  if (!out.empty()) return out;
  for (const catalog::Model& model : search.desk.state.catalog().models())
    if (begins(model.id, search.prefix))
      out.push_back({std::string(model.id), std::string(model.name)});
  const bool bare = !search.prefix.empty() && search.prefix.find('/') == search.prefix.npos;
  return out.empty() && bare ? by_slug(search) : out;
}

Names aliases(const Search& search) {
  Names out;
  for (const AliasRecord& alias : search.data.aliases) out.push_back({alias.name, alias.model});
  return out;
}

Names candidate_lists(const Search& search) {
  Names out;
  for (const CandidatesRecord& list : search.data.candidates)
    out.push_back({list.name, std::to_string(list.models.size()) + " models"});
  if (std::none_of(out.begin(), out.end(), [](const Name& one) { return one.name == "auto"; }))
    out.push_back({"auto", "not set"});
  return out;
}

std::vector<store::StoredTrace> recent(const Search& search) {
  store::Query query;
  query.limit = recent_rows;
  return search.desk.services.traces.query(query).value_or(std::vector<store::StoredTrace>());
}

std::string when(WallTime time) { return format_rfc3339(time).substr(0, 19) + "Z"; }

Names sessions(const Search& search) {
  Names out;
  std::set<std::string> seen;
  for (const auto& trace : recent(search))
    if (!trace.row.session.empty() && seen.insert(trace.row.session).second)
      out.push_back({trace.row.session, trace.row.client + ", " + when(trace.row.time)});
  return out;
}

Names traces(const Search& search) {
  Names out;
  for (const auto& trace : recent(search)) {
    if (!begins(trace.row.id, search.prefix)) continue;
    out.push_back({trace.row.id, when(trace.row.time) + " " + trace.row.requested_model + " " +
                                     std::to_string(trace.row.status)});
  }
  if (!out.empty() || search.prefix.size() < telling_prefix) return out;
  if (const auto found = search.desk.services.traces.find(search.prefix); found && *found)
    out.push_back({(*found)->row.id, when((*found)->row.time)});
  return out;
}

Names (*lister_of(const std::string& kind))(const Search&) {
  static const std::map<std::string, Names (*)(const Search&)> listers = {
      {"key", keys},
      {"project", projects},
      {"provider", providers},
      {"catalog_provider", catalog_providers},
      {"credential", credentials},
      {"model", models},
      {"alias", aliases},
      {"candidates", candidate_lists},
      {"run", runs},
      {"session", sessions},
      {"trace", traces}};
  const auto found = listers.find(kind);
  return found == listers.end() ? nullptr : found->second;
}

/// The newest first is the order people look for these in.
bool is_by_time(const std::string& kind) {
  return kind == "run" || kind == "session" || kind == "trace";
}

Result<Json> list(Desk desk, const Json& body) {
  TRY(const auto wish, read<NamesWish>(body));
  auto* const lister = lister_of(wish.kind);
  if (!lister)
    return fail(ErrorKind::invalid, "there are no names of \"" + printable(wish.kind, 40) + "\"");
  const auto snapshot = desk.state.snapshot();
  Json out = Json::object();
  out["schema"] = schema_version;
  Json& names = out["names"] = Json::array();
  const auto most = static_cast<std::size_t>(std::clamp(wish.limit, 1, most_names));
  Names found = lister({snapshot->data, *snapshot, desk, wish.prefix});
  if (!is_by_time(wish.kind))
    std::sort(found.begin(), found.end(),
              [](const Name& a, const Name& b) { return a.name < b.name; });
  for (const Name& one : found) {
    if (names.size() == most) break;
    // A bare slug does begin so, with its lab left out; all others are held to it here.
    if (begins(one.name, wish.prefix))
      names.push_back({{"name", one.name}, {"about", printable(one.about, 100)}});
  }
  return out;
}

}  // namespace

void add_names(Router& router, Desk desk) {
  router.on(path::names, [desk](const Json& body) { return list(desk, body); });
}

}  // namespace routerone::control
