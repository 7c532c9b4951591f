#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/catalog/catalog.h"
#include "common/config/paths.h"
#include "common/core/clock.h"
#include "common/core/random.h"
#include "common/core/result.h"
#include "daemon/admission/admission.h"
#include "daemon/auth/proofs.h"
#include "daemon/relay/snapshot.h"
#include "daemon/routing/health.h"
#include "daemon/store/control_store.h"
#include "daemon/store/trace_store.h"

namespace routerone::control {

/// One call to a provider, for `providers test`: through the same upstream client as any request.
struct ProbeRequest {
  std::shared_ptr<const Endpoint> endpoint;
  std::string method = "POST";
  std::string path;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};
struct ProbeAnswer {
  int status = 0;      ///< 0: the transport failed.
  std::string body;    ///< At most 64 KiB; judged, never shown or kept.
  std::string fault;   ///< upstream::FaultKind word; empty if there was an answer.
  std::string detail;  ///< Words of ours.
  Millis latency{};
};

struct DaemonStatus {
  std::vector<std::string> listening;  ///< `127.0.0.1:7411`
  std::string warning;                 ///< `[::1] is not available here`, or empty.
  WallTime started{};
  int pid = 0;
  std::uint64_t requests = 0;
  std::uint64_t connections = 0;
  bool draining = false;                ///< Told to stop; answers under way may end.
  std::string manager;                  ///< `systemd`; empty: it is a process of its own.
  std::optional<std::uint64_t> memory;  ///< Bytes; nullopt where the system does not tell.
};

class RequestCounts;

/// What the control plane needs from the composition root. References outlive it.
struct Services {
  Paths paths;
  const Clock& clock;
  Random& random;
  store::ControlStore& files;
  store::TraceStore& traces;
  admission::Admission& admission;  ///< Restored already; told the limits before each publish.
  auth::Proofs& proofs;
  routing::Health& health;  ///< Of the targets; shown, and forgotten when asked to.
  std::vector<routing::BuiltIn> built_in;
  /// Swaps the snapshot in on every loop; returns once all have it, so a change is in effect when
  /// its command returns.
  std::function<void(std::shared_ptr<const Snapshot>)> publish;
  std::function<ProbeAnswer(const ProbeRequest&)> probe;  ///< Blocks; called on a control thread.
  std::function<DaemonStatus()> status;
  std::function<void()> shutdown;                ///< Asks the daemon to drain and exit.
  const RequestCounts* counts = nullptr;         ///< Null: /metrics says nothing of requests.
  std::optional<ListenAddress> metrics_at = {};  ///< Loopback; nullopt: the socket only.
};

/// The admin API on the Unix socket: the only way to change anything. Owns the current ControlData
/// and the credentials; a change validates, saves, then publishes, one at a time. Its threads
/// (cpp-httplib) never touch a loop but through Services.
class ControlPlane {
 public:
  /// Loads the control data, publishes the first snapshot, then listens. An unreadable control
  /// file or a foreign socket folder is an error.
  static Result<std::unique_ptr<ControlPlane>> start(Services);
  ~ControlPlane();
  /// What /models.md of the data port says of the snapshot in force. Any thread; milliseconds.
  std::shared_ptr<const std::string> models_page() const;
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

 private:
  ControlPlane();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::control
