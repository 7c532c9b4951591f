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
  TcpBlackHole() : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    at_.sin_family = AF_INET;
    at_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
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
