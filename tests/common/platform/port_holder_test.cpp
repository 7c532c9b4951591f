#include "common/platform/port_holder.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/platform/descriptor.h"

namespace routerone {
namespace {

struct Listener {
  Descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;

  Listener() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(socket.get(), 1) == 0);
    REQUIRE(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
    port = ntohs(at.sin_port);
  }
};

#ifdef __linux__
TEST_CASE("who holds a port is told by program, process and user") {
  const Listener ours;
  const PortHolder holder = find_port_holder("127.0.0.1", ours.port);
  CHECK(holder.pid == ::getpid());
  CHECK(std::string("test_common_platform").starts_with(holder.program));
  CHECK_FALSE(holder.user.empty());
  CHECK(describe(holder) ==
        holder.program + " (pid " + std::to_string(::getpid()) + ", user " + holder.user + ")");
}
#endif

TEST_CASE("of a port that nobody holds nothing is known") {
  std::uint16_t port = 0;
  {
    const Listener gone;
    port = gone.port;
  }
  const PortHolder holder = find_port_holder("127.0.0.1", port);
  CHECK_FALSE(holder.pid);
  CHECK(holder.user.empty());
}

TEST_CASE("another user's program is told as far as it is known, and cannot steer a terminal") {
  CHECK(describe({"postgres", std::nullopt, ""}) == "a program of user postgres");
  CHECK(describe({}) == "another program");
  CHECK(describe({"me", 7, "evil\x1b[2J"}).find('\x1b') == std::string::npos);
}

TEST_CASE("a port is looked at without being kept") {
  const Listener ours;
  CHECK(look_at_port("127.0.0.1", ours.port) == PortState::taken);
  CHECK(look_at_port("localhost", ours.port) == PortState::taken);
  std::uint16_t port = 0;
  {
    const Listener gone;
    port = gone.port;
  }
  CHECK(look_at_port("127.0.0.1", port) == PortState::free);
  CHECK(look_at_port("127.0.0.1", port) == PortState::free);
  CHECK(look_at_port("127.0.0.1", 0) == PortState::free);
  CHECK(look_at_port("192.0.2.1", port) == PortState::absent);
  CHECK(look_at_port("no address", port) == PortState::absent);
}

}  // namespace
}  // namespace routerone
