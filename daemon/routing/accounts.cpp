#include "daemon/routing/accounts.h"

#include <algorithm>
#include <span>

namespace routerone::routing {
namespace {

bool of_one_target(const DecidedCandidate& a, const DecidedCandidate& b) {
  return a.tier == b.tier && a.name->provider == b.name->provider &&
         a.name->model == b.name->model && a.name->upstream_model == b.name->upstream_model;
}

void even_out_group(std::span<DecidedCandidate> group) {
  double sum = 0, known = 0, sound = 0;
  for (const DecidedCandidate& one : group) {
    if (!one.out && !one.point.reserve) ++sound;
    if (!one.point.seconds) continue;
    sum += *one.point.seconds;
    ++known;
  }
  for (DecidedCandidate& one : group) {
    if (known > 0) one.point.seconds = sum / known;
    one.point.share /= std::max(sound, 1.0);
  }
}

}  // namespace

void even_out(std::vector<DecidedCandidate>& candidates) {
  for (auto first = candidates.begin(); first != candidates.end();) {
    const auto end = std::find_if(first + 1, candidates.end(), [&first](const auto& one) {
      return !of_one_target(*first, one);
    });
    if (end - first > 1) even_out_group({first, end});
    first = end;
  }
}

}  // namespace routerone::routing
