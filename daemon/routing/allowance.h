#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/core/clock.h"
#include "daemon/exchange/limits.h"
#include "daemon/routing/name_table.h"

namespace routerone::routing {

/// What a caller may use: the limits of its key and of the key's project, which both narrow.
class Allowance {
 public:
  /// Null: no such limits. Both outlive this.
  Allowance(const Limits* key, const Limits* project) : both_{key, project} {}

  /// May this model be used at this provider?
  bool names(std::string_view model, std::string_view provider) const;
  /// Is what the way's provider says enough for the data policies?
  bool data(const Way&, const Endpoint&) const;
  /// The data policies of both, in words.
  std::string data_in_words() const;
  bool expired(WallTime now) const;

 private:
  std::array<const Limits*, 2> both_;
};

}  // namespace routerone::routing
