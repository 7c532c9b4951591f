#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "common/core/clock.h"
#include "daemon/exchange/target.h"
#include "daemon/http/fields.h"
#include "daemon/net/stop.h"
#include "daemon/net/task.h"

namespace routerone::upstream {

/// Why the transport failed. A closed list: its words stand in traces.
enum class FaultKind {
  dns,
  connect_refused,
  connect_timeout,
  proxy,            ///< The way out refused us, or the provider's address; `detail` says which.
  tls_certificate,  ///< Expired, wrong host, unknown issuer; `detail` says which.
  tls_handshake,
  closed_before_head,
  bad_head,     ///< Not HTTP/1.x, too large, smuggling shapes, 101, too many 1xx.
  redirect,     ///< 3xx: never followed.
  encoded,      ///< A Content-Encoding although identity was asked.
  bad_framing,  ///< Broken chunks, bytes missing.
  closed_in_body,
  send_timeout,
  first_byte_timeout,
  idle_timeout,
  total_timeout,
  cancelled,
};
std::string_view to_string(FaultKind);

struct Fault {
  FaultKind kind = FaultKind::closed_before_head;
  std::string detail;     ///< Words of ours (or OpenSSL's reason), never bytes of the upstream.
  bool replayed = false;  ///< Had been sent before, on a pooled connection that died unanswered.
  bool sent = false;      ///< All of it: the provider may be working on it, and charge for it.
};

struct Timeouts {
  Millis connect{2'000};       ///< TCP and TLS.
  Millis first_byte{290'000};  ///< From the request sent to the whole head.
  Millis idle{290'000};        ///< Between bytes of a body.
  Millis total{3'600'000};
};

/// What to send. Views must live until send() returns.
struct Request {
  const Endpoint& endpoint;
  std::string_view method = "POST";
  std::string_view path;                   ///< Appended to the endpoint's prefix, query and all.
  http::Fields fields;                     ///< Host, framing, credential and the endpoint's own
                                           ///< headers are added by the client.
  std::span<const std::string_view> body;  ///< Sent as one Content-Length body, gathered.
};

/// An answer whose head has come. Destroying it early closes the connection; read to its end, the
/// connection goes back to the pool.
class Reply {
 public:
  virtual ~Reply() = default;
  int status = 0;
  std::vector<http::Field> fields;           ///< Valid as long as the Reply.
  std::optional<std::uint64_t> body_length;  ///< nullopt: chunked or to the end.
  bool replayed = false;                     ///< Sent again after a dead pooled connection.
  /// The next bytes of the body, framing removed; empty at its end. Valid until the next call.
  virtual net::Task<tl::expected<std::string_view, Fault>> read_some() = 0;
  /// The reader has all it wants; views given out are dead. What is left of the body is waited for
  /// in the background, for a moment and only if it is no more than the end mark, so that the
  /// connection can be used again.
  virtual void want_no_more() {}
};

using Sent = tl::expected<std::unique_ptr<Reply>, Fault>;

/// Sends one request to one provider, once. Knows nothing of dialects, retries or money. One a
/// loop. This is the seam that tests replace.
class Upstream {
 public:
  virtual ~Upstream() = default;
  /// `stop` cancels at once, during send and during every read of its Reply; it outlives both.
  virtual net::Task<Sent> send(const Request&, const Timeouts&, net::StopSignal& stop) = 0;
};

}  // namespace routerone::upstream
