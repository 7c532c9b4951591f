#include "daemon/listener/acceptor.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <list>

#include "common/platform/port_holder.h"
#include "daemon/net/deadlines.h"
#include "daemon/net/socket.h"

namespace routerone {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Listening = asio::basic_socket_acceptor<tcp, net::Executor>;

constexpr int backlog = 4096;
constexpr Millis breather{50};  // between tries while the process is out of descriptors
constexpr std::string_view shed_answer =
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\n"
    "connection: close\r\n\r\n";

std::string text_of(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(endpoint.port());
}

bool out_of_descriptors(const boost::system::error_code& error) {
  return error == asio::error::no_descriptors ||
         error == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

struct Acceptor::Impl {
  explicit Impl(net::Loop& on) : loop(on), spare(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {}
  ~Impl() {
    if (spare >= 0) ::close(spare);
  }

  Status listen(const ListenAddress& address);
  Status adopt(Descriptor socket);
  void accept(Listening& listening);
  void hand_over(Listening::native_handle_type handle, const tcp& protocol);
  void shed(Listening& listening);

  net::Loop& loop;
  int spare;  ///< Given up for a moment to tell one caller that there are no more.
  std::list<Listening> listening;
  std::list<net::Deadline> pauses;
  std::vector<Lane> lanes;
  std::size_t next_lane = 0;
  std::string warning;
  std::atomic<std::uint64_t> accepted{0};
  bool stopped = false;
};

Acceptor::Acceptor() = default;
Acceptor::~Acceptor() = default;

Result<std::unique_ptr<Acceptor>> Acceptor::bind(net::Loop& loop,
                                                 const std::vector<ListenAddress>& addresses) {
  std::unique_ptr<Acceptor> acceptor(new Acceptor);
  acceptor->impl_ = std::make_unique<Impl>(loop);
  for (const ListenAddress& address : addresses) TRY_STATUS(acceptor->impl_->listen(address));
  if (acceptor->impl_->listening.empty()) {
    return fail(ErrorKind::unavailable, "none of the addresses to listen on exists here",
                "routeroned --listen 127.0.0.1:7411");
  }
  return acceptor;
}

Result<std::unique_ptr<Acceptor>> Acceptor::adopt(net::Loop& loop,
                                                  std::vector<Descriptor> sockets) {
  std::unique_ptr<Acceptor> acceptor(new Acceptor);
  acceptor->impl_ = std::make_unique<Impl>(loop);
  for (Descriptor& socket : sockets) TRY_STATUS(acceptor->impl_->adopt(std::move(socket)));
  return acceptor;
}

Status Acceptor::Impl::adopt(Descriptor given) {
  boost::system::error_code error;
  Listening socket(loop.executor());
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  ::getsockname(given.get(), reinterpret_cast<sockaddr*>(&at), &size);
  socket.assign(at.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), given.get(), error);
  if (error)
    return fail(ErrorKind::internal, "a socket given to us is not usable: " + error.message());
  (void)given.release();
  const tcp::endpoint endpoint = socket.local_endpoint(error);
  if (!endpoint.address().is_loopback())
    return fail(
        ErrorKind::invalid,
        text_of(endpoint) + " is not a loopback address; routerone serves this machine only",
        "routerone up --listen 127.0.0.1:7411");
  socket.non_blocking(true, error);
  listening.push_back(std::move(socket));
  return {};
}

Status Acceptor::Impl::listen(const ListenAddress& wanted) {
  boost::system::error_code error;
  const std::string host = wanted.host == "localhost" ? "127.0.0.1" : wanted.host;
  const auto address = asio::ip::make_address(host, error);
  if (error) {
    return fail(ErrorKind::invalid, "'" + wanted.host + "' is not an address to listen on",
                "--listen 127.0.0.1:7411");
  }
  if (!address.is_loopback()) {
    return fail(
        ErrorKind::invalid,
        "'" + wanted.host + "' is not a loopback address; routerone serves this machine only",
        "--listen 127.0.0.1:7411");
  }
  const tcp::endpoint endpoint(address, wanted.port);
  Listening socket(loop.executor());
  socket.open(endpoint.protocol(), error);
  if (!error && address.is_v6()) socket.set_option(asio::ip::v6_only(true), error);
  if (!error) socket.set_option(Listening::reuse_address(true), error);
  if (!error) socket.bind(endpoint, error);
  if (!error) socket.listen(backlog, error);
  if (error == asio::error::address_in_use) {
    return fail(ErrorKind::conflict,
                text_of(endpoint) + " is taken by " + describe(find_port_holder(host, wanted.port)),
                "routerone up --next-free");
  }
  if (error && address.is_v6()) {
    warning = text_of(endpoint) + " is not available on this machine";
    return {};
  }
  if (error) {
    return fail(ErrorKind::unavailable,
                "cannot listen on " + text_of(endpoint) + ": " + error.message());
  }
  socket.non_blocking(true, error);
  listening.push_back(std::move(socket));
  return {};
}

void Acceptor::start(std::vector<Lane> lanes) {
  impl_->lanes = std::move(lanes);
  for (Listening& listening : impl_->listening) impl_->accept(listening);
}

void Acceptor::Impl::accept(Listening& from) {
  from.async_wait(Listening::wait_read, [this, &from](const boost::system::error_code& error) {
    if (error || stopped) return;
    for (;;) {
      boost::system::error_code failed;
      const int handle =
          ::accept4(from.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (handle < 0) failed.assign(errno, boost::system::system_category());
      if (handle >= 0) {
        hand_over(handle, from.local_endpoint(failed).protocol());
        continue;
      }
      if (out_of_descriptors(failed)) return shed(from);
      break;
    }
    accept(from);
  });
}

void Acceptor::Impl::hand_over(Listening::native_handle_type handle, const tcp& protocol) {
  accepted.fetch_add(1, std::memory_order_relaxed);
  const Lane lane = lanes[next_lane++ % lanes.size()];
  const auto serve = [lane, handle, protocol] {
    net::TcpSocket socket(lane.loop->executor());
    boost::system::error_code error;
    socket.assign(protocol, handle, error);
    if (error) {
      ::close(handle);
    } else {
      lane.sessions->serve(std::move(socket));
    }
  };
  if (lane.loop == &loop) {
    serve();
  } else {
    lane.loop->post(serve);
  }
}

/// Out of descriptors: one waiting caller is told so with the spare one, then accepting rests for a
/// moment instead of spinning on what it cannot take.
void Acceptor::Impl::shed(Listening& from) {
  if (spare >= 0) {
    ::close(spare);
    const int handle =
        ::accept4(from.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (handle >= 0) {
      (void)!::write(handle, shed_answer.data(), shed_answer.size());
      ::close(handle);
    }
    spare = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }
  pauses.remove_if([](const net::Deadline& pause) { return pause.expired(); });
  pauses.emplace_back(loop.deadlines(), [this, &from] {
    if (!stopped) accept(from);
  });
  pauses.back().set(loop.now() + breather);
}

void Acceptor::stop() {
  impl_->stopped = true;
  boost::system::error_code ignored;
  for (Listening& listening : impl_->listening) listening.close(ignored);
}

std::vector<std::string> Acceptor::addresses() const {
  std::vector<std::string> texts;
  boost::system::error_code ignored;
  for (const Listening& socket : impl_->listening) {
    texts.push_back(text_of(socket.local_endpoint(ignored)));
  }
  return texts;
}

std::vector<std::uint16_t> Acceptor::ports() const {
  std::vector<std::uint16_t> ports;
  boost::system::error_code ignored;
  for (const Listening& socket : impl_->listening) {
    ports.push_back(socket.local_endpoint(ignored).port());
  }
  return ports;
}

const std::string& Acceptor::warning() const { return impl_->warning; }
std::uint64_t Acceptor::accepted() const { return impl_->accepted.load(); }

}  // namespace routerone
