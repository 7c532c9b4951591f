#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "common/core/clock.h"
#include "daemon/http/message.h"
#include "daemon/net/loop.h"
#include "daemon/net/stop.h"
#include "daemon/net/task.h"

namespace routerone::http {

/// Memory for bodies, of all sessions together: one a daemon.
struct BodyBudget {
  std::uint64_t limit = 256u << 20;
  std::atomic<std::uint64_t> used{0};
};

/// What one holder has taken of the budget; given back when it goes.
class BodyShare {
 public:
  explicit BodyShare(BodyBudget* budget) : budget_(budget) {}
  BodyShare(const BodyShare&) = delete;
  BodyShare& operator=(const BodyShare&) = delete;
  ~BodyShare() { set(0); }

  /// From now on it holds so many bytes. False: together that is more than there may be; they
  /// count all the same until they are given back.
  bool set(std::uint64_t bytes) {
    if (budget_ == nullptr) return true;
    const std::uint64_t used = budget_->used += bytes - held_;  // wraps around where it shrinks
    const bool grew = bytes > held_;
    held_ = bytes;
    return !grew || used <= budget_->limit;
  }

 private:
  BodyBudget* budget_;
  std::uint64_t held_ = 0;
};

struct SessionOptions {
  std::size_t max_head = 64 << 10;
  std::size_t max_fields = 100;
  std::uint64_t max_body = 32u << 20;
  Millis head_deadline{10'000};  ///< From the first byte of a head to its last.
  Millis body_stall{30'000};     ///< Longest silence inside a body.
  Millis idle{75'000};           ///< Keep-alive connection without a request.
  Millis write_stall{60'000};    ///< A caller that reads nothing for so long is gone.
  BodyBudget* body_budget = nullptr;
};

/// Who speaks another protocol on a connection that has left HTTP. Called on the loop, also while
/// its owner waits for something else.
class ByteTaker {
 public:
  virtual ~ByteTaker() = default;
  virtual void take(std::string_view bytes) = 0;  ///< What came; valid during the call.
  virtual void drain() = 0;                       ///< Shutdown: to end once its work is done.
};

/// The way out of HTTP. After open(), Exchange::write and try_write send bytes as they are, and the
/// end of the caller's bytes counts as its leaving. The connection ends when the handler returns.
class Upgrade {
 public:
  virtual ~Upgrade() = default;
  /// Answers 101. What came behind the request, and comes later, goes to the taker, which stays
  /// until stop_taking(). False: the caller is gone.
  virtual net::Task<bool> open(const AnswerHead&, ByteTaker&) = 0;
  virtual void stop_taking() = 0;
};

/// One request and its answer on a session. Used by one coroutine of the session's loop.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual net::Loop& loop() = 0;
  virtual const RequestHead& head() const = 0;
  virtual SteadyTime started() const = 0;  ///< When the first byte of the head was read.

  /// The whole body (sends `100 Continue` first if it is awaited). View is valid until the exchange
  /// ends. nullopt: the session has answered and will close; return without answering.
  virtual net::Task<std::optional<std::string_view>> read_body() = 0;

  /// A whole answer in one gathered write. False: the caller is gone.
  virtual net::Task<bool> reply(const AnswerHead&, std::string_view body) = 0;

  /// A streamed answer: start, write.., finish or abort. `start` sends nothing by itself before
  /// the first write unless `flush`. Each returns once the bytes are with the kernel, so a caller
  /// that does not read holds the writer back. False: the caller is gone.
  virtual net::Task<bool> start(const AnswerHead&, bool flush) = 0;
  virtual net::Task<bool> write(std::string_view bytes) = 0;
  virtual net::Task<bool> write(std::span<const std::string_view> pieces) = 0;
  /// The last bytes and the end of the body in one write.
  virtual net::Task<bool> finish(std::string_view last = {}) = 0;
  /// Closes the connection without the end mark, so that nobody takes the body for whole.
  virtual void abort() = 0;

  /// What start(head, false) does, but not a coroutine: for a Deadline that must let a head go
  /// while the owner waits elsewhere. A later start() then does nothing.
  virtual void prepare(const AnswerHead&) = 0;

  /// Not a coroutine, for use from a Deadline while the owner waits elsewhere: hands the bytes to
  /// the kernel if it takes them at once, drops them if the caller reads too slowly, never splits
  /// them. Sends a pending start() head first.
  virtual void try_write(std::string_view bytes) = 0;

  virtual bool head_sent() const = 0;
  virtual std::uint64_t bytes_sent() const = 0;
  /// Requested as soon as the caller is known to be gone (reset, closed, stalled). A caller that
  /// only shut down its sending side is not gone.
  virtual net::StopSignal& gone() = 0;

  /// Null: this one cannot leave HTTP. Only before an answer, and for a request without a body.
  virtual Upgrade* upgrade() { return nullptr; }
};

/// What stands behind a session. Outlives all its sessions.
class Handler {
 public:
  virtual ~Handler() = default;
  /// Answers one request. A body that was not read is drained or the connection closed.
  virtual net::Task<void> handle(Exchange&) = 0;
  /// The answer to a message that broke the protocol. `head` as far as it could be read.
  virtual Answer refuse(const ProtocolFault&, const RequestHead* head) = 0;
};

}  // namespace routerone::http
