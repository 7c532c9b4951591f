#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/limits.h"
#include "daemon/routing/name_table.h"

namespace routerone::routing {

/// What a caller may use: the limits of its key, of the runs around it and of the key's project,
/// each of which narrows.
class Allowance {
 public:
  /// Null: no such limits. All outlive this.
  Allowance(const Limits* key, const Limits* project, std::span<const Limits* const> outer);

  /// May this model be used at this provider?
  bool names(std::string_view model, std::string_view provider) const;
  /// Is what the way's provider says enough for the data policies?
  bool data(const Way&, const Endpoint&) const;
  /// Is it enough for this one? Asks nothing of the limits.
  static bool keeps_policy(const DataPolicy&, const Way&, const Endpoint&);
  /// The data policies of all, in words.
  std::string data_in_words() const;
  bool expired(WallTime now) const;

 private:
  std::vector<const Limits*> all_;  ///< None is null.
};

}  // namespace routerone::routing
