#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <sys/socket.h>

#include <fstream>
#include <thread>

#include "cli/commands/parser.h"
#include "cli/commands/port_proof.h"
#include "cli/commands/receipt.h"
#include "common/platform/descriptor.h"
#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::Home;
using test::Ran;
using test::run_cli;

TEST_CASE("what stands behind -- is the program's, whatever it looks like") {
  const auto parsed =
      parse({"run", "--max-spend", "2", "--", "agent", "--max-spend", "9", "-p", "--", "--json"});
  REQUIRE(parsed);
  CHECK(parsed->values.at("CMD") ==
        std::vector<std::string>{"agent", "--max-spend", "9", "-p", "--", "--json"});
  CHECK(parsed->values.at("max-spend") == std::vector<std::string>{"2"});
  CHECK_FALSE(parsed->values.contains("json"));
}

TEST_CASE("a run needs a program, and does not take the program's options for its own") {
  const Home home;
  CHECK(run_cli({"run"}).code == 2);
  CHECK(run_cli({"run", "--"}).code == 2);
  const Ran ran = run_cli({"run", "agent", "-p", "hello"});
  CHECK(ran.code == 2);
  CHECK(ran.err.find("run has no option -p") != std::string::npos);
}

TEST_CASE("help shows where the options stand: before the program's own words") {
  const Ran ran = run_cli({"run", "--help"});
  CHECK(ran.out.find("\nusage: routerone run [OPTION..] -- CMD [ARG..]\n") != std::string::npos);
}

TEST_CASE("a program that is not there or cannot be run is told before a key is made") {
  const Home home;
  CHECK(run_cli({"run", "--", "there-is-no-such-program"}).code == 127);
  const auto plain = home.path() / "plain";
  std::ofstream(plain) << "text";
  const Ran ran = run_cli({"run", "--", plain.string()});
  CHECK(ran.code == 126);
  CHECK(ran.err.find("plain") != std::string::npos);
}

/// Answers each connection at a port of its own with the same words.
class Squatter {
 public:
  explicit Squatter(std::string words) : words_(std::move(words)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    REQUIRE(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
    REQUIRE(::listen(socket_.get(), 4) == 0);
    REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
    address = "127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~Squatter() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  Squatter(const Squatter&) = delete;
  Squatter& operator=(const Squatter&) = delete;

  std::string address;
  std::string asked;  ///< Once the caller has its answer.

 private:
  void serve() {
    for (;;) {
      const Descriptor caller(::accept(socket_.get(), nullptr, nullptr));
      if (!caller) return;
      char part[1024];
      const auto got = ::recv(caller.get(), part, sizeof part, 0);
      asked.assign(part, got > 0 ? static_cast<std::size_t>(got) : 0);
      (void)::send(caller.get(), words_.data(), words_.size(), MSG_NOSIGNAL);
    }
  }

  std::string words_;
  Descriptor socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::thread thread_;
};

TEST_CASE("a port is trusted for the right answer alone") {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  const Squatter right(head + R"({"answer":"xyz"})");
  CHECK(prove_port(right.address, "abc", "xyz"));
  CHECK(right.asked.starts_with("GET /routerone/proof/abc HTTP/1.1\r\n"));
  for (const std::string& words :
       {head + R"({"answer":"abc"})", head + R"({"answer":""})", head + R"({"answer":7})",
        head + "[]", head + "xyz", std::string("xyz"), std::string(),
        std::string("HTTP/1.1 404 Not Found\r\n\r\n{\"answer\":\"xyz\"}")}) {
    CAPTURE(words);
    const Squatter wrong(words);
    const Status proved = prove_port(wrong.address, "abc", "xyz");
    REQUIRE_FALSE(proved);
    CHECK(proved.error().kind == ErrorKind::unauthorized);
  }
  CHECK_FALSE(prove_port(Squatter(head + R"({"answer":""})").address, "abc", ""));
}

TEST_CASE("where nobody answers no key goes") {
  std::string address;
  { address = Squatter("").address; }
  const Status proved = prove_port(address, "abc", "xyz");
  REQUIRE_FALSE(proved);
  CHECK(proved.error().message.find("no key was given away") != std::string::npos);
}

std::string printed(const char* receipt) {
  std::FILE* const out = std::tmpfile();
  std::FILE* const err = std::tmpfile();
  REQUIRE(out);
  REQUIRE(err);
  Output output(out, err, {});
  print_receipt(output, Json::parse(receipt));
  std::fclose(out);
  return test::content_of(err);
}

TEST_CASE("a receipt tells a person what it cost, by model, and what is left") {
  CHECK(printed(R"({"name":"agent-1","requests":3,"input_tokens":20,"cache_read_tokens":80,
        "cache_write_tokens":0,"cache_hit_percent":80,"output_tokens":1500,"cost_usd":"0.420000",
        "unknown_cost_requests":1,"fallbacks":1,"refusals":2,
        "models":[{"model":"lab/large","requests":1,"output_tokens":5,"cost_usd":"0.420000"}],
        "budget":{"limit":{"usd":"2.000000"},"left_usd":"1.580000","spent_usd":"0.420000",
                  "running":0}})") ==
        "run agent-1: 3 requests, $0.42 and 1 of unknown cost, 100 tokens in (80% from cache), "
        "1500 out\n"
        "  lab/large: 1 request, $0.42, 0 tokens in, 5 out\n"
        "  1 fallback, 2 refusals\n"
        "  left: $1.58 of $2.00; spent in all: $0.42\n");
}

TEST_CASE("a receipt of nothing is one line, and a name cannot write on the terminal") {
  CHECK(printed(R"({"name":"a\u001b[2Jb","requests":0,"cost_usd":"0.000000","output_tokens":0})")
            .find('\x1b') == std::string::npos);
  CHECK(printed(R"({"name":"a","requests":0,"cost_usd":"0.000000"})") ==
        "run a: 0 requests, $0.00, 0 tokens in, 0 out\n");
}

}  // namespace
}  // namespace routerone::cli
