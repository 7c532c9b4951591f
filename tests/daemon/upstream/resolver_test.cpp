#include <doctest/doctest.h>

#include <atomic>

#include "tests/support/manual_clock.h"
#include "tests/support/tcp_provider.h"
#include "tests/support/test_loop.h"

namespace routerone::test {
namespace {

using namespace std::chrono_literals;
using boost::asio::ip::make_address;
using upstream::Addresses;
using upstream::FaultKind;

/// A resolver whose answers and time a test decides.
class Book {
 public:
  /// What the resolver says, once it has said it.
  Addresses ask(const std::string& host) {
    bool said = false;
    Addresses answer;
    shared_.resolver.resolve(loop_, host, [&](Addresses addresses) {
      answer = std::move(addresses);
      said = true;
    });
    while (!said) loop_.context().run_one_for(5ms);
    return answer;
  }
  void now_answer(Addresses addresses) { answer_ = std::move(addresses); }
  void advance(std::chrono::seconds by) { clock_.advance(by); }
  int looked_up() const { return looked_up_; }

 private:
  ManualClock clock_;
  net::Loop loop_{clock_};
  Addresses answer_;
  std::atomic<int> looked_up_ = 0;
  upstream::Shared shared_{clock_, [this](const std::string&) {
                             ++looked_up_;
                             return answer_;
                           }};
};

const Addresses one = {make_address("192.0.2.1")};
const Addresses two = {make_address("192.0.2.2"), make_address("2001:db8::2")};

}  // namespace

TEST_CASE("an address is its own answer") {
  Book book;
  CHECK(book.ask("127.0.0.1") == Addresses{make_address("127.0.0.1")});
  CHECK(book.ask("::1") == Addresses{make_address("::1")});
  CHECK(book.looked_up() == 0);
}

TEST_CASE("a name is looked up once a minute") {
  Book book;
  book.now_answer(one);
  for (int i = 0; i < 3; ++i) CHECK(book.ask("a.example") == one);
  book.advance(59s);
  CHECK(book.ask("a.example") == one);
  CHECK(book.looked_up() == 1);
  book.now_answer(two);
  book.advance(1s);
  CHECK(book.ask("a.example") == two);
  CHECK(book.looked_up() == 2);
  CHECK(book.ask("b.example") == two);
  CHECK(book.looked_up() == 3);
}

TEST_CASE("while look-ups fail, a known answer stands in for ten minutes") {
  Book book;
  book.now_answer(one);
  CHECK(book.ask("a.example") == one);
  book.now_answer({});
  book.advance(61s);
  CHECK(book.ask("a.example") == one);
  book.advance(530s);
  CHECK(book.ask("a.example") == one);
  book.advance(10s);
  CHECK(book.ask("a.example").empty());
  book.advance(6s);
  book.now_answer(two);
  CHECK(book.ask("a.example") == two);
}

TEST_CASE("a failure is remembered for some seconds") {
  Book book;
  CHECK(book.ask("a.example").empty());
  CHECK(book.ask("a.example").empty());
  CHECK(book.looked_up() == 1);
  book.now_answer(one);
  book.advance(4s);
  CHECK(book.ask("a.example").empty());
  book.advance(1s);
  CHECK(book.ask("a.example") == one);
  CHECK(book.looked_up() == 2);
}

TEST_CASE("those who ask for one name at the same time share one look-up") {
  SystemClock clock;
  net::Loop loop(clock);
  Signal go;
  std::atomic<int> looked_up = 0;
  upstream::Shared shared(clock, [&](const std::string&) {
    ++looked_up;
    go.wait();
    return one;
  });
  int answered = 0;
  for (int i = 0; i < 10; ++i) {
    shared.resolver.resolve(loop, "a.example", [&](const Addresses& addresses) {
      CHECK(addresses == one);
      ++answered;
    });
  }
  CHECK(answered == 0);
  go.set();
  while (answered < 10) loop.context().run_one_for(5ms);
  CHECK(looked_up == 1);
}

TEST_CASE("a slow look-up does not hold up another request of its loop") {
  TcpProvider provider(always(sized_answer("body")));
  Signal asked, go;
  TestLoop world([&](const std::string& host) {
    if (host == "slow.example") {
      asked.set();
      go.wait();
    }
    return Addresses{make_address("127.0.0.1")};
  });
  const Endpoint slow = endpoint_at(provider.port(), "slow.example");
  const upstream::Request request{slow};
  const upstream::Timeouts timeouts = patient();
  net::StopSignal stop;
  Got got;
  std::size_t over = 0;
  world.loop().spawn(world.converse(request, timeouts, stop, got, over));
  world.run_until([&] { return asked.is_set(); });
  CHECK(world.post(endpoint_at(provider.port())).whole());
  CHECK(world.post(endpoint_at(provider.port(), "quick.example")).whole());
  CHECK(over == 0);
  go.set();
  world.run_until([&] { return over == 1; });
  CHECK(got.whole());
}

TEST_CASE("a name that is not found is a fault of its own, and opens no connection") {
  TestLoop world([](const std::string&) { return Addresses(); });
  const Got got = world.post(endpoint_at(1, "nowhere.example"));
  CHECK(got.failed_as(FaultKind::dns));
  CHECK_FALSE(got.fault->detail.empty());
}

TEST_CASE("the system finds this machine") {
  TcpProvider provider(always(sized_answer("body")));
  TestLoop world;
  CHECK(world.post(endpoint_at(provider.port(), "localhost")).whole());
}

TEST_CASE("an address that refuses is followed by the next") {
  TcpProvider provider(always(sized_answer("body")));
  TestLoop world([](const std::string&) {
    return Addresses{make_address("127.0.0.2"), make_address("127.0.0.1")};
  });
  CHECK(world.post(endpoint_at(provider.port(), "two.example")).whole());
}

}  // namespace routerone::test
