#include <boost/asio/buffer.hpp>
#include <cstdio>

#include "common/core/text.h"
#include "daemon/http/session_impl.h"
#include "daemon/net/gathered_write.h"

namespace routerone::http {
namespace {

namespace asio = boost::asio;
constexpr std::size_t usual_head = 768;

std::string_view reason(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 402:
      return "Payment Required";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

/// A value that could end its line is cut there: nothing of ours or of an upstream splits an
/// answer.
std::string_view one_line(std::string_view value) {
  return value.substr(0, value.find_first_of(std::string_view("\r\n\0", 3)));
}

void add_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(one_line(name)).append(": ").append(one_line(value)).append("\r\n");
}

bool is_framing(std::string_view name) {
  return iequals(name, "content-length") || iequals(name, "transfer-encoding") ||
         iequals(name, "connection") || iequals(name, "date") || iequals(name, "keep-alive");
}

}  // namespace

void Session::build_head(const AnswerHead& answer, std::optional<std::uint64_t> length) {
  const bool old = request_.head.minor_version == 0;
  const bool switching = answer.status == 101;
  chunked_out_ = !length && !old && !switching;
  if (!length && old) keep_alive_ = false;
  const bool last = end_of_input_ && in_.empty();  // a half-closed caller may have pipelined
  keep_alive_ = keep_alive_ && request_.keep_alive && !owner_.draining() && !last;
  out_head_.reserve(out_head_.size() + usual_head);
  out_head_.append("HTTP/1.1 ").append(std::to_string(answer.status)).append(" ");
  out_head_.append(reason(answer.status)).append("\r\n");
  add_line(out_head_, "date", owner_.date());
  for (const Field& field : answer.fields) {
    if (!is_framing(field.name)) add_line(out_head_, field.name, field.value);
  }
  if (length) add_line(out_head_, "content-length", std::to_string(*length));
  if (chunked_out_) add_line(out_head_, "transfer-encoding", "chunked");
  if (switching) {
    add_line(out_head_, "connection", "Upgrade");
  } else if (!keep_alive_) {
    add_line(out_head_, "connection", "close");
  }
  if (keep_alive_ && old) add_line(out_head_, "connection", "keep-alive");
  out_head_.append("\r\n");
  bodiless_ = request_.head.method == "HEAD";
  head_prepared_ = true;
}

net::Task<bool> Session::reply(const AnswerHead& answer, std::string_view body) {
  build_head(answer, body.size());
  ended_ = true;
  const std::array<std::string_view, 1> pieces = {bodiless_ ? std::string_view() : body};
  co_return co_await send(pieces);
}

void Session::prepare(const AnswerHead& answer) {
  if (!head_prepared_) build_head(answer, answer.body_length);
}

net::Task<bool> Session::start(const AnswerHead& answer, bool flush) {
  prepare(answer);
  if (flush) co_return co_await send({});
  co_return !closed_;
}

net::Task<bool> Session::write(std::string_view bytes) {
  const std::array<std::string_view, 1> pieces = {bytes};
  co_return co_await write(std::span<const std::string_view>(pieces));
}

net::Task<bool> Session::write(std::span<const std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (size == 0 || bodiless_) co_return co_await send({});
  if (!chunked_out_) co_return co_await send(pieces);
  std::array<char, 20> line;
  const int length = std::snprintf(line.data(), line.size(), "%zx\r\n", size);
  std::vector<std::string_view> framed;
  framed.reserve(pieces.size() + 2);
  framed.emplace_back(line.data(), static_cast<std::size_t>(length));
  framed.insert(framed.end(), pieces.begin(), pieces.end());
  framed.emplace_back("\r\n");
  co_return co_await send(framed);
}

net::Task<bool> Session::finish(std::string_view last) {
  ended_ = true;
  if (bodiless_) co_return co_await send({});
  if (!chunked_out_) {
    const std::array<std::string_view, 1> pieces = {last};
    co_return co_await send(pieces);
  }
  std::array<char, 20> line;
  const int length = std::snprintf(line.data(), line.size(), "%zx\r\n", last.size());
  const std::string_view size_line(line.data(), static_cast<std::size_t>(length));
  const std::array<std::string_view, 3> whole = {size_line, last, "\r\n0\r\n\r\n"};
  const std::array<std::string_view, 1> empty = {"0\r\n\r\n"};
  if (last.empty()) co_return co_await send(empty);
  co_return co_await send(whole);
}

void Session::abort() {
  keep_alive_ = false;
  ended_ = aborted_ = true;
}

/// The prepared head and the pieces, in as few system calls as the socket lets us. Tries at once;
/// waits for room only if there is none.
net::Task<bool> Session::send(std::span<const std::string_view> pieces) {
  if (closed_) co_return false;
  const std::string head = std::exchange(out_head_, {});
  net::GatheredWrite write(pieces, head);
  const std::uint64_t before = bytes_sent_;
  writing_ = true;
  bool there = true;
  for (;;) {
    const net::GatheredWrite::State state = write.advance(socket_);
    bytes_sent_ = before + write.sent();
    there = state != net::GatheredWrite::State::broken;
    if (state != net::GatheredWrite::State::full) break;
    write_stall_.set(loop().now() + owner_.options_.write_stall);
    const auto [failed] = co_await socket_.async_wait(net::TcpSocket::wait_write, net::as_result);
    write_stall_.clear();
    there = !failed && !closed_;
    if (!there) break;
  }
  writing_ = false;
  if (!there) caller_is_gone();
  co_return there;
}

void Session::try_write(std::string_view bytes) {
  if (writing_ || closed_ || bodiless_ || (bytes.empty() && out_head_.empty())) return;
  std::string before = std::exchange(out_head_, {});
  std::string all = before;
  if (chunked_out_ && !bytes.empty()) {
    std::array<char, 20> line;
    const int length = std::snprintf(line.data(), line.size(), "%zx\r\n", bytes.size());
    all.append(line.data(), static_cast<std::size_t>(length)).append(bytes).append("\r\n");
  } else {
    all.append(bytes);
  }
  boost::system::error_code error;
  const std::size_t sent = socket_.write_some(asio::buffer(all), error);
  bytes_sent_ += sent;
  const bool full = error == asio::error::would_block || error == asio::error::try_again;
  if (error && !full) {  // told later: who tries here may not be there any more once it is told
    return loop().post([self = shared_from_this()] { self->caller_is_gone(); });
  }
  out_head_ = sent == 0 ? std::move(before) : all.substr(sent);
}

}  // namespace routerone::http
