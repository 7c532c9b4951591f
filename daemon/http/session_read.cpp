#include <algorithm>
#include <boost/asio/buffer.hpp>

#include "daemon/http/session_impl.h"
#include "daemon/net/peer_state.h"

namespace routerone::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t most_read_ahead = 16 << 10;  // pipelined bytes held while a handler runs
constexpr std::size_t body_step = 1 << 20;         // a body's memory grows with what has arrived
constexpr std::size_t most_skipped = 64 << 10;     // of a body that nobody wants
constexpr Millis linger_time{5'000};
constexpr Millis peer_check_every{1'000};

}  // namespace

void Session::start_read(char* into, std::size_t room) {
  reading_ = true;
  last_read_ = 0;
  read_to_body_ = into != spare_.data();
  socket_.async_read_some(
      asio::buffer(into, room),
      [self = shared_from_this()](const boost::system::error_code& error, std::size_t bytes) {
        self->on_read(error, bytes);
      });
}

void Session::on_read(const boost::system::error_code& error, std::size_t bytes) {
  reading_ = false;
  if (taker_ != nullptr) return hand_over(error, bytes);
  last_read_ = bytes;
  if (!read_to_body_) in_.append(spare_.data(), bytes);
  if (error == asio::error::eof) {
    on_end_of_input();
  } else if (error) {
    caller_is_gone();
  }
  if (on_read_.waiting()) return on_read_.now();
  if (!error && body_done()) watch();
}

/// A FIN: it left, or it only has nothing more to say.
void Session::on_end_of_input() {
  end_of_input_ = true;
  if (idle_ || closed_) return;
  boost::system::error_code ignored;
  const tcp::endpoint local = socket_.local_endpoint(ignored);
  const tcp::endpoint remote = socket_.remote_endpoint(ignored);
  if (net::peer_state(local, remote) == net::PeerState::present) {
    peer_check_.set(loop().now() + peer_check_every);
  } else {
    caller_is_gone();
  }
}

/// Keeps one read pending while the handler works, as long as there is room for what comes.
void Session::watch() {
  if (reading_ || closed_ || end_of_input_ || in_.size() >= most_read_ahead) return;
  start_read(spare_.data(), spare_.size());
}

/// Waits until more has been read into in_; false: nothing more will come, or a deadline passed.
net::Task<bool> Session::fill() {
  if (closed_ || end_of_input_) co_return false;
  if (!reading_) start_read(spare_.data(), spare_.size());
  co_await on_read_.wait();
  co_return last_read_ > 0;
}

net::Task<bool> Session::read_head() {
  const SessionOptions& options = owner_.options_;
  std::size_t looked = 0;
  deadline_.set(loop().now() + options.idle);
  idle_ = true;
  for (;;) {
    if (in_.starts_with("\r\n")) {  // RFC 9112, 2.2: empty lines before a request are forgiven
      in_.erase(0, 2);
      looked = 0;
      continue;
    }
    if (idle_ && !in_.empty()) {
      idle_ = false;
      started_ = loop().now();
      deadline_.set(started_ + options.head_deadline);
    }
    const std::size_t size = head_size(in_, looked);
    if (size > 0 && size <= options.max_head) {
      head_text_.assign(in_, 0, size);
      in_.erase(0, size);
      break;
    }
    if (size > options.max_head || in_.size() > options.max_head) {
      ProtocolFault fault{ProtocolError::head_too_large, 431,
                          "the request's head is larger than 64 KiB"};
      co_return co_await refuse(std::move(fault), false);
    }
    looked = in_.size();
    const bool more = co_await fill();
    if (deadline_.expired() && !idle_) {
      ProtocolFault fault{ProtocolError::head_timeout, 408,
                          "the request's head did not come in time"};
      co_return co_await refuse(std::move(fault), false);
    }
    if (!more) co_return false;
  }
  deadline_.clear();
  auto parsed = parse_request_head(head_text_, options.max_fields);
  if (!parsed) co_return co_await refuse(parsed.error(), false);
  request_ = *std::move(parsed);
  const auto length = request_.framing.content_length;
  if (length && *length > options.max_body) {
    ProtocolFault fault{ProtocolError::body_too_large, 413,
                        "the request's body is larger than is accepted"};
    co_return co_await refuse(std::move(fault), true);
  }
  const bool has_body = request_.framing.chunked || length.value_or(0) > 0;
  body_state_ = has_body ? Body::waiting : Body::read;
  if (!has_body) watch();
  if (end_of_input_) on_end_of_input();
  co_return !closed_;
}

net::Task<std::optional<std::string_view>> Session::read_body() {
  if (body_state_ == Body::waiting) {
    if (request_.expects_continue && in_.empty()) {
      const std::array<std::string_view, 1> go_on = {"HTTP/1.1 100 Continue\r\n\r\n"};
      const bool there = co_await send(go_on);
      if (!there) co_return std::nullopt;
    }
    deadline_.set(loop().now() + owner_.options_.body_stall);
    std::optional<ProtocolFault> fault;
    if (request_.framing.chunked) {
      fault = co_await read_chunked_body();
    } else {
      fault = co_await read_sized_body();
    }
    const bool stalled = deadline_.expired();
    deadline_.clear();
    if (stalled) {
      fault = ProtocolFault{ProtocolError::body_timeout, 408, "the request's body stopped coming"};
    }
    if (fault) {
      body_state_ = Body::broken;
      co_await refuse(*std::move(fault), true);
      co_return std::nullopt;
    }
    body_state_ = Body::read;
    watch();
  }
  co_return std::string_view(body_);
}

bool Session::charge(std::uint64_t bytes) {
  BodyBudget* budget = owner_.options_.body_budget;
  if (budget == nullptr) return true;
  charged_ += bytes;
  return budget->used.fetch_add(bytes) + bytes <= budget->limit;
}

namespace {

ProtocolFault cut_short() {
  return {ProtocolError::malformed, 400, "the request's body ended before it was whole"};
}
ProtocolFault no_memory() {
  return {ProtocolError::body_budget, 503, "too many large requests at once; try again"};
}

}  // namespace

/// Straight into the body's own memory, which grows a step ahead of what has come.
net::Task<std::optional<ProtocolFault>> Session::read_sized_body() {
  const std::uint64_t length = *request_.framing.content_length;
  // A read ahead may be under way, from when this request was still a pipelined one.
  if (reading_ && in_.size() < length) {
    const bool more = co_await fill();
    if (!more) co_return cut_short();
  }
  std::size_t have = std::min<std::uint64_t>(in_.size(), length);
  body_.assign(in_, 0, have);
  in_.erase(0, have);
  if (!charge(have)) co_return no_memory();
  while (have < length) {
    if (body_.size() == have) {
      const std::size_t step = std::min<std::uint64_t>(body_step, length - have);
      if (!charge(step)) co_return no_memory();
      body_.resize(have + step);
    }
    if (closed_ || end_of_input_) co_return cut_short();
    start_read(body_.data() + have, body_.size() - have);
    co_await on_read_.wait();
    if (last_read_ == 0) co_return cut_short();
    have += last_read_;
    deadline_.set(loop().now() + owner_.options_.body_stall);
  }
  co_return std::nullopt;
}

net::Task<std::optional<ProtocolFault>> Session::read_chunked_body() {
  ChunkedDecoder decoder;
  for (;;) {
    std::size_t used = 0;
    ChunkedDecoder::Step step;
    do {
      step = decoder.next(std::string_view(in_).substr(used));
      used += step.consumed;
      if (step.state != ChunkedDecoder::State::data) continue;
      if (body_.size() + step.data.size() > owner_.options_.max_body) {
        co_return ProtocolFault{ProtocolError::body_too_large, 413,
                                "the request's body is larger than is accepted"};
      }
      if (!charge(step.data.size())) co_return no_memory();
      body_.append(step.data);
    } while (step.state == ChunkedDecoder::State::data);
    in_.erase(0, used);
    if (step.state == ChunkedDecoder::State::done) co_return std::nullopt;
    if (step.state == ChunkedDecoder::State::bad) {
      co_return ProtocolFault{ProtocolError::malformed, 400, "the chunked body is not valid"};
    }
    const bool more = co_await fill();
    if (!more) co_return cut_short();
    deadline_.set(loop().now() + owner_.options_.body_stall);
  }
}

/// A body that the handler did not want: a short one is read past, else the connection closes.
net::Task<bool> Session::skip_body() {
  if (body_state_ != Body::waiting) co_return true;
  const auto length = request_.framing.content_length;
  if (request_.expects_continue || !length || *length > most_skipped) co_return false;
  deadline_.set(loop().now() + linger_time);
  const auto fault = co_await read_sized_body();
  deadline_.clear();
  co_return !fault;
}

/// Answers for a message that broke the protocol; the connection ends behind it.
net::Task<bool> Session::refuse(ProtocolFault fault, bool head_known) {
  keep_alive_ = false;
  Answer answer = owner_.handler_.refuse(fault, head_known ? &request_.head : nullptr);
  AnswerHead head;
  head.status = answer.status;
  for (const auto& [name, value] : answer.fields) head.fields.push_back({name, value});
  if (!head_prepared_) co_await reply(head, answer.body);
  co_return false;
}

/// Closing with unread bytes would reset the connection and take our answer with it. Many callers
/// look for an answer only when all of a body is sent, so what ends this is time, not its size.
net::Task<void> Session::linger() {
  if (closed_ || end_of_input_) co_return;
  boost::system::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  deadline_.set(loop().now() + linger_time);
  in_.clear();
  while (!deadline_.expired()) {
    const bool more = co_await fill();
    if (!more) break;
    in_.clear();
  }
  deadline_.clear();
}

}  // namespace routerone::http
