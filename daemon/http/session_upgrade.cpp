#include <array>
#include <boost/asio/buffer.hpp>

#include "daemon/http/session_impl.h"

namespace routerone::http {
namespace {

constexpr std::size_t large_read = 32 << 10;
constexpr int most_reads = 16;  // in a row, before others of the loop have their turn

}  // namespace

net::Task<bool> Session::open(const AnswerHead& head, ByteTaker& taker) {
  build_head(head, std::nullopt);
  ended_ = true;
  keep_alive_ = false;
  const bool there = co_await send({});
  if (!there) co_return false;
  taker_ = &taker;
  if (!in_.empty()) taker.take(std::exchange(in_, {}));
  if (end_of_input_) caller_is_gone();
  watch();
  co_return !closed_;
}

/// A read that filled its buffer has more behind it: that is fetched at once, in larger steps.
void Session::hand_over(const boost::system::error_code& error, std::size_t bytes) {
  if (error) return caller_is_gone();
  taker_->take({spare_.data(), bytes});
  bool more = bytes == spare_.size();
  for (int i = 0; more && i < most_reads && taker_ != nullptr && !closed_; ++i) {
    std::array<char, large_read> large;
    boost::system::error_code failed;
    const std::size_t size = socket_.read_some(boost::asio::buffer(large), failed);
    if (size > 0 && !failed) taker_->take({large.data(), size});
    more = size == large.size() && !failed;  // an end is told once more, to the read that waits
  }
  if (taker_ != nullptr) watch();
}

}  // namespace routerone::http
