#pragma once

#include <boost/asio/ip/tcp.hpp>

namespace routerone::net {

enum class PeerState {
  present,  ///< A process still holds the other end: it only shut down its sending side.
  gone,     ///< Nobody holds it any more.
  unknown,  ///< This system does not tell.
};

/// Whether the process at the other end of a loopback connection still has it. A FIN alone does not
/// tell a half-closed caller, which waits for its answer, from one that left. Linux: sock_diag
/// netlink for exactly that socket, some 20 us. Elsewhere: unknown.
PeerState peer_state(const boost::asio::ip::tcp::endpoint& local,
                     const boost::asio::ip::tcp::endpoint& remote);

}  // namespace routerone::net
