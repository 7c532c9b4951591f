#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/net/loop.h"
#include "daemon/net/socket.h"
#include "daemon/upstream/tls.h"
#include "daemon/upstream/watchdog.h"

namespace routerone::upstream {

/// What connections may be shared by: same origin, same trust, same way there.
std::string origin_of(const Endpoint&);

/// One connection to one origin, plain or TLS, with its read buffer. One user at a time; idle in
/// the pool in between.
class Connection {
 public:
  using Stream = boost::asio::ssl::stream<net::TcpSocket>;

  Connection(net::Loop& loop, std::string origin);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  const std::string& origin() const { return origin_; }

  /// TCP to the first address that takes it, each but the last within its share of `time`.
  net::Task<bool> connect(const std::vector<boost::asio::ip::address>& addresses,
                          std::uint16_t port, Millis time, Watchdog& watchdog);
  /// TLS on top; a Fault if the other side is not who it should be.
  net::Task<std::optional<Fault>> handshake(std::shared_ptr<TlsContext> context,
                                            const std::string& host, Watchdog& watchdog);
  /// All pieces; false: not all, and the connection is no good for another request. That is so too
  /// when the other side refuses the request before it has read it (plain connections only): its
  /// answer is there to be read.
  net::Task<bool> write(std::span<const std::string_view> pieces);
  /// Reads more behind what is unread; 0: closed or broken.
  net::Task<std::size_t> read_more();
  bool ended_cleanly() const { return ended_cleanly_; }

  std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes);
  /// So much more is to come: makes room to read it in few calls.
  void expect(std::uint64_t bytes);
  /// Into the pool: gives the memory of a large answer back.
  void rest();

  /// In the pool: still open, and nothing has come unasked.
  bool still_good();
  void close();

 private:
  struct Ear;
  std::shared_ptr<Ear> listen();
  net::Task<bool> write_records(std::span<const std::string_view> pieces);
  net::TcpSocket& socket() { return stream_ ? stream_->next_layer() : *socket_; }

  net::Loop& loop_;
  std::string origin_;
  std::optional<net::TcpSocket> socket_;
  std::shared_ptr<TlsContext> context_;
  std::unique_ptr<Stream> stream_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  bool ended_cleanly_ = false;
};

}  // namespace routerone::upstream
