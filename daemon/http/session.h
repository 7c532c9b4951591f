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

/// How long the body budget is shared: one a daemon.
struct BodyBudget {
  std::uint64_t limit = 256u << 20;
  std::atomic<std::uint64_t> used{0};
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
