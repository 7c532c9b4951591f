#include <doctest/doctest.h>

#include <atomic>
#include <string>

#include "daemon/net/resume.h"
#include "tests/support/http_server.h"
#include "tests/support/raw_socket.h"

using namespace routerone;
using namespace routerone::test;

namespace {

const std::string opening = "GET /up HTTP/1.1\r\nHost: h\r\nUpgrade: echo\r\n\r\n";

/// Says back what comes, until it hears `end`, the caller leaves or the server drains.
struct Echo final : http::ByteTaker {
  explicit Echo(http::Exchange& of)
      : exchange(of), gone(of.gone(), [this] {
          left = true;
          news.now();
        }) {}
  ~Echo() override { exchange.upgrade()->stop_taking(); }

  void take(std::string_view bytes) override {
    heard.append(bytes);
    news.now();
  }
  void drain() override {
    drained = true;
    news.now();
  }

  net::Task<void> run() {
    http::AnswerHead head;
    head.status = 101;
    head.fields.push_back({"upgrade", "echo"});
    const bool open = co_await exchange.upgrade()->open(head, *this);
    while (open && !left && !drained && heard.find("end") == std::string::npos) {
      if (said == heard.size()) co_await news.wait();
      const std::string more = heard.substr(said);
      said = heard.size();
      if (!more.empty() && !left) co_await exchange.write(more);
    }
    const std::string last = drained ? "drained" : "";
    if (!left) co_await exchange.write(last);
  }

  http::Exchange& exchange;
  net::Resume news;
  net::StopSignal::Listener gone;
  std::string heard;
  std::size_t said = 0;
  bool left = false, drained = false;
};

struct EchoHandler final : http::Handler {
  net::Task<void> handle(http::Exchange& exchange) override {
    if (exchange.head().path != "/up") co_return co_await ScriptedHandler::echo(exchange);
    Echo echo(exchange);
    co_await echo.run();
    (echo.left ? left : ended) += 1;
    taken += echo.heard.size();
  }
  http::Answer refuse(const http::ProtocolFault&, const http::RequestHead*) override { return {}; }

  std::atomic<int> left{0}, ended{0};
  std::atomic<std::size_t> taken{0};
};

template <class Condition>
void await(const Condition& condition) {
  for (int i = 0; i < 20'000 && !condition(); ++i) std::this_thread::sleep_for(Millis(1));
  CHECK(condition());
}

}  // namespace

TEST_CASE("after 101 the bytes are the other protocol's, both ways, until the handler has done") {
  EchoHandler handler;
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(opening + "right behind;");
  const WireAnswer answer = caller.read_answer();
  CHECK(answer.status == 101);
  CHECK(answer.field("connection") == "Upgrade");
  CHECK(answer.field("transfer-encoding") == "");
  CHECK(answer.field("content-length") == "");
  CHECK(caller.read_until("right behind;"));
  caller.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(caller.read_until("GET / HTTP/1.1\r\n\r\n"));
  caller.send("end");
  caller.read_all();
  CHECK(caller.fate() == Fate::closed);
  CHECK(handler.ended == 1);
}

TEST_CASE("much at once arrives whole, also what came before the 101 had gone out") {
  EchoHandler handler;
  HttpServer server(handler);
  RawSocket caller(server.port());
  std::string much(200'000, 'x');
  std::thread sender([&] { caller.send(opening + much + "end"); });
  sender.join();
  CHECK(caller.read_answer().status == 101);
  caller.read_all();
  await([&] { return handler.ended == 1; });
  CHECK(handler.taken == much.size() + 3);
}

TEST_CASE("an end of the caller's bytes is its leaving, half closed or whole") {
  EchoHandler handler;
  HttpServer server(handler);
  {
    RawSocket half(server.port());
    half.send(opening);
    CHECK(half.read_answer().status == 101);
    half.half_close();
    await([&] { return handler.left == 1; });
    RawSocket gone(server.port());
    gone.send(opening);
    CHECK(gone.read_answer().status == 101);
    gone.reset();
    await([&] { return handler.left == 2; });
    RawSocket early(server.port());
    early.send(opening + "x");
    early.half_close();
    await([&] { return handler.left == 3; });
  }
  await([&] { return server.sessions() == 0; });
}

TEST_CASE("a drain is told to who speaks on the connection") {
  EchoHandler handler;
  HttpServer server(handler);
  RawSocket caller(server.port());
  caller.send(opening);
  CHECK(caller.read_answer().status == 101);
  server.drain();
  CHECK(caller.read_until("drained"));
  caller.close();
  await([&] { return server.sessions() == 0; });
}

TEST_CASE("a share of the body budget counts while it is held, and says when it is too much") {
  http::BodyBudget budget;
  budget.limit = 100;
  http::BodyShare one(&budget);
  CHECK(one.set(60));
  {
    http::BodyShare other(&budget);
    CHECK_FALSE(other.set(50));
    CHECK(budget.used == 110);
    CHECK(one.set(40));
    CHECK(other.set(60));
    CHECK(budget.used == 100);
  }
  CHECK(budget.used == 40);
  http::BodyShare unlimited(nullptr);
  CHECK(unlimited.set(1u << 30));
}
