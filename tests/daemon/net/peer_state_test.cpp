#include "daemon/net/peer_state.h"

#include <doctest/doctest.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>
#include <vector>

#include "daemon/net/gathered_write.h"
#include "daemon/net/socket.h"
#include "tests/support/raw_socket.h"

using namespace routerone;
using namespace routerone::net;
namespace asio = boost::asio;

namespace {

/// Our end of a real connection, and the caller's.
struct Pair {
  explicit Pair(int receive_buffer = 0) : caller(listening.port(), receive_buffer) {
    ours.assign(asio::ip::tcp::v4(), listening.accept());
  }
  PeerState state() {
    boost::system::error_code ignored;
    return peer_state(ours.local_endpoint(ignored), ours.remote_endpoint(ignored));
  }

  asio::io_context context;
  test::Listening listening;
  test::RawSocket caller;
  TcpSocket ours{context.get_executor()};
};

}  // namespace

TEST_CASE("a caller that only shut down its sending side is there, one that closed is not") {
  Pair pair;
  CHECK(pair.state() == PeerState::present);
  pair.caller.half_close();
  CHECK(pair.state() == PeerState::present);
  pair.caller.close();
  CHECK(pair.state() == PeerState::gone);
}

TEST_CASE("a gathered write sends its pieces in order, and says when the socket is full") {
  Pair pair(16 << 10);
  pair.ours.non_blocking(true);
  const std::string large(8 << 20, 'x');
  const std::array<std::string_view, 4> pieces = {"b", "", large, "c"};
  GatheredWrite write(pieces, "a");
  CHECK(write.advance(pair.ours) == GatheredWrite::State::full);
  CHECK(write.sent() < large.size());
  std::thread reading([&] {
    while (pair.caller.read_some() == test::Fate::open) continue;
  });
  GatheredWrite::State state = GatheredWrite::State::full;
  while (state == GatheredWrite::State::full) {
    boost::system::error_code not_yet;
    pair.ours.wait(TcpSocket::wait_write, not_yet);
    state = write.advance(pair.ours);
  }
  CHECK(state == GatheredWrite::State::done);
  CHECK(write.sent() == large.size() + 3);
  pair.ours.close();
  reading.join();
  CHECK((pair.caller.unread() == "ab" + large + "c"));
}

TEST_CASE("many more pieces than one call takes are all sent") {
  Pair pair;
  std::vector<std::string> texts;
  std::string all;
  for (int i = 0; i < 1000; ++i) all += texts.emplace_back(std::to_string(i) + ";");
  const std::vector<std::string_view> pieces(texts.begin(), texts.end());
  GatheredWrite write(pieces);
  CHECK(write.advance(pair.ours) == GatheredWrite::State::done);
  pair.ours.close();
  CHECK(pair.caller.read_all() == all);
}

TEST_CASE("writing to a caller that is gone says so") {
  Pair pair;
  pair.caller.reset();
  const std::array<std::string_view, 1> pieces = {"x"};
  GatheredWrite first(pieces), second(pieces);
  first.advance(pair.ours);
  CHECK(second.advance(pair.ours) == GatheredWrite::State::broken);
}
