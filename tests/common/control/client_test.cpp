#include "common/control/client.h"

#include <doctest/doctest.h>
#include <httplib.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "common/control/contract.h"
#include "tests/support/temp_dir.h"

namespace routerone::control {
namespace {

/// A daemon of one answer, on a real Unix socket.
class FakeDaemon {
 public:
  FakeDaemon(const std::filesystem::path& socket, int status, std::string answer,
             std::string version = std::to_string(contract_version)) {
    server_.set_address_family(AF_UNIX);
    server_.Post("/.*", [this, status, answer, version](const httplib::Request& request,
                                                        httplib::Response& response) {
      seen_path = request.path;
      seen_body = request.body;
      seen_version = request.get_header_value(contract_field);
      response.status = status;
      if (!version.empty()) response.set_header(contract_field, version);
      response.set_content(answer, "application/json");
    });
    REQUIRE(server_.bind_to_port(socket.string(), 80));
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~FakeDaemon() {
    server_.stop();
    thread_.join();
  }

  std::string seen_path, seen_body, seen_version;

 private:
  httplib::Server server_;
  std::thread thread_;
};

TEST_CASE("a call says its path, its wish and its contract version") {
  test::TempDir dir;
  const auto socket = dir.path() / "control.sock";
  FakeDaemon daemon(socket, 200, R"({"schema":1,"name":"ci"})");
  KeyWish wish;
  wish.name = "ci";
  const auto got = Client(socket).create_key(wish);
  REQUIRE(got);
  CHECK((*got)["name"] == "ci");
  CHECK(daemon.seen_path == path::key_create);
  CHECK(daemon.seen_body == R"({"name":"ci"})");
  CHECK(daemon.seen_version == std::to_string(contract_version));
}

TEST_CASE("the daemon's error comes out as it went in") {
  test::TempDir dir;
  const auto socket = dir.path() / "control.sock";
  const Error told{ErrorKind::not_found, "there is no key \"ci\"", "routerone keys list"};
  FakeDaemon daemon(socket, status_of(told.kind), write_error(told));
  const auto got = Client(socket).show_key("ci");
  REQUIRE_FALSE(got);
  CHECK(got.error().kind == told.kind);
  CHECK(got.error().message == told.message);
  CHECK(got.error().hint == told.hint);
}

TEST_CASE("no socket, or a socket nobody listens on, is a daemon that is not running") {
  test::TempDir dir;
  const auto socket = dir.path() / "control.sock";
  const auto absent = Client(socket).status();
  REQUIRE_FALSE(absent);
  CHECK(absent.error().kind == ErrorKind::not_running);
  CHECK(absent.error().hint == "routerone up");

  { FakeDaemon gone(socket, 200, "{}"); }
  REQUIRE(std::filesystem::exists(socket));
  const auto stale = Client(socket).status();
  REQUIRE_FALSE(stale);
  CHECK(stale.error().kind == ErrorKind::not_running);
}

TEST_CASE("what stands in the socket's place and is no socket is not spoken to") {
  test::TempDir dir;
  const auto socket = dir.path() / "control.sock";
  std::ofstream(socket) << "x";
  const auto got = Client(socket).status();
  REQUIRE_FALSE(got);
  CHECK(got.error().kind == ErrorKind::unauthorized);
}

TEST_CASE("another contract version says restart, but status and shutdown still work") {
  test::TempDir dir;
  const auto socket = dir.path() / "control.sock";
  for (const char* version : {"999", ""}) {
    FakeDaemon daemon(socket, 200, "{}", version);
    const auto got = Client(socket).list_keys(false);
    REQUIRE_FALSE(got);
    CHECK(got.error().hint.find("routerone restart") != std::string::npos);
    CHECK(Client(socket).status());
    CHECK(Client(socket).shutdown());
    std::filesystem::remove(socket);
  }
}

TEST_CASE("an answer that is not JSON is an error") {
  test::TempDir dir;
  const auto socket = dir.path() / "control.sock";
  FakeDaemon daemon(socket, 200, "hello");
  const auto got = Client(socket).status();
  REQUIRE_FALSE(got);
  CHECK(got.error().kind == ErrorKind::internal);
}

}  // namespace
}  // namespace routerone::control
