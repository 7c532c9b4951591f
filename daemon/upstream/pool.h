#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/net/deadlines.h"
#include "daemon/net/loop.h"
#include "daemon/upstream/connection.h"

namespace routerone::upstream {

/// Idle keep-alive connections of one loop, by origin; the one used last is used next, so that
/// those beyond need grow old and go.
class Pool {
 public:
  static constexpr std::size_t most_idle = 64;  ///< An origin.
  static constexpr std::chrono::seconds idle_limit{60};

  explicit Pool(net::Loop& loop) : loop_(loop), sweep_(loop.deadlines(), [this] { drop_old(); }) {}

  /// One that is still open; null if there is none.
  std::unique_ptr<Connection> take(const std::string& origin);
  void put(std::unique_ptr<Connection> connection);
  std::size_t size() const;

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    SteadyTime since;
  };
  void drop_old();

  net::Loop& loop_;
  std::map<std::string, std::vector<Idle>> idle_;
  net::Deadline sweep_;
};

}  // namespace routerone::upstream
