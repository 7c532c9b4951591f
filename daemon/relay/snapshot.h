#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/auth/key_table.h"
#include "daemon/exchange/control_data.h"
#include "daemon/routing/model_table.h"

namespace routerone {

/// All that a request decides by, frozen. A request keeps the one it started with; a change makes a
/// new one and posts it to every loop. The only shared_ptr of the configuration.
struct Snapshot {
  Snapshot(ControlData control, const catalog::Catalog& catalog,
           const routing::Credentials& credentials, const std::vector<routing::BuiltIn>& built_in,
           const Secret& pepper)
      : data(std::move(control)),
        keys(data.keys, pepper),
        models(data, catalog, credentials, built_in) {}
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// Null: there is no such project.
  const ProjectRecord* project_of(std::string_view name) const {
    for (const ProjectRecord& record : data.projects) {
      if (record.name == name) return &record;
    }
    return nullptr;
  }
  const Limits* limits_of(std::string_view project) const {
    const ProjectRecord* const record = project_of(project);
    return record == nullptr ? nullptr : &record->limits;
  }

  /// Those of the runs around a key, innermost first. One that is gone bounds nothing: its keys
  /// went with it.
  std::vector<const Limits*> limits_around(const KeyRecord& key) const {
    std::vector<const Limits*> found;
    for (std::string_view id = outer_key(key.id); !id.empty(); id = outer_key(id)) {
      for (const KeyRecord& record : data.keys) {
        if (record.id == id) found.push_back(&record.limits);
      }
    }
    return found;
  }

  const ControlData data;
  const auth::KeyTable keys;
  const routing::ModelTable models;
};

}  // namespace routerone
