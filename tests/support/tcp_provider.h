#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "common/core/clock.h"

namespace routerone::test {

/// Bytes in and out of one accepted connection; TLS puts itself in between.
class ProviderTransport {
 public:
  virtual ~ProviderTransport() = default;
  virtual bool open() { return true; }                  ///< A handshake, if there is one.
  virtual long read(char* into, std::size_t room) = 0;  ///< 0: an end; below: broken.
  virtual bool write(std::string_view bytes) = 0;       ///< All of it.
  virtual void end() = 0;                               ///< No more from us, said politely.
};

class PlainTransport final : public ProviderTransport {
 public:
  explicit PlainTransport(int handle) : handle_(handle) {}
  long read(char* into, std::size_t room) override { return ::recv(handle_, into, room, 0); }
  bool write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  void end() override { ::shutdown(handle_, SHUT_WR); }

 private:
  int handle_;
};

/// What a script does with the connection it was given: blocking, on a thread of its own. Nothing
/// waits longer than a patience far beyond what any test needs.
class ProviderConnection {
 public:
  ProviderConnection(int handle, std::unique_ptr<ProviderTransport> transport)
      : handle_(handle), transport_(std::move(transport)) {}
  ProviderConnection(const ProviderConnection&) = delete;
  ProviderConnection& operator=(const ProviderConnection&) = delete;
  ~ProviderConnection() {
    if (handle_ >= 0) ::close(handle_);
  }

  /// One request, head and Content-Length body; empty: the caller left before it was whole.
  std::string read_request() {
    for (;;) {
      const std::size_t head = unread_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t whole = head + 4 + body_size(unread_.substr(0, head + 2));
        if (unread_.size() >= whole) {
          std::string request = unread_.substr(0, whole);
          unread_.erase(0, whole);
          return request;
        }
      }
      if (!read_more()) return "";
    }
  }
  /// Exactly so many bytes; fewer: the caller left meanwhile.
  std::string read_bytes(std::size_t count) {
    while (unread_.size() < count && read_more()) {
    }
    std::string bytes = unread_.substr(0, count);
    unread_.erase(0, bytes.size());
    return bytes;
  }
  bool send(std::string_view bytes) { return transport_->write(bytes); }
  /// As a proxy does: what comes goes to that port of this machine and back, until one side ends.
  /// Plain connections only; what passes is not kept.
  void pass_on_to(std::uint16_t port) {
    const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    const bool there = ::connect(other, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                       ::send(other, unread_.data(), unread_.size(), MSG_NOSIGNAL) >= 0;
    unread_.clear();
    while (there && pass_once(handle_, other)) {
    }
    ::close(other);
  }
  /// A few bytes at a time; false: the caller left meanwhile.
  bool drip(std::string_view bytes, Millis between, std::size_t step = 1) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
      if (!send(bytes.substr(0, step))) return false;
      std::this_thread::sleep_for(between);
    }
    return true;
  }
  /// Reads on until the caller closes; false: it never did.
  bool wait_until_closed() {
    while (read_more()) unread_.clear();
    return ended_;
  }
  /// Nothing more will be sent; FIN (and close_notify).
  void close() {
    transport_->end();
    release();
  }
  /// FIN alone: TLS is not told that this is the end.
  void cut() { release(); }
  /// RST, whatever is on its way.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(handle_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    release();
  }
  /// An end while the caller still sends: what it sent and nobody read makes it a RST, but one that
  /// comes after the answer.
  void leave_unread() {
    pollfd waiting{handle_, POLLIN, 0};
    ::poll(&waiting, 1, patience_ms);
    release();
  }
  bool open() { return transport_->open(); }
  /// The script is over: ends politely what it did not end itself.
  void finish() {
    if (handle_ >= 0) close();
  }
  std::string received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  /// From the provider's destructor, on another thread: wakes whatever the script waits in.
  void hang_up() {
    const std::lock_guard lock(mutex_);
    if (handle_ >= 0) ::shutdown(handle_, SHUT_RDWR);
  }

 private:
  static constexpr int patience_ms = 20'000;

  static bool pass_once(int one, int other) {
    pollfd waiting[2] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
    if (::poll(waiting, 2, patience_ms) <= 0) return false;
    char bytes[16 << 10];
    for (int i = 0; i < 2; ++i) {
      if (waiting[i].revents == 0) continue;
      const ssize_t count = ::recv(waiting[i].fd, bytes, sizeof bytes, 0);
      if (count <= 0) return false;
      const int to = waiting[1 - i].fd;
      if (::send(to, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL) != count) return false;
    }
    return true;
  }
  static std::size_t body_size(const std::string& head) {
    const std::string name = "\r\ncontent-length: ";
    const std::size_t at = head.find(name);
    return at == std::string::npos ? 0 : std::strtoul(head.c_str() + at + name.size(), nullptr, 10);
  }
  bool read_more() {
    pollfd waiting{handle_, POLLIN, 0};
    if (handle_ < 0 || ::poll(&waiting, 1, patience_ms) <= 0) return false;
    char bytes[16 << 10];
    const long count = transport_->read(bytes, sizeof bytes);
    if (count <= 0) {
      ended_ = true;
      return false;
    }
    unread_.append(bytes, static_cast<std::size_t>(count));
    const std::lock_guard lock(mutex_);
    received_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    ::close(std::exchange(handle_, -1));
  }

  int handle_;
  std::unique_ptr<ProviderTransport> transport_;
  std::string unread_;
  bool ended_ = false;
  mutable std::mutex mutex_;
  std::string received_;
};

