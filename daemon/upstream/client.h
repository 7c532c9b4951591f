#pragma once

#include <memory>
#include <string>

#include "common/core/clock.h"
#include "daemon/net/loop.h"
#include "daemon/upstream/background.h"
#include "daemon/upstream/pool.h"
#include "daemon/upstream/resolver.h"
#include "daemon/upstream/tls.h"
#include "daemon/upstream/upstream.h"

namespace routerone::upstream {

/// What the clients of all loops share: look-ups and certificates. One a daemon. Goes before the
/// loops do: what is being looked up still answers to them.
struct Shared {
  explicit Shared(const Clock& clock, Resolver::Lookup lookup = {})
      : background(2), resolver(clock, background, std::move(lookup)), tls(background) {}
  ~Shared() { background.stop(); }  // its work is done with the others before they go

  Background background;
  Resolver resolver;
  TlsContexts tls;
};

/// The HTTP/1.1 client of one loop: pooled connections, plain or TLS, strict about what comes back.
/// A request that goes out on a pooled connection which turns out dead before any answer byte is
/// sent once more on a fresh one; nothing else is ever repeated here.
class Client final : public Upstream {
 public:
  Client(net::Loop& loop, Shared& shared) : loop_(loop), shared_(shared), pool_(loop) {}

  net::Task<Sent> send(const Request&, const Timeouts&, net::StopSignal& stop) override;

  Pool& pool() { return pool_; }

 private:
  using Opened = tl::expected<std::unique_ptr<Connection>, Fault>;
  net::Task<Opened> open(const Endpoint&, const Timeouts&, Watchdog&);
  net::Task<Addresses> resolve(const std::string& host, Watchdog&);
  net::Task<std::shared_ptr<TlsContext>> tls_context(const std::string& ca_file, Watchdog&);

  net::Loop& loop_;
  Shared& shared_;
  Pool pool_;
};

}  // namespace routerone::upstream
