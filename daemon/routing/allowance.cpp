#include "daemon/routing/allowance.h"

#include <algorithm>

#include "common/core/text.h"

namespace routerone::routing {
namespace {

bool matches(const std::vector<std::string>& globs, std::string_view text) {
  return globs.empty() || std::any_of(globs.begin(), globs.end(),
                                      [text](const auto& glob) { return glob_match(glob, text); });
}

}  // namespace

Allowance::Allowance(const Limits* key, const Limits* project,
                     std::span<const Limits* const> outer) {
  all_.reserve(outer.size() + 2);
  if (key != nullptr) all_.push_back(key);
  if (project != nullptr) all_.push_back(project);
  all_.insert(all_.end(), outer.begin(), outer.end());
}

bool Allowance::names(std::string_view model, std::string_view provider) const {
  return std::all_of(all_.begin(), all_.end(), [&](const Limits* limits) {
    return matches(limits->models, model) && matches(limits->providers, provider);
  });
}

bool Allowance::keeps_policy(const DataPolicy& policy, const Way& way, const Endpoint& endpoint) {
  DataStanding standing = way.data;
  standing.local = standing.local || is_private_host(endpoint.host);
  return keeps(policy, standing);
}

bool Allowance::data(const Way& way, const Endpoint& endpoint) const {
  return std::all_of(all_.begin(), all_.end(), [&](const Limits* limits) {
    return !limits->policy.any() || keeps_policy(limits->policy, way, endpoint);
  });
}

std::string Allowance::data_in_words() const {
  DataPolicy sum;
  for (const Limits* limits : all_) {
    sum.zero_retention = sum.zero_retention || limits->policy.zero_retention;
    sum.no_training = sum.no_training || limits->policy.no_training;
    const std::string& region = limits->policy.region;
    if (!region.empty() && region != sum.region) {
      sum.region += (sum.region.empty() ? "" : " and ") + region;
    }
  }
  return in_words(sum);
}

bool Allowance::expired(WallTime now) const {
  return std::any_of(all_.begin(), all_.end(), [now](const Limits* limits) {
    return limits->expires && *limits->expires <= now;
  });
}

}  // namespace routerone::routing
