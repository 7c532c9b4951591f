#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace routerone::test {

/// Listens, but its queue is full: what comes now gets no answer at all.
class TcpBlackHole {
 public:
  explicit TcpBlackHole(const char* address = "127.0.0.1", std::uint16_t port = 0)
      : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    at_.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &at_.sin_addr);
    at_.sin_port = htons(port);
    const int yes = 1;
    ::setsockopt(listening_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    ::bind(listening_, reinterpret_cast<const sockaddr*>(&at_), sizeof at_);
    ::listen(listening_, 0);
    socklen_t size = sizeof at_;
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&at_), &size);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      ::connect(filler, reinterpret_cast<const sockaddr*>(&at_), sizeof at_);
    }
  }
  TcpBlackHole(const TcpBlackHole&) = delete;
  TcpBlackHole& operator=(const TcpBlackHole&) = delete;
  ~TcpBlackHole() {
    for (const int filler : fillers_) ::close(filler);
    ::close(listening_);
  }
  std::uint16_t port() const { return ntohs(at_.sin_port); }

 private:
  int listening_;
  sockaddr_in at_{};
  std::array<int, 4> fillers_{};
};

}  // namespace routerone::test
