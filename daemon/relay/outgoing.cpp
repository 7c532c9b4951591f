#include "daemon/relay/outgoing.h"

#include <algorithm>

#include "daemon/dialect/json_value.h"

namespace routerone {

OutgoingBody::OutgoingBody(const Journey& journey, const Target& target) {
  const dialect::Envelope& envelope = journey.envelope;
  if (target.upstream_model != envelope.model) {
    splices_.push_back(
        {envelope.model_at, envelope.model_size, dialect::json_quoted(target.upstream_model)});
  }
  if (envelope.stream && envelope.ask_usage) {
    splices_.push_back(*envelope.ask_usage);
    usage_asked_by_us_ = true;
  }
  if (journey.row.clamped) {
    for (dialect::Splice& splice : journey.dialect.write_cap(journey.operation, journey.body,
                                                             *journey.row.clamped, target.quirks)) {
      splices_.push_back(std::move(splice));
    }
  }
  if (envelope.asks_cost && !target.quirks.states_cost) splices_.push_back(*envelope.asks_cost);
  std::sort(splices_.begin(), splices_.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });

  pieces_.reserve(2 * splices_.size() + 1);
  std::size_t from = 0;
  for (const dialect::Splice& splice : splices_) {
    pieces_.push_back(journey.body.substr(from, splice.at - from));
    pieces_.push_back(splice.inserted);
    from = splice.at + splice.removed;
  }
  pieces_.push_back(journey.body.substr(from));
  std::erase_if(pieces_, [](std::string_view piece) { return piece.empty(); });
}

}  // namespace routerone
