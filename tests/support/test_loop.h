#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/core/clock.h"
#include "daemon/net/loop.h"
#include "daemon/upstream/client.h"

namespace routerone::test {

/// What one exchange came to, copied out of the client's hands.
struct Got {
  std::optional<upstream::Fault> fault;  ///< Of the head or of the body.
  int status = 0;                        ///< 0: no head came.
  std::vector<std::pair<std::string, std::string>> fields;
  std::optional<std::uint64_t> length;
  std::string body;
  bool replayed = false;

  bool whole() const { return status != 0 && !fault; }
  bool failed_as(upstream::FaultKind kind) const { return fault && fault->kind == kind; }
};

inline doctest::String toString(upstream::FaultKind kind) {
  return std::string(upstream::to_string(kind)).c_str();
}

/// A plain endpoint of a provider on this machine.
inline Endpoint endpoint_at(std::uint16_t port, std::string host = "127.0.0.1") {
  Endpoint endpoint;
  endpoint.provider = "scripted";
  endpoint.tls = false;
  endpoint.host = std::move(host);
  endpoint.port = port;
  endpoint.host_header = endpoint.host + ":" + std::to_string(port);
  endpoint.path_prefix = "/v1";
  endpoint.credential = std::make_shared<const Secret>("sk-canary-of-the-provider");
  return endpoint;
}

/// Timers long enough that none strikes unless a test shortens it.
inline upstream::Timeouts patient() {
  return {Millis(20'000), Millis(20'000), Millis(20'000), Millis(60'000)};
}

/// A client on a real loop, which runs on the test's own thread while a test waits for something.
class TestLoop {
 public:
  explicit TestLoop(upstream::Resolver::Lookup lookup = {})
      : TestLoop(std::make_shared<SystemClock>(), std::move(lookup)) {}
  explicit TestLoop(std::shared_ptr<const Clock> clock, upstream::Resolver::Lookup lookup = {})
      : clock_(std::move(clock)), shared_(*clock_, std::move(lookup)) {}
  TestLoop(const TestLoop&) = delete;
  TestLoop& operator=(const TestLoop&) = delete;

  net::Loop& loop() { return loop_; }
  upstream::Client& client() { return client_; }
  upstream::Shared& shared() { return shared_; }

  /// Runs the loop until `done` holds.
  void run_until(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!done()) {
      loop_.context().run_one_for(std::chrono::milliseconds(5));
      if (std::chrono::steady_clock::now() > limit) {
        MESSAGE("the loop waited in vain");
        std::abort();  // coroutines still hold what is about to go
      }
    }
  }

  /// One exchange from beginning to end.
  Got exchange(const upstream::Request& request, const upstream::Timeouts& timeouts = patient()) {
    net::StopSignal stop;
    Got got;
    std::size_t over = 0;
    loop_.spawn(converse(request, timeouts, stop, got, over));
    run_until([&] { return over == 1; });
    return got;
  }
  /// The same for a POST of `body` to one path.
  Got post(const Endpoint& endpoint, std::string_view body = "{}",
           const upstream::Timeouts& timeouts = patient()) {
    const std::string_view pieces[] = {body};
    upstream::Request request{endpoint};
    request.path = "/chat/completions";
    request.body = pieces;
    return exchange(request, timeouts);
  }

  /// Sends, reads the whole answer, and counts itself as over. All references outlive it.
  net::Task<void> converse(const upstream::Request& request, const upstream::Timeouts& timeouts,
                           net::StopSignal& stop, Got& got, std::size_t& over) {
    co_await read_all(request, timeouts, stop, got);
    ++over;
  }

 private:
  net::Task<void> read_all(const upstream::Request& request, const upstream::Timeouts& timeouts,
                           net::StopSignal& stop, Got& got) {
    upstream::Sent sent = co_await client_.send(request, timeouts, stop);
    if (!sent) {
      got.fault = sent.error();
      co_return;
    }
    const std::unique_ptr<upstream::Reply> reply = *std::move(sent);
    got.status = reply->status;
    got.length = reply->body_length;
    got.replayed = reply->replayed;
    for (const http::Field& field : reply->fields) got.fields.emplace_back(field.name, field.value);
    for (;;) {
      const tl::expected<std::string_view, upstream::Fault> piece = co_await reply->read_some();
      if (!piece) {
        got.fault = piece.error();
        co_return;
      }
      if (piece->empty()) co_return;
      got.body.append(*piece);
    }
  }

  std::shared_ptr<const Clock> clock_;
  net::Loop loop_{*clock_};
  upstream::Shared shared_;
  upstream::Client client_{loop_, shared_};
};

}  // namespace routerone::test
