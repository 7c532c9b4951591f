#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "daemon/net/task.h"

namespace routerone::net {

/// A TCP socket of one loop, on the concrete executor.
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;

/// Completion as a tuple of error and result: errors are values, nothing throws.
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable_t<Executor>{});

}  // namespace routerone::net
