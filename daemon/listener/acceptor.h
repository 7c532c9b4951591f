#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/config/paths.h"
#include "common/core/result.h"
#include "common/platform/descriptor.h"
#include "daemon/http/sessions.h"
#include "daemon/net/loop.h"

namespace routerone {

/// The listening sockets. Bound early, so that a taken port is known before anything else happens;
/// accepting begins with start(). Connections go round robin to the loops. Used from the first
/// loop's thread but for bind().
class Acceptor {
 public:
  /// One worker's loop and its sessions.
  struct Lane {
    net::Loop* loop;
    http::Sessions* sessions;
  };

  /// An IPv6 loopback that this machine does not have is a warning, anything else an error.
  /// `loop` runs the accepting.
  static Result<std::unique_ptr<Acceptor>> bind(net::Loop& loop,
                                                const std::vector<ListenAddress>& addresses);
  /// Sockets that listen already, as a service manager opens them. invalid: one is not on loopback.
  static Result<std::unique_ptr<Acceptor>> adopt(net::Loop& loop, std::vector<Descriptor> sockets);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  void start(std::vector<Lane> lanes);  ///< Before or while the loop runs.
  void stop();                          ///< On the loop: no new connections.

  std::vector<std::string> addresses() const;  ///< `127.0.0.1:7411`
  std::vector<std::uint16_t> ports() const;
  const std::string& warning() const;
  std::uint64_t accepted() const;  ///< Any thread.

 private:
  Acceptor();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone
