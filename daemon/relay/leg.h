#pragma once

#include <optional>
#include <utility>

#include "daemon/net/loop.h"
#include "daemon/net/stop.h"
#include "daemon/relay/journey.h"
#include "daemon/relay/outgoing.h"
#include "daemon/upstream/upstream.h"

namespace routerone {

/// One target being asked. Usually an attempt has one; where a late one is hedged, two for a while.
/// Lives in the attempt's frame, longer than what comes back.
struct Leg {
  Leg(const Journey& journey, const Target& asked) : target(asked), outgoing(journey, asked) {}

  const Target& target;
  const Outgoing outgoing;
  SteadyTime began{};
  std::optional<Trying> trying;        ///< Of a second leg until it is the one that serves.
  net::StopSignal stop;                ///< For this leg alone; outlives what was sent.
  std::optional<upstream::Sent> sent;  ///< What came of it; not there: it is still awaited.
  net::Event* news = nullptr;          ///< Set when `sent` is there.
};

/// How a leg ended that does not serve.
struct LegEnd {
  std::string_view code = "";  ///< As Attempt::error_code.
  FailureClass failure = FailureClass::none;
  std::optional<std::chrono::seconds> retry_after = {};
};

}  // namespace routerone