/// A provider that does on the wire what a test scripts: the first connection runs the first
/// script, and so on; the last script serves all that follow. A connection is closed when its
/// script returns. Keeps all it received and counts what it accepted.
class TcpProvider {
 public:
  using Script = std::function<void(ProviderConnection&)>;
  using MakeTransport = std::function<std::unique_ptr<ProviderTransport>(int handle)>;

  explicit TcpProvider(std::vector<Script> scripts, MakeTransport make_transport = plain)
      : scripts_(std::move(scripts)), make_transport_(std::move(make_transport)) {
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listening_, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    ::listen(listening_, 64);
    socklen_t size = sizeof at;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    accepting_ = std::thread([this] { accept(); });
  }
  explicit TcpProvider(Script script) : TcpProvider(std::vector<Script>{std::move(script)}) {}
  TcpProvider(const TcpProvider&) = delete;
  TcpProvider& operator=(const TcpProvider&) = delete;
  ~TcpProvider() {
    ::shutdown(listening_, SHUT_RDWR);
    accepting_.join();
    for (const auto& connection : connections_) connection->hang_up();
    for (std::thread& thread : threads_) thread.join();
    ::close(listening_);
  }

  std::uint16_t port() const { return port_; }
  std::size_t accepted() const {
    const std::lock_guard lock(mutex_);
    return connections_.size();
  }
  /// What came on all connections, in the order they were accepted; of TLS, the plain text.
  std::string received() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& connection : connections_) all += connection->received();
    return all;
  }

  static std::unique_ptr<ProviderTransport> plain(int handle) {
    return std::make_unique<PlainTransport>(handle);
  }

 private:
  void accept() {
    for (;;) {
      const int handle = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (handle < 0) return;
      const std::lock_guard lock(mutex_);
      const Script& script = scripts_[std::min(connections_.size(), scripts_.size() - 1)];
      connections_.push_back(std::make_unique<ProviderConnection>(handle, make_transport_(handle)));
      threads_.emplace_back([&script, connection = connections_.back().get()] {
        if (connection->open()) script(*connection);
        connection->finish();
      });
    }
  }

  std::vector<Script> scripts_;
  MakeTransport make_transport_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<ProviderConnection>> connections_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

/// A flag between a script and a test. Waits with the same patience.
class Signal {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool is_set() const {
    const std::lock_guard lock(mutex_);
    return set_;
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return set_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

/// `HTTP/1.1 200 OK` with this body and its length.
inline std::string sized_answer(std::string_view body, std::string_view more_fields = "") {
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + std::string(more_fields) +
         "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

/// Answers every request of a connection with the same bytes.
inline TcpProvider::Script always(std::string answer) {
  return [answer = std::move(answer)](ProviderConnection& connection) {
    while (!connection.read_request().empty() && connection.send(answer)) {
    }
  };
}

}  // namespace routerone::test
