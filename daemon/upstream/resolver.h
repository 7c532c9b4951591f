#pragma once

#include <boost/asio/ip/address.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/core/clock.h"
#include "daemon/net/loop.h"
#include "daemon/upstream/background.h"

namespace routerone::upstream {

using Addresses = std::vector<boost::asio::ip::address>;

/// Names to addresses, never on a loop. A found name is fresh for a minute and stands in for ten
/// when the look-up fails (stale while error); a failure is remembered for five seconds. Callers of
/// one name share one look-up. Thread-safe; one a daemon.
class Resolver {
 public:
  /// Blocks; empty: not found. getaddrinfo unless a test gives another.
  using Lookup = std::function<Addresses(const std::string& host)>;

  Resolver(const Clock& clock, Background& background, Lookup lookup = {});

  /// `done` runs on `loop`, at once if the answer is at hand. Empty: not found.
  void resolve(net::Loop& loop, const std::string& host, std::function<void(Addresses)> done);

 private:
  struct Entry {
    Addresses addresses;
    SteadyTime found{};
    SteadyTime failed{};
    bool asking = false;
    std::vector<std::function<void(Addresses)>> waiting;
  };
  void look_up(const std::string& host);

  const Clock& clock_;
  Background& background_;
  Lookup lookup_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace routerone::upstream
