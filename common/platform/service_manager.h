#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/clock.h"
#include "common/core/result.h"
#include "common/platform/descriptor.h"
#include "common/platform/environment.h"

namespace routerone {

/// What a service manager and its service tell each other: systemd's protocol (sd_notify(3),
/// sd_listen_fds(3), sd_watchdog_enabled(3)), spoken without its library.
struct ServiceManager {
  /// Where it hears us; empty: nobody listens.
  std::string notify_socket;
  /// How often it must hear that we are well, or it ends us; nullopt: it does not ask.
  std::optional<Millis> watchdog;
  /// How many sockets it opened for us: descriptors from 3 on.
  int sockets = 0;
  /// Did it start this process itself?
  bool started_us = false;

  /// What was meant for another process (WATCHDOG_PID, LISTEN_PID) is left out.
  static ServiceManager of(const Environment&, int pid);
};

/// Tells a service manager how we do. Never waits, and never fails: whether somebody hears it is
/// not our affair. Thread-safe.
class ServiceNotifier {
 public:
  explicit ServiceNotifier(std::string socket);  ///< Empty: says nothing.

  void ready(std::string_view status) const;     ///< READY=1
  void stopping(std::string_view status) const;  ///< STOPPING=1
  void alive() const;                            ///< WATCHDOG=1

 private:
  void send(const std::string& lines) const;
  std::string path_;
  Descriptor socket_;
};

/// The sockets that came with us, from descriptor `first` on: each must be a TCP socket that
/// listens. They are not handed to programs we start. invalid: one is something else.
Result<std::vector<Descriptor>> passed_sockets(int count, int first = 3);

}  // namespace routerone
