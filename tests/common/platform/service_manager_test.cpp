#include "common/platform/service_manager.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "tests/support/temp_dir.h"

namespace routerone {
namespace {

/// A service manager's ear: a datagram socket of that name.
class Ear {
 public:
  explicit Ear(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, name.data(), name.size());
    if (name.front() == '@') at.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), size) == 0);
  }
  /// What was said last, once; `nothing` if nothing was.
  std::string heard() {
    std::array<char, 4096> text{};
    const auto got = ::recv(socket_.get(), text.data(), text.size(), 0);
    return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
  }

 private:
  Descriptor socket_;
};

Descriptor listening_socket() {
  Descriptor made(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(made.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(::listen(made.get(), 1) == 0);
  return made;
}

/// That socket at a descriptor of our choice, as a parent passes it on.
Descriptor placed_at(int number, const Descriptor& what) {
  REQUIRE(::dup2(what.get(), number) == number);
  return Descriptor(number);
}

constexpr int place = 200;  // above whatever the test program has open

TEST_CASE("readiness, the end and each sign of life are told to the manager's socket") {
  const test::TempDir folder;
  for (const std::string& name :
       {(folder.path() / "notify").string(),
        std::string("@routerone-test-") + folder.path().stem().string()}) {
    CAPTURE(name);
    Ear ear(name);
    const ServiceNotifier notifier(name);
    notifier.ready("answers");
    CHECK(ear.heard() == "READY=1\nSTATUS=answers");
    notifier.alive();
    CHECK(ear.heard() == "WATCHDOG=1");
    notifier.stopping("bye");
    CHECK(ear.heard() == "STOPPING=1\nSTATUS=bye");
    CHECK(ear.heard() == "nothing");
  }
}

TEST_CASE("a status cannot forge another message") {
  const test::TempDir folder;
  const std::string name = (folder.path() / "notify").string();
  Ear ear(name);
  ServiceNotifier(name).ready("fine\nMAINPID=1");
  const std::string heard = ear.heard();
  CHECK(heard.starts_with("READY=1\nSTATUS=fine"));
  CHECK(heard.find("\nMAINPID") == std::string::npos);
}

TEST_CASE("where nobody listens nothing happens, and nothing waits") {
  const test::TempDir folder;
  for (const std::string& name : {std::string(), std::string("relative"), std::string("/"),
                                  (folder.path() / "gone").string(), std::string(300, '/')}) {
    const ServiceNotifier notifier(name);
    notifier.ready("x");
    notifier.alive();
  }
  const std::string name = (folder.path() / "deaf").string();
  Ear deaf(name);
  const ServiceNotifier notifier(name);
  for (int i = 0; i < 10'000; ++i) notifier.alive();  // many times what its queue holds
}

TEST_CASE("what a manager says holds for the process it means") {
  const Environment said = {{"NOTIFY_SOCKET", "/run/notify"},
                            {"WATCHDOG_USEC", "15000000"},
                            {"WATCHDOG_PID", "42"},
                            {"LISTEN_FDS", "2"},
                            {"LISTEN_PID", "42"},
                            {"SYSTEMD_EXEC_PID", "42"}};
  const auto ours = ServiceManager::of(said, 42);
  CHECK(ours.notify_socket == "/run/notify");
  CHECK(ours.watchdog == Millis(15'000));
  CHECK(ours.sockets == 2);
  CHECK(ours.started_us);
  const auto another = ServiceManager::of(said, 43);
  CHECK_FALSE(another.watchdog);
  CHECK(another.sockets == 0);
  CHECK_FALSE(another.started_us);
  const auto none = ServiceManager::of({}, 42);
  CHECK(none.notify_socket.empty());
  CHECK_FALSE(none.watchdog);
  CHECK(none.sockets == 0);
}

TEST_CASE("numbers that are none, or beyond reason, do no harm") {
  for (const std::string usec : {"", "0", "-1", "x", "99999999999999999999999"}) {
    CAPTURE(usec);
    CHECK_FALSE(ServiceManager::of({{"WATCHDOG_USEC", usec}}, 1).watchdog);
  }
  CHECK(ServiceManager::of({{"LISTEN_FDS", "4000000000"}, {"LISTEN_PID", "1"}}, 1).sockets == 16);
  CHECK(ServiceManager::of({{"LISTEN_FDS", "x"}, {"LISTEN_PID", "1"}}, 1).sockets == 0);
}

TEST_CASE("sockets that came with us are taken, and kept from programs we start") {
  const Descriptor one = listening_socket();
  Descriptor first = placed_at(place, one), second = placed_at(place + 1, one);
  (void)first.release();
  (void)second.release();
  auto taken = passed_sockets(2, place);
  REQUIRE(taken);
  REQUIRE(taken->size() == 2);
  CHECK((*taken)[0].get() == place);
  CHECK((::fcntl(place + 1, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(passed_sockets(0, place)->empty());
}

TEST_CASE("a passed descriptor that does not listen on TCP is refused by its number") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const Descriptor reading(ends[0]), writing(ends[1]);
  const Descriptor unconnected(::socket(AF_INET, SOCK_STREAM, 0));
  const Descriptor datagrams(::socket(AF_INET, SOCK_DGRAM, 0));
  for (const Descriptor* wrong : {&reading, &unconnected, &datagrams}) {
    const Descriptor kept = placed_at(place, *wrong);
    const auto refused = passed_sockets(1, place);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("200") != std::string::npos);
  }
  CHECK_FALSE(passed_sockets(1, 250));  // there is none
}

}  // namespace
}  // namespace routerone
