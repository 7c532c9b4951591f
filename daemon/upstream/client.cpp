#include "daemon/upstream/client.h"

#include <openssl/crypto.h>

#include <utility>

#include "daemon/upstream/http_reply.h"
#include "daemon/upstream/request_head.h"
#include "daemon/upstream/tunnel.h"

namespace routerone::upstream {
namespace {

/// A request head that is wiped when it goes: it holds the credential.
struct SecretHead {
  explicit SecretHead(const Request& request) : text(write_request_head(request)) {}
  ~SecretHead() { OPENSSL_cleanse(text.data(), text.size()); }
  SecretHead(const SecretHead&) = delete;
  SecretHead& operator=(const SecretHead&) = delete;
  std::string text;
};

/// What a background answer is left in for the coroutine that waits for it, which may have gone.
template <class Answer>
struct Pending {
  explicit Pending(net::Loop& loop) : done(loop) {}
  net::Event done;
  Answer answer{};
};

tl::unexpected<Fault> failed(Fault fault, bool replayed) {
  fault.replayed = replayed;
  return tl::unexpected(std::move(fault));
}

}  // namespace

net::Task<Sent> Client::send(const Request& request, const Timeouts& timeouts,
                             net::StopSignal& stop) {
  const SecretHead head(request);
  std::vector<std::string_view> pieces = {head.text};
  pieces.insert(pieces.end(), request.body.begin(), request.body.end());
  const std::string origin = origin_of(request.endpoint);
  std::unique_ptr<Connection> pooled = pool_.take(origin);

  for (bool replayed = false;; replayed = true) {
    auto watchdog = std::make_unique<Watchdog>(loop_, stop, timeouts.total);
    if (watchdog->struck()) co_return failed(watchdog->fault_or(FaultKind::cancelled), replayed);
    const bool reused = pooled != nullptr;
    std::unique_ptr<Connection> connection = std::move(pooled);
    if (!reused) {
      Opened opened = co_await open(request.endpoint, timeouts, *watchdog);
      if (!opened) co_return failed(opened.error(), replayed);
      connection = *std::move(opened);
    }
    Connection& wire = *connection;
    Watchdog& watching = *watchdog;
    watching.interrupt_by([&wire] { wire.close(); });
    watching.limit(timeouts.idle, FaultKind::send_timeout);
    // A failed write is not the last word: the provider may have answered before it read all.
    const bool written = co_await wire.write(pieces);
    auto reply = std::make_unique<HttpReply>(loop_, pool_, std::move(connection),
                                             std::move(watchdog), timeouts);
    if (!written) reply->asked_in_part();
    std::optional<Fault> fault;
    bool anything_came = false;
    if (watching.struck()) {
      fault = watching.fault_or(FaultKind::send_timeout);
    } else {
      watching.limit(timeouts.first_byte, FaultKind::first_byte_timeout);
      fault = co_await reply->read_head(anything_came);
    }
    if (!fault) {
      reply->replayed = replayed;
      std::unique_ptr<Reply> sent = std::move(reply);
      co_return sent;
    }
    const bool died_idle = reused && !anything_came && fault->kind == FaultKind::closed_before_head;
    if (!died_idle) {
      fault->sent = written;
      co_return failed(*std::move(fault), replayed);
    }
  }
}

net::Task<Client::Opened> Client::open(const Endpoint& endpoint, const Timeouts& timeouts,
                                       Watchdog& watchdog) {
  watchdog.limit(timeouts.connect, FaultKind::connect_timeout);
  const auto& proxy = endpoint.proxy;
  const Addresses addresses = co_await resolve(proxy ? proxy->host : endpoint.host, watchdog);
  if (watchdog.struck()) co_return tl::unexpected(watchdog.fault_or(FaultKind::dns));
  if (addresses.empty()) {
    co_return tl::unexpected(Fault{FaultKind::dns, proxy ? "the proxy's name was not found"
                                                         : "the host's name was not found"});
  }
  auto connection = std::make_unique<Connection>(loop_, origin_of(endpoint));
  Connection& wire = *connection;
  watchdog.interrupt_by([&wire] { wire.close(); });
  const bool connected = co_await wire.connect(addresses, proxy ? proxy->port : endpoint.port,
                                               timeouts.connect, watchdog);
  if (!connected) {
    co_return tl::unexpected(watchdog.fault_or(FaultKind::connect_refused));
  }
  if (proxy) {
    const auto refused = co_await open_tunnel(wire, *proxy, endpoint.host, endpoint.port);
    if (refused) co_return tl::unexpected(watchdog.fault_or(FaultKind::proxy, *refused));
  }
  if (endpoint.tls) {
    std::shared_ptr<TlsContext> context = co_await tls_context(endpoint.ca_file, watchdog);
    if (watchdog.struck()) co_return tl::unexpected(watchdog.fault_or(FaultKind::tls_handshake));
    if (!context->trouble().empty()) {
      co_return tl::unexpected(Fault{FaultKind::tls_certificate, context->trouble()});
    }
    watchdog.interrupt_by([&wire] { wire.close(); });
    std::optional<Fault> fault =
        co_await wire.handshake(std::move(context), endpoint.host, watchdog);
    if (fault) co_return tl::unexpected(*std::move(fault));
  }
  co_return connection;
}

net::Task<Addresses> Client::resolve(const std::string& host, Watchdog& watchdog) {
  auto pending = std::make_shared<Pending<Addresses>>(loop_);
  shared_.resolver.resolve(loop_, host, [pending](Addresses addresses) {
    pending->answer = std::move(addresses);
    pending->done.set();
  });
  watchdog.interrupt_by([pending] { pending->done.set(); });
  co_await pending->done.wait();
  co_return pending->answer;
}

net::Task<std::shared_ptr<TlsContext>> Client::tls_context(const std::string& ca_file,
                                                           Watchdog& watchdog) {
  auto pending = std::make_shared<Pending<std::shared_ptr<TlsContext>>>(loop_);
  shared_.tls.get(loop_, ca_file, [pending](std::shared_ptr<TlsContext> context) {
    pending->answer = std::move(context);
    pending->done.set();
  });
  watchdog.interrupt_by([pending] { pending->done.set(); });
  co_await pending->done.wait();
  co_return pending->answer;
}

}  // namespace routerone::upstream
