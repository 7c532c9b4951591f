#pragma once

#include <boost/asio/async_result.hpp>
#include <memory>
#include <utility>

#include "daemon/net/socket.h"

namespace routerone::net {

/// Where one coroutine waits for a callback of its own loop: `co_await resume.wait()`, and
/// elsewhere `resume.now()`. Cheaper than a timer or a channel; one waiter at a time.
class Resume {
 public:
  bool waiting() const { return waiter_ != nullptr; }

  /// Goes on with the waiter, inside this call; nothing without one.
  void now() {
    if (const std::unique_ptr<Waiter> waiter = std::move(waiter_)) waiter->go();
  }

  Task<void> wait() {
    auto keep = [this](auto handler) {
      waiter_ = std::make_unique<WaiterOf<decltype(handler)>>(std::move(handler));
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>&, void()>(
        std::move(keep), use_task);
  }

 private:
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void go() = 0;
  };
  template <class Handler>
  struct WaiterOf final : Waiter {
    explicit WaiterOf(Handler given) : handler(std::move(given)) {}
    void go() override { std::move(handler)(); }
    Handler handler;
  };
  static constexpr boost::asio::use_awaitable_t<Executor> use_task{};

  std::unique_ptr<Waiter> waiter_;
};

}  // namespace routerone::net
