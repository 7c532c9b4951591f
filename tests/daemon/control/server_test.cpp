#include "daemon/control/server.h"

#include <doctest/doctest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "tests/daemon/control/plane_fixture.h"

namespace routerone {
namespace {

using test::fault_of;
using test::PlaneWorld;
using test::says;

mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

/// One call as an older or broken client might make it.
httplib::Result post(const PlaneWorld& world, const std::string& path, const std::string& body,
                     const std::string& version = std::to_string(control::contract_version)) {
  httplib::Client http(world.paths.control_socket().string(), 80);
  http.set_address_family(AF_UNIX);
  httplib::Headers fields;
  if (!version.empty()) fields.emplace(control::contract_field, version);
  return http.Post(path, fields, body, "application/json");
}

Error error_of(const httplib::Result& answer) {
  return control::read_error(answer->status, answer->body);
}

TEST_CASE("the socket is its owner's alone, in a folder that is its owner's alone") {
  const PlaneWorld world;
  CHECK(mode_of(world.paths.control_socket()) == 0600);
  CHECK(mode_of(world.paths.runtime_dir) == 0700);
}

TEST_CASE("what the control plane writes is its owner's alone") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  CHECK(mode_of(world.paths.control_file()) == 0600);
  CHECK(mode_of(world.paths.pepper()) == 0600);
}

TEST_CASE("the socket goes with the control plane, and one that was left is replaced") {
  PlaneWorld world;
  world.plane.reset();
  CHECK_FALSE(std::filesystem::exists(world.paths.control_socket()));
  CHECK(fault_of(world.client.status()).starts_with("not_running"));
  const int left = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  world.paths.control_socket().string().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(left);
  world.start();
  CHECK(world.client.status());
}

TEST_CASE("a file in the socket's place is somebody's and stays") {
  PlaneWorld world;
  world.plane.reset();
  std::ofstream(world.paths.control_socket()) << "mine";
  const auto started = world.try_start();
  REQUIRE_FALSE(started);
  CHECK(started.error().kind == ErrorKind::conflict);
  CHECK(std::filesystem::is_regular_file(world.paths.control_socket()));
}

TEST_CASE("control data that cannot be read stops the start and is not overwritten") {
  PlaneWorld world;
  world.plane.reset();
  std::ofstream(world.paths.control_file()) << "{ not json";
  CHECK_FALSE(world.try_start());
  std::ifstream in(world.paths.control_file());
  CHECK(std::string(std::istreambuf_iterator<char>(in), {}) == "{ not json");
}

TEST_CASE("another version of the contract is told so, but may ask for status and an end") {
  PlaneWorld world;
  for (const char* version : {"0", "2", "999", "", "x"}) {
    CAPTURE(version);
    const auto refused = post(world, control::path::key_list, R"({"all":true})", version);
    REQUIRE(refused);
    CHECK(error_of(refused).kind == ErrorKind::conflict);
    CHECK(says(error_of(refused).hint, "routerone restart"));
    const auto status = post(world, control::path::status, "{}", version);
    REQUIRE(status);
    CHECK(status->status == 200);
  }
  CHECK(post(world, control::path::shutdown, "{}", "0")->status == 200);
  CHECK(world.shutdowns == 1);
}

TEST_CASE("what is no call is refused in the contract's own words, and the next one is answered") {
  PlaneWorld world;
  CHECK(error_of(post(world, "/no/such", "{}")).kind == ErrorKind::not_found);
  for (const char* body :
       {"", "{", "nul", "[]", "7", "\"x\"", R"({"name":7})", R"({"nmae":"x"})"}) {
    CAPTURE(body);
    const auto answer = post(world, control::path::key_show, body);
    REQUIRE(answer);
    CHECK(error_of(answer).kind == ErrorKind::invalid);
  }
  const std::string deep = std::string(5'000, '[') + std::string(5'000, ']');
  CHECK(error_of(post(world, control::path::key_show, deep)).kind == ErrorKind::invalid);
  CHECK(world.client.status());
}

TEST_CASE("the status tells how the daemon is, without a secret or a prompt") {
  PlaneWorld world;
  REQUIRE(world.create_key("ci"));
  const auto status = world.client.status();
  REQUIRE(status);
  CHECK((*status)["running"] == true);
  CHECK((*status)["pid"] == 4711);
  CHECK((*status)["requests"] == 3);
  CHECK((*status)["keys"] == 1);
  CHECK((*status)["listening"] == Json::array({"127.0.0.1:7411"}));
  CHECK((*status)["contract"] == control::contract_version);
  CHECK((*status)["store"]["writable"] == true);
}

TEST_CASE("calls of many threads at once are all done, one change after the other") {
  PlaneWorld world;
  constexpr int threads = 8;
  std::vector<std::thread> callers;
  std::atomic<int> made{0};
  for (int i = 0; i < threads; ++i) {
    callers.emplace_back([&, i] {
      for (int n = 0; n < 4; ++n) {
        const auto name = "k" + std::to_string(i) + "-" + std::to_string(n);
        made += world.create_key(name) ? 1 : 0;
      }
    });
  }
  for (auto& caller : callers) caller.join();
  CHECK(made == threads * 4);
  CHECK(world.client.list_keys(false)->size() == threads * 4);
  world.start();
  CHECK(world.client.list_keys(false)->size() == threads * 4);
}

}  // namespace
}  // namespace routerone
