#pragma once

#include <string>
#include <string_view>

#include "common/catalog/catalog.h"
#include "daemon/exchange/limits.h"

namespace routerone::routing {

/// Where a provider stands to a data policy, from its catalog row and one of its offers.
struct DataStanding {
  bool local = false;  ///< On this machine or in a private network: every policy is kept.
  catalog::DataFacts facts;
  std::string_view hq;      ///< ISO 3166 country; empty: not known.
  std::string_view region;  ///< Where this offer runs, if it says; counts before `hq`.
};

/// Does what the catalog says fulfil what is required? What it does not say, it does not.
bool keeps(const DataPolicy& required, const DataStanding&);

/// A host that no packet leaves this machine or its private network for: loopback, RFC 1918,
/// link-local, fc00::/7, and the names localhost and *.localhost.
bool is_private_host(std::string_view host);

/// What is required, as a person reads it: `zero data retention, region eu`.
std::string in_words(const DataPolicy&);

}  // namespace routerone::routing
