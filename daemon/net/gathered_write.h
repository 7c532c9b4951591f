#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <span>
#include <string_view>

#include "daemon/net/socket.h"

namespace routerone::net {

/// Pieces on their way into a socket, in as few system calls as it lets us: no copy, no allocation,
/// no limit on what one call may take. `first` goes before the pieces; all must outlive this.
class GatheredWrite {
 public:
  explicit GatheredWrite(std::span<const std::string_view> pieces, std::string_view first = {})
      : now_(first), pieces_(pieces) {}

  enum class State {
    done,
    full,    ///< The socket takes no more: wait until it is writable.
    broken,  ///< The other side is gone.
  };
  /// Writes until one of the three is so.
  State advance(TcpSocket& socket) {
    for (;;) {
      std::array<boost::asio::const_buffer, most_pieces> buffers;
      std::size_t count = 0;
      if (!now_.empty()) buffers[count++] = boost::asio::buffer(now_);
      for (std::size_t i = 0; i < pieces_.size() && count < buffers.size(); ++i) {
        buffers[count++] = boost::asio::buffer(pieces_[i]);
      }
      if (count == 0) return State::done;
      boost::system::error_code error;
      const std::span<const boost::asio::const_buffer> some(buffers.data(), count);
      drop(socket.write_some(some, error));
      if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) {
        return State::full;
      }
      if (error) return State::broken;
    }
  }

  std::size_t sent() const { return sent_; }

 private:
  static constexpr std::size_t most_pieces = 16;

  void drop(std::size_t bytes) {
    sent_ += bytes;
    for (;;) {
      const std::size_t here = std::min(bytes, now_.size());
      now_.remove_prefix(here);
      bytes -= here;
      if (!now_.empty() || pieces_.empty()) return;
      now_ = pieces_.front();
      pieces_ = pieces_.subspan(1);
    }
  }

  std::string_view now_;
  std::span<const std::string_view> pieces_;
  std::size_t sent_ = 0;
};

}  // namespace routerone::net
