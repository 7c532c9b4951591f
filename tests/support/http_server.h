#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/core/clock.h"
#include "daemon/http/sessions.h"
#include "daemon/net/loop.h"
#include "daemon/net/socket.h"
#include "tests/support/raw_socket.h"

namespace routerone::test {

/// Real sessions on a real loop of their own thread, in front of `handler`. Ends its sessions
/// before it goes.
class HttpServer {
 public:
  explicit HttpServer(http::Handler& handler, http::SessionOptions options = {})
      : sessions_(loop_, handler, options),
        looping_([this] { loop_.run(); }),
        accepting_([this] { accept(); }) {}
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer() { stop(); }

  /// Ends its sessions, its loop and its threads; before what they use goes.
  void stop() {
    if (!looping_.joinable()) return;
    ::shutdown(listening_.fd(), SHUT_RDWR);
    accepting_.join();
    run([this] { sessions_.close_all(); });
    while (sessions() > 0) std::this_thread::sleep_for(Millis(1));
    loop_.stop();
    looping_.join();
  }

  std::uint16_t port() const { return listening_.port(); }
  net::Loop& loop() { return loop_; }

  /// Runs `work` on the loop and waits for it.
  void run(const std::function<void()>& work) {
    std::promise<void> done;
    loop_.post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void drain() {
    run([this] { sessions_.drain(); });
  }
  std::size_t sessions() {
    std::size_t count = 0;
    run([&] { count = sessions_.count(); });
    return count;
  }

 private:
  void accept() {
    for (int handle = listening_.accept(); handle >= 0; handle = listening_.accept()) {
      loop_.post([this, handle] {
        net::TcpSocket socket(loop_.executor());
        socket.assign(boost::asio::ip::tcp::v4(), handle);
        sessions_.serve(std::move(socket));
      });
    }
  }

  SystemClock clock_;
  net::Loop loop_{clock_};
  http::Sessions sessions_;
  Listening listening_;
  std::thread looping_;
  std::thread accepting_;
};

/// Answers with what a test scripts, and notes whom it was called for. Notes may be read while the
/// server runs.
class ScriptedHandler final : public http::Handler {
 public:
  using Script = std::function<net::Task<void>(http::Exchange&)>;

  /// Without a script: reads the body and answers 200 with it.
  explicit ScriptedHandler(Script script = nullptr) : script_(std::move(script)) {}

  net::Task<void> handle(http::Exchange& exchange) override {
    note(called_, exchange.head().target);
    if (script_) co_return co_await script_(exchange);
    co_await echo(exchange);
  }

  http::Answer refuse(const http::ProtocolFault& fault, const http::RequestHead* head) override {
    note(refused_, head == nullptr ? std::string_view("-") : head->target);
    http::Answer answer;
    answer.status = fault.status;
    answer.fields = {{"content-type", "text/plain"}};
    answer.body = fault.message;
    return answer;
  }

  static net::Task<void> echo(http::Exchange& exchange) {
    const std::optional<std::string_view> body = co_await exchange.read_body();
    if (!body) co_return;
    http::AnswerHead head;
    head.fields.push_back({"x-target", exchange.head().target});
    head.body_length = body->size();
    co_await exchange.reply(head, *body);
  }

  /// Targets of all requests that ran; of all that were refused ("-": head not readable).
  std::vector<std::string> called() const { return read(called_); }
  std::vector<std::string> refused() const { return read(refused_); }

 private:
  void note(std::vector<std::string>& list, std::string_view target) {
    const std::lock_guard lock(mutex_);
    list.emplace_back(target);
  }
  std::vector<std::string> read(const std::vector<std::string>& list) const {
    const std::lock_guard lock(mutex_);
    return list;
  }

  Script script_;
  mutable std::mutex mutex_;
  std::vector<std::string> called_, refused_;
};

}  // namespace routerone::test
