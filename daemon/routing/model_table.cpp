#include "daemon/routing/model_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/routing/allowance.h"
#include "daemon/routing/contenders.h"
#include "daemon/routing/course.h"
#include "daemon/routing/name_table.h"
#include "daemon/routing/no_target.h"
#include "daemon/routing/planner.h"

namespace routerone::routing {
struct ModelTable::Impl {
  Impl(const ControlData& data, const catalog::Catalog& catalog, const Credentials& credentials,
       const std::vector<BuiltIn>& built_in)
      : names(data, catalog, credentials, built_in), courses(names, data) {
    for (const QualityRecord& record : data.qualities) {
      qualities.emplace(record.model, record.quality);
    }
  }

  const NameTable names;
  const Courses courses;
  Qualities qualities;
};

ModelTable::ModelTable(const ControlData& data, const catalog::Catalog& catalog,
                       const Credentials& credentials, const std::vector<BuiltIn>& built_in)
    : impl_(new Impl(data, catalog, credentials, built_in)) {}

ModelTable::~ModelTable() = default;

tl::expected<Planned, Refusal> ModelTable::plan(const Wish& wish) const {
  const Allowance allowance(wish.key != nullptr ? &wish.key->limits : nullptr, wish.project,
                            wish.outer);
  if (wish.now && allowance.expired(*wish.now)) {
    return tl::unexpected(
        Refusal{RefusalKind::bad_key, "the key or its project has expired", {}, {}});
  }
  const auto course = impl_->courses.of(wish.model, wish.words, allowance);
  if (!course) return tl::unexpected(course.error());
  Field field = contenders_of(course->steps, course->chosen, wish, course->words, allowance);
  if (field.contenders.empty()) {
    return tl::unexpected(explain_no_target(course->steps, field.excluded, wish, allowance));
  }
  return plan_among(std::move(field), *course, wish, impl_->qualities);
}

bool ModelTable::is_choice(std::string_view model) const { return impl_->courses.is_choice(model); }

std::vector<ModelTable::Listed> ModelTable::list(const KeyRecord* key, const Limits* project,
                                                 std::span<const Limits* const> outer) const {
  const Allowance allowance(key != nullptr ? &key->limits : nullptr, project, outer);
  std::vector<Listed> listed;
  const auto add_providers = [&](const Resolved& resolved, std::vector<std::string>& providers) {
    for (const Way& way : resolved.ways()) {
      const std::string& provider = way.provider_id();
      const bool there = std::find(providers.begin(), providers.end(), provider) != providers.end();
      if (!there && allowance.names(resolved.model, provider)) providers.push_back(provider);
    }
  };
  const auto add = [&](const std::string& shown, const Resolved& resolved) {
    Listed one{shown, resolved.model, "", 0, {}};
    if (resolved.served != nullptr) {
      one.name = resolved.served->name;
      one.lab = resolved.served->lab;
      one.released = resolved.served->released;
    }
    add_providers(resolved, one.providers);
    if (!one.providers.empty()) listed.push_back(std::move(one));
  };
  const std::set<std::string> aliases(impl_->names.user_aliases().begin(),
                                      impl_->names.user_aliases().end());
  for (const auto& [id, served] : impl_->names.models()) {
    if (!aliases.contains(id)) add(id, {id, &served, {}, {}});
  }
  for (const std::string& alias : aliases) {
    if (const auto resolved = impl_->names.resolve(alias)) add(alias, *resolved);
  }
  for (const Courses::List& list : impl_->courses.lists()) {
    if (aliases.contains(list.name)) continue;
    Listed one{list.name, list.name, "routerone", 0, {}};
    for (const Resolved& model : list.models) add_providers(model, one.providers);
    if (!one.providers.empty()) listed.push_back(std::move(one));
  }
  std::sort(listed.begin(), listed.end(),
            [](const Listed& a, const Listed& b) { return a.id < b.id; });
  return listed;
}

}  // namespace routerone::routing
