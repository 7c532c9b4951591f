#pragma once

#include <filesystem>
#include <memory>

#include "common/core/result.h"
#include "daemon/control/router.h"

namespace routerone::control {

/// The control socket: HTTP on a Unix socket of mode 0600 in a folder of mode 0700, which is what
/// keeps other users out: connect(2) wants write permission on both. A handful of threads, one call
/// a connection, nothing logged.
class Server {
 public:
  /// Threads for calls, and beside them room for as many tails that wait.
  static constexpr std::size_t call_threads = 4;
  static constexpr int most_tails = 4;

  /// A socket that a dead daemon of ours left is replaced: the caller holds the daemon's lock.
  /// `router` outlives the server.
  static Result<std::unique_ptr<Server>> start(std::filesystem::path socket, const Router& router);
  ~Server();  ///< Lets calls under way finish, then removes the socket.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

 private:
  Server();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::control
