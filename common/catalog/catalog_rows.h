#pragma once

#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/catalog/catalog.h"

namespace routerone::catalog {

/// What one catalog file says, in views into its text. Not for including outside this folder.
struct Rows {
  std::list<Source> sources;  // offers point to them
  std::vector<Provider> providers;
  std::vector<Model> models;                           // sorted by id
  std::map<std::string_view, Price::PeakHours> peaks;  // by provider
  std::list<std::string> unescaped;                    // the few strings with escapes
  std::string_view generated;
};

/// `json` outlives the rows and is readable 64 bytes beyond its end. Strict on form, silent on what
/// it does not know: the format may grow.
Result<Rows> read_rows(std::string_view json);

}  // namespace routerone::catalog
