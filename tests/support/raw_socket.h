#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace routerone::test {

/// A listening loopback socket on a port of the system's choice.
class Listening {
 public:
  Listening() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof at);
    ::listen(fd_, 64);
    socklen_t size = sizeof at;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  ~Listening() { ::close(fd_); }

  int accept() { return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC); }
  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

/// How a connection stands after the last read.
enum class Fate {
  open,
  closed,  ///< An orderly end.
  reset,
  silent,  ///< Nothing came within the patience of a test.
};

/// One answer as it stood on the wire.
struct WireAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< Names in lower case.
  std::string body;
  bool whole = false;  ///< The body ended as its head promised.

  std::string field(std::string_view name) const {
    for (const auto& [known, value] : fields) {
      if (known == name) return value;
    }
    return "";
  }
};

/// A loopback caller that sends any bytes it likes. Blocking, with a patience far beyond what any
/// test needs, so that a broken server fails a test instead of hanging it.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port, int receive_buffer = 0)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) close();
  }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  ~RawSocket() { close(); }

  bool connected() const { return fd_ >= 0; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void half_close() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }

  /// One more read into what has come; the fate tells if there was none.
  Fate read_some() {
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, patience_ms) <= 0) return fate_ = Fate::silent;
    char bytes[16384];
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got > 0) {
      in_.append(bytes, static_cast<std::size_t>(got));
      return fate_ = Fate::open;
    }
    return fate_ = got == 0 ? Fate::closed : Fate::reset;
  }

  /// Everything until the connection ends.
  std::string read_all() {
    while (read_some() == Fate::open) continue;
    return std::exchange(in_, {});
  }

  /// Reads until `text` has come; false: it never did.
  bool read_until(std::string_view text) {
    while (in_.find(text) == std::string::npos) {
      if (read_some() != Fate::open) return false;
    }
    return true;
  }

  /// The next answer; interim ones (1xx) count as one without a body. `to_head`: has no body.
  WireAnswer read_answer(bool to_head = false) {
    WireAnswer answer;
    if (!read_until("\r\n\r\n")) return answer;
    const std::size_t end = in_.find("\r\n\r\n") + 4;
    read_head(std::string_view(in_).substr(0, end - 2), answer);
    in_.erase(0, end);
    const bool bodiless = to_head || answer.status < 200 || answer.status == 204;
    if (bodiless) {
      answer.whole = true;
    } else if (answer.field("transfer-encoding") == "chunked") {
      read_chunks(answer);
    } else if (const std::string length = answer.field("content-length"); !length.empty()) {
      const std::size_t size = std::stoul(length);
      while (in_.size() < size && read_some() == Fate::open) continue;
      answer.whole = in_.size() >= size;
      answer.body = in_.substr(0, size);
      in_.erase(0, answer.body.size());
    } else {
      answer.body = read_all();
      answer.whole = fate_ == Fate::closed;
    }
    return answer;
  }

  Fate fate() const { return fate_; }
  const std::string& unread() const { return in_; }
  void forget(std::size_t bytes) { in_.erase(0, bytes); }

 private:
  static constexpr int patience_ms = 20'000;

  static void read_head(std::string_view head, WireAnswer& answer) {
    answer.status = std::atoi(std::string(head.substr(0, 12)).c_str() + 9);
    for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
      const std::size_t end = head.find("\r\n", at);
      const std::string_view line = head.substr(at, end - at);
      const std::size_t colon = line.find(": ");
      std::string name(line.substr(0, colon));
      for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      answer.fields.emplace_back(std::move(name), std::string(line.substr(colon + 2)));
      at = end + 2;
    }
  }

  void read_chunks(WireAnswer& answer) {
    for (;;) {
      if (!read_until("\r\n")) return;
      const std::size_t line = in_.find("\r\n") + 2;
      const std::size_t size = std::stoul(in_, nullptr, 16);
      while (in_.size() < line + size + 2) {
        if (read_some() != Fate::open) break;
      }
      answer.body += in_.substr(line, size);
      if (in_.size() < line + size + 2) return;
      in_.erase(0, line + size + 2);
      if (size == 0) {
        answer.whole = true;
        return;
      }
    }
  }

  int fd_;
  Fate fate_ = Fate::open;
  std::string in_;
};

}  // namespace routerone::test
