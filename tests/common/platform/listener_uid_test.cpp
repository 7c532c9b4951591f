#include "common/platform/listener_uid.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/platform/descriptor.h"

namespace routerone {
namespace {

#ifdef __linux__
struct Listener {
  Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;

  explicit Listener(std::uint32_t address) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(address);
    socklen_t size = sizeof at;
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(socket.get(), 1) == 0);
    REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port = ntohs(at.sin_port);
  }
};

TEST_CASE("who listens at an address is told, there or at all addresses") {
  for (const std::uint32_t address : {INADDR_LOOPBACK, INADDR_ANY}) {
    const Listener ours(address);
    CHECK(listener_uid("127.0.0.1", ours.port, ::getuid()) == ::getuid());
    CHECK(listener_uid("127.0.0.1", ours.port, 12345) == ::getuid());
  }
}

TEST_CASE("where nobody listens nobody is told") {
  std::uint16_t port = 0;
  {
    const Listener gone(INADDR_LOOPBACK);
    port = gone.port;
  }
  CHECK_FALSE(listener_uid("127.0.0.1", port, ::getuid()));
  CHECK_FALSE(listener_uid("::1", port, ::getuid()));
  CHECK_FALSE(listener_uid("not an address", port, ::getuid()));
}
#endif

}  // namespace
}  // namespace routerone
