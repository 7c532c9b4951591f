#pragma once

#include <memory>

#include "common/config/paths.h"
#include "common/core/result.h"
#include "daemon/control/router.h"

namespace routerone::control {

/// /metrics on a loopback port of its own, for collectors that cannot read a Unix socket. Nothing
/// else is served there, and nobody is asked for a key: whoever may connect may read what was
/// spent, so it is off unless it was asked for. Requests from web pages, or for another host's
/// name, are refused. Two threads of its own, one request a connection.
class MetricsPort {
 public:
  /// invalid: not a loopback address and a port. conflict: the port is taken. `router` outlives it.
  static Result<std::unique_ptr<MetricsPort>> start(const ListenAddress&, const Router& router);
  ~MetricsPort();
  MetricsPort(const MetricsPort&) = delete;
  MetricsPort& operator=(const MetricsPort&) = delete;

 private:
  MetricsPort();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::control
