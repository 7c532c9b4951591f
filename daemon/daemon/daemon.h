#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/config/paths.h"
#include "common/core/result.h"
#include "common/platform/service_manager.h"

namespace routerone {

struct DaemonOptions {
  std::vector<ListenAddress> listen;  ///< Not looked at if the manager opened the sockets.
  Paths paths;
  std::string log_level = "info";        ///< trace debug info warn error
  std::string log_format = "text";       ///< text json
  bool log_to_file = false;              ///< paths.log_file() in the place of stderr, kept small.
  ServiceManager manager;                ///< Who started us, if it is one.
  std::optional<ListenAddress> metrics;  ///< Loopback; nullopt: /metrics on the socket only.
  bool record = true;                    ///< False (benchmarks only): no trace rows are written.
};

/// The composition root: makes every part once, hands each what it needs, and takes them down in
/// the opposite order. Nothing else constructs a part of the daemon.
class Daemon {
 public:
  /// Takes the lock, binds, loads, listens; when it returns, requests are answered. A second
  /// daemon, a taken port, a database of a newer version or an unreadable control file is an error.
  static Result<std::unique_ptr<Daemon>> start(DaemonOptions);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Waits for SIGTERM, SIGINT or a shutdown over the control socket, then drains: no new
  /// connections, answers under way get up to 30 s.
  void run();

 private:
  Daemon();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone
