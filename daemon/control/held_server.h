#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "common/core/result.h"
#include "common/json/json.h"

namespace routerone::control {

/// The socket of calls that stay open (common/control/held_call.h), guarded like the control
/// socket. One thread serves all of them, however many there are: a held call is an entry in a
/// list, not a thread.
class HeldServer {
 public:
  static constexpr std::size_t most_calls = 512;

  /// What a call was granted: `holds` is told to `ended` when its connection ends.
  struct Granted {
    Json answer;
    std::string holds;
  };
  /// On the server's thread.
  struct Handler {
    std::function<Result<Granted>(const std::string& call, const Json& body)> begin;
    std::function<void(const std::string& holds)> ended;
    /// Now and then, at least every quarter of a second while it returns true.
    std::function<bool()> look;
  };

  /// As Server::start.
  static Result<std::unique_ptr<HeldServer>> start(std::filesystem::path socket, Handler handler);
  /// What is held is let go of without being ended: a daemon that stops is not a caller that left.
  ~HeldServer();
  HeldServer(const HeldServer&) = delete;
  HeldServer& operator=(const HeldServer&) = delete;

 private:
  HeldServer();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace routerone::control
