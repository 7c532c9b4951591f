#include "daemon/net/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <exception>

#include "daemon/net/deadlines.h"
#include "daemon/net/resume.h"

namespace routerone::net {
namespace {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
constexpr int last_handlers = 100'000;

}  // namespace

struct Loop::Impl {
  explicit Impl(const Clock& clock)
      : deadlines(clock, [this](SteadyTime::duration delay) { arm(delay); }),
        context(1),
        work(context.get_executor()),
        timer(context.get_executor()) {}

  void arm(SteadyTime::duration delay) {
    timer.expires_after(delay);
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) deadlines.sweep();
    });
  }

  Deadlines deadlines;  // first: coroutines that die with the context still hold deadlines
  asio::io_context context;
  asio::executor_work_guard<Executor> work;
  Timer timer;
};

Loop::Loop(const Clock& clock) : clock_(clock), impl_(std::make_unique<Impl>(clock)) {}
Loop::~Loop() = default;

void Loop::run() {
  impl_->context.run();
  // What was closed just before stop() still has its cancelled reads and writes to hear of: run
  // them out now, while what they lean on is there. Bounded, for a handler may bring the next.
  impl_->context.restart();
  for (int ran = 0; ran < last_handlers && impl_->context.poll_one() > 0; ++ran) {
  }
}
void Loop::stop() { impl_->context.stop(); }
void Loop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

void Loop::spawn(Task<void> task) {
  // Nothing of ours throws across a coroutine: an exception that gets here is a bug.
  asio::co_spawn(impl_->context, std::move(task), [](const std::exception_ptr& error) {
    if (error) std::terminate();
  });
}

asio::io_context& Loop::context() { return impl_->context; }
Executor Loop::executor() { return impl_->context.get_executor(); }
Deadlines& Loop::deadlines() { return impl_->deadlines; }

struct Event::Waiter {
  Resume resume;
};

Event::Event(Loop& loop) : loop_(loop), waiter_(std::make_unique<Waiter>()) {}
Event::~Event() = default;

void Event::set() {
  set_ = true;
  waiter_->resume.now();
}

Task<void> Event::wait() {
  if (!set_) co_await waiter_->resume.wait();
}

Task<bool> Event::wait_for(Millis limit) {
  if (set_) co_return true;
  Deadline deadline(loop_.deadlines(), [this] { waiter_->resume.now(); });
  deadline.set(loop_.now() + limit);
  co_await waiter_->resume.wait();
  co_return set_;
}

Task<void> sleep_for(Loop& loop, Millis time) {
  Event never(loop);
  co_await never.wait_for(time);
}

}  // namespace routerone::net
