#include "daemon/upstream/connection.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "daemon/net/deadlines.h"
#include "daemon/net/gathered_write.h"

namespace routerone::upstream {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::size_t small_buffer = 16 << 10;
constexpr std::size_t most_buffered = 256 << 10;
constexpr std::size_t one_record = 16 << 10;  // a TLS record's worth is worth gathering

Fault handshake_fault(SSL* ssl, const boost::system::error_code& error) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK) {
    return {FaultKind::tls_certificate, X509_verify_cert_error_string(verified)};
  }
  const char* const reason = ERR_reason_error_string(static_cast<unsigned long>(error.value()));
  const bool by_openssl = error.category() == asio::error::get_ssl_category();
  return {FaultKind::tls_handshake,
          by_openssl && reason != nullptr ? reason : "the connection was closed in the handshake"};
}

/// The other side answers although it has not read all: with an error, which makes sending the rest
/// pointless (RFC 9112, 9.3), or by leaving. What is there stays to be read.
bool refuses(int handle) {
  std::array<char, 10> start;  // `HTTP/1.1 4`
  const ssize_t got = ::recv(handle, start.data(), start.size(), MSG_PEEK | MSG_DONTWAIT);
  if (got < 10) return got == 0;
  return start.back() != '1' && start.back() != '2';
}

std::string name_of(const Proxy& proxy) {
  const bool socks = proxy.kind == Proxy::Kind::socks5;
  return (socks ? "socks5://" : "http://") + proxy.host + ":" + std::to_string(proxy.port);
}

}  // namespace

std::string origin_of(const Endpoint& endpoint) {
  return (endpoint.tls ? "https://" : "http://") + endpoint.host + ":" +
         std::to_string(endpoint.port) + " " + endpoint.ca_file +
         (endpoint.proxy ? " by way of " + name_of(*endpoint.proxy) : "");
}

Connection::Connection(net::Loop& loop, std::string origin)
    : loop_(loop), origin_(std::move(origin)) {}

/// OpenSSL takes a connection that goes without a close_notify for a failed one and marks its
/// session as not to be resumed, although nothing is wrong with it.
Connection::~Connection() {
  if (stream_) SSL_set_shutdown(stream_->native_handle(), SSL_SENT_SHUTDOWN);
}

net::Task<bool> Connection::connect(const std::vector<asio::ip::address>& addresses,
                                    std::uint16_t port, Millis time, Watchdog& watchdog) {
  net::Deadline share(loop_.deadlines(), [this] { close(); });
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    socket_.emplace(loop_.executor());
    // One that is silent must not use up the time of those behind it; the last has what is left.
    if (i + 1 < addresses.size())
      share.set(loop_.now() + time / static_cast<int>(addresses.size()));
    const tcp::endpoint endpoint(addresses[i], port);
    const auto [error] = co_await socket_->async_connect(endpoint, net::as_result);
    share.clear();
    if (!error) {
      boost::system::error_code ignored;
      socket_->set_option(tcp::no_delay(true), ignored);
      socket_->non_blocking(true, ignored);
      co_return true;
    }
    if (watchdog.struck()) break;
  }
  co_return false;
}

net::Task<std::optional<Fault>> Connection::handshake(std::shared_ptr<TlsContext> context,
                                                      const std::string& host, Watchdog& watchdog) {
  context_ = std::move(context);
  stream_ = std::make_unique<Stream>(std::move(*socket_), context_->context());
  socket_.reset();
  SSL* const ssl = stream_->native_handle();
  if (!context_->prepare(ssl, host, origin_)) {
    co_return Fault{FaultKind::tls_handshake, "the host's name cannot be verified"};
  }
  const auto [error] = co_await stream_->async_handshake(Stream::client, net::as_result);
  if (!error) co_return std::nullopt;
  const Fault fault = handshake_fault(ssl, error);
  co_return watchdog.struck() ? watchdog.fault_or(FaultKind::tls_handshake) : fault;
}

/// What a writer that waits hears meanwhile.
struct Connection::Ear {
  bool writing = true;
  bool refused = false;
};

std::shared_ptr<Connection::Ear> Connection::listen() {
  auto ear = std::make_shared<Ear>();
  net::TcpSocket& heard = *socket_;
  heard.async_wait(net::TcpSocket::wait_read,
                   [ear, &heard](const boost::system::error_code& error) {
                     if (error || !ear->writing || !refuses(heard.native_handle())) return;
                     ear->refused = true;
                     boost::system::error_code ignored;
                     heard.cancel(ignored);
                   });
  return ear;
}

net::Task<bool> Connection::write(std::span<const std::string_view> pieces) {
  if (stream_) co_return co_await write_records(pieces);
  net::GatheredWrite write(pieces);
  std::shared_ptr<Ear> ear;  // only for a request that does not go out at once
  for (;;) {
    const net::GatheredWrite::State state = write.advance(*socket_);
    bool more = state == net::GatheredWrite::State::full;
    if (more) {
      if (!ear) ear = listen();
      const auto [error] = co_await socket_->async_wait(net::TcpSocket::wait_write, net::as_result);
      more = !error && !ear->refused;
    }
    if (more) continue;
    if (ear) ear->writing = false;
    co_return state == net::GatheredWrite::State::done;
  }
}

/// OpenSSL makes a record of each write: small pieces go as one.
net::Task<bool> Connection::write_records(std::span<const std::string_view> pieces) {
  std::string record;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::string_view now = pieces[i];
    if (record.size() + now.size() <= one_record) {
      record.append(now);
      if (i + 1 < pieces.size()) continue;
      now = {};
    }
    const std::array<asio::const_buffer, 2> both = {asio::buffer(record), asio::buffer(now)};
    for (const asio::const_buffer& part : both) {
      if (part.size() == 0) continue;
      const auto [error, count] = co_await asio::async_write(*stream_, part, net::as_result);
      (void)count;
      if (error) co_return false;
    }
    OPENSSL_cleanse(record.data(), record.size());
    record.clear();
  }
  co_return true;
}

net::Task<std::size_t> Connection::read_more() {
  if (buffer_.empty()) buffer_.resize(small_buffer);
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const asio::mutable_buffer room = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  boost::system::error_code error;
  std::size_t count = 0;
  if (stream_) {
    const auto [failed, bytes] = co_await stream_->async_read_some(room, net::as_result);
    error = failed;
    count = bytes;
  } else {
    const auto [failed, bytes] = co_await socket_->async_read_some(room, net::as_result);
    error = failed;
    count = bytes;
  }
  ended_cleanly_ = error == asio::error::eof;
  end_ += count;
  co_return count;
}

void Connection::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ == end_) begin_ = end_ = 0;
}

void Connection::expect(std::uint64_t bytes) {
  const std::size_t wanted = std::min<std::uint64_t>(end_ - begin_ + bytes, most_buffered);
  if (wanted > buffer_.size()) buffer_.resize(wanted);
}

void Connection::rest() {
  begin_ = end_ = 0;
  if (buffer_.size() > small_buffer) std::vector<char>().swap(buffer_);
}

bool Connection::still_good() {
  if (end_ > begin_) return false;
  char byte;
  const ssize_t got = ::recv(socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  // TLS may have sent session tickets: bytes, but no answer to anything. They are read with the
  // next answer; an alert among them ends that exchange before it began, which is replayed.
  return got < 0 ? errno == EAGAIN || errno == EWOULDBLOCK : got > 0 && stream_ != nullptr;
}

void Connection::close() {
  boost::system::error_code ignored;
  if (socket_ || stream_) socket().close(ignored);
}

}  // namespace routerone::upstream
