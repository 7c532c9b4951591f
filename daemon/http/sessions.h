#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include "daemon/http/session.h"
#include "daemon/net/loop.h"
#include "daemon/net/socket.h"

namespace routerone::http {

class Session;

/// All sessions of one loop: what they share, and how they are told to end. Outlives its loop's
/// run.
class Sessions {
 public:
  Sessions(net::Loop& loop, Handler& handler, SessionOptions options)
      : loop_(loop), handler_(handler), options_(options) {}
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  /// On the loop: serves one connection to its end.
  void serve(net::TcpSocket socket);
  /// On the loop: idle connections close at once, the others after the answer under way.
  void drain();
  /// On the loop: closes what is left.
  void close_all();

  std::size_t count() const { return open_.size(); }
  bool draining() const { return draining_; }

 private:
  friend class Session;
  /// `Date` of this second, formatted once a second.
  std::string_view date();

  net::Loop& loop_;
  Handler& handler_;
  SessionOptions options_;
  std::unordered_set<Session*> open_;
  bool draining_ = false;
  std::string date_;
  std::int64_t date_second_ = -1;
};

}  // namespace routerone::http
