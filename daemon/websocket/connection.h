#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/core/clock.h"
#include "daemon/http/session.h"
#include "daemon/net/deadlines.h"
#include "daemon/net/resume.h"
#include "daemon/net/stop.h"
#include "daemon/websocket/reader.h"

namespace routerone::websocket {

struct Options {
  std::size_t max_message = 32u << 20;
  std::size_t most_waiting = 16;  ///< Messages that may come while one is worked on.
  Millis idle{60 * 60'000};       ///< Without a message, and with nothing to do.
  http::BodyBudget* budget = nullptr;
};

/// One WebSocket, on top of an exchange that leaves HTTP for it. Pings are answered, a Close is
/// noticed and breaches are judged as they come, whatever its owner waits for. Lives in the frame
/// of the coroutine that serves the connection; one loop only.
class Connection final : public http::ByteTaker {
 public:
  Connection(http::Exchange&, const Options&);
  ~Connection() override;

  /// Answers the opening handshake. False: the caller is gone. `accept`: see accept_handshake().
  net::Task<bool> open(std::string_view accept, http::Fields extra);

  /// The next message, when it has come. Nullopt: the connection is to be ended, by close().
  net::Task<std::optional<std::string>> next();

  /// Each text a message of its own, all in one write; returns once they are with the kernel. What
  /// is not UTF-8 in them is replaced. False: the caller is gone or has said that it leaves.
  net::Task<bool> send(std::span<const std::string_view> texts);
  /// For use from a Deadline while the owner waits elsewhere: dropped if the caller reads slowly.
  void try_send(std::string_view text);
  void try_ping();

  /// Says why, and ends it: the caller's own code is said back to it, a breach or a shutdown is
  /// named. After it nothing is taken any more.
  net::Task<void> close();

  /// While it lives, `signal` is requested as soon as the caller leaves or breaks the protocol.
  class Watch {
   public:
    Watch(Connection& connection, net::StopSignal& signal);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { connection_.watcher_ = nullptr; }

   private:
    Connection& connection_;
  };

  bool over() const { return over_; }

 private:
  void take(std::string_view bytes) override;
  void drain() override;
  void hear(Event);
  void answer_ping(std::string payload);
  void end(CloseCode code, std::string_view reason);
  void tell();
  void share_memory();

  http::Exchange& exchange_;
  Options options_;
  Reader reader_;
  std::deque<std::string> waiting_;
  http::BodyShare share_;
  net::Resume on_change_;
  net::Deadline idle_;
  net::StopSignal::Listener left_;
  net::StopSignal* watcher_ = nullptr;

  bool gone_ = false;  ///< Nobody is there to be told anything.
  bool over_ = false;
  bool draining_ = false;
  CloseCode code_ = CloseCode::normal;  ///< What is said at the end ...
  std::string_view reason_;             ///< ... and why; a literal.
  bool sending_ = false;
  std::optional<std::string> owed_pong_;  ///< Came while something else was being sent.
};

}  // namespace routerone::websocket
