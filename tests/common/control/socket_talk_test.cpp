#include "common/control/socket_talk.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <functional>
#include <thread>

#include "common/control/client.h"
#include "common/control/contract.h"
#include "tests/support/temp_dir.h"

namespace routerone::control {
namespace {

/// Listens on a real Unix socket and says these pieces to the first who calls, whatever he wants.
class Scripted {
 public:
  Scripted(const std::filesystem::path& socket, std::vector<std::string> pieces, bool close = true)
      : listening_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    REQUIRE(::listen(listening_.get(), 1) == 0);
    thread_ = std::thread([this, pieces = std::move(pieces), close] {
      caller_ = Descriptor(::accept(listening_.get(), nullptr, nullptr));
      char part[4096];
      heard_.assign(part, static_cast<std::size_t>(
                              std::max<ssize_t>(0, ::recv(caller_.get(), part, sizeof part, 0))));
      for (const std::string& piece : pieces) send_all(caller_.get(), piece);
      if (close) caller_.reset();
    });
  }
  ~Scripted() { thread_.join(); }
  std::string heard() {
    thread_.join();
    thread_ = std::thread([] {});
    return heard_;
  }

 private:
  Descriptor listening_, caller_;
  std::thread thread_;
  std::string heard_;
};

Result<PostAnswer> answer_to(std::vector<std::string> pieces, bool close = true) {
  test::TempDir dir;
  const auto socket = dir.path() / "s";
  Scripted daemon(socket, std::move(pieces), close);
  return post(socket, "/keys/list", "{}", {Millis(5'000), Millis(50)});
}

TEST_CASE("a call is one POST that says how long it is and that nothing follows") {
  test::TempDir dir;
  const auto socket = dir.path() / "s";
  Scripted daemon(socket, {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
  REQUIRE(post(socket, "/keys/list", R"({"all":true})", {}));
  const std::string heard = daemon.heard();
  CHECK(heard.starts_with("POST /keys/list HTTP/1.1\r\n"));
  CHECK(heard.find("\r\nContent-Length: 12\r\n") != heard.npos);
  CHECK(heard.find("\r\nConnection: close\r\n") != heard.npos);
  CHECK(heard.ends_with("\r\n\r\n{\"all\":true}"));
}

TEST_CASE("an answer is put together of whatever pieces it comes in") {
  const std::string body(200'000, 'x');
  const std::string whole =
      "HTTP/1.1 404 Not Found\r\nROUTERONE-contract:  7 \r\ncontent-length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  for (const std::size_t cut : {1u, 14u, 30u, 75u, 90'000u}) {
    const auto got = answer_to({whole.substr(0, cut), whole.substr(cut)});
    REQUIRE(got);
    CHECK(got->status == 404);
    CHECK(got->contract == "7");
    CHECK(got->body == body);
  }
}

TEST_CASE("half an answer is one that went away, silence too") {
  for (const char* half :
       {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\":"})
    for (const bool close : {true, false}) {
      const auto got = answer_to({half}, close);
      REQUIRE_FALSE(got);
      CHECK(got.error().kind == ErrorKind::unavailable);
    }
}

TEST_CASE("what is no answer of ours is said to be none") {
  for (const std::string& other :
       {std::string("SSH-2.0-x\r\n\r\n"), std::string("HTTP/1.1 200 OK\r\n\r\nno length"),
        std::string("HTTP/1.1 abc\r\nContent-Length: 1\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n" + std::string(),
        "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x')}) {
    const auto got = answer_to({other});
    REQUIRE_FALSE(got);
    CHECK(got.error().kind == ErrorKind::internal);
  }
}

TEST_CASE("a daemon whose queue is full is there, and takes no call") {
  test::TempDir dir;
  const auto socket = dir.path() / "s";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  const Descriptor listening(::socket(AF_UNIX, SOCK_STREAM, 0));
  REQUIRE(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
          0);
  REQUIRE(::listen(listening.get(), 0) == 0);
  const Patience little{Millis(20), Millis(20)};
  std::vector<Result<Descriptor>> calls;
  while (calls.empty() || (calls.back() && calls.size() < 100))
    calls.push_back(connect_to(socket, little));
  REQUIRE_FALSE(calls.back());
  CHECK(calls.back().error().kind == ErrorKind::unavailable);
}

TEST_CASE("completion and status bars do not wait for a daemon that is busy with something else") {
  test::TempDir dir;
  const auto socket = dir.path() / "s";
  const Client client(socket);
  for (const auto& ask : std::initializer_list<std::function<Result<Json>()>>{
           [&] {
             return client.names({"key", ""});
           },
           [&] { return client.statusline({}); }}) {
    const Scripted daemon(socket, {}, false);
    const auto got = ask();
    REQUIRE_FALSE(got);
    CHECK(got.error().kind == ErrorKind::unavailable);
    std::filesystem::remove(socket);
  }
}

}  // namespace
}  // namespace routerone::control
