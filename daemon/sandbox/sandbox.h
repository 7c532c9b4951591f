#pragma once

#include <cstdint>
#include <memory>

#include "common/core/random.h"
#include "common/core/result.h"
#include "daemon/net/loop.h"
#include "daemon/routing/model_table.h"

namespace routerone::sandbox {

/// The built-in offline provider: a real HTTP server on a loopback port of its own, so that its
/// requests go the whole way through routing, upstream and metering like any other's. The relay
/// does not know it. Models: echo, slow, flaky, error-503, cut. Its server wants the credential it
/// made at start, so nobody else on the machine can use it.
class Sandbox {
 public:
  /// Listens on 127.0.0.1, a port the kernel picks, and serves on `loop`, which must be running.
  static Result<std::unique_ptr<Sandbox>> start(net::Loop& loop, Random&);
  ~Sandbox();

  /// On the loop, before it stops: no new connections, open ones close.
  void stop();

  /// Its provider record, models and credential, for the model table.
  routing::BuiltIn built_in() const;

 private:
  Sandbox();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::sandbox
