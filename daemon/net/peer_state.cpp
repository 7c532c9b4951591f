#include "daemon/net/peer_state.h"

#ifdef __linux__

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace routerone::net {
namespace {

using boost::asio::ip::tcp;

class NetlinkSocket {
 public:
  NetlinkSocket() : fd_(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)) {}
  ~NetlinkSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

template <std::size_t words>
void put_address(const tcp::endpoint& endpoint, __be32 (&out)[words]) {
  if (endpoint.address().is_v4()) {
    const auto bytes = endpoint.address().to_v4().to_bytes();
    std::memcpy(out, bytes.data(), bytes.size());
  } else {
    const auto bytes = endpoint.address().to_v6().to_bytes();
    std::memcpy(out, bytes.data(), bytes.size());
  }
}

/// The socket whose local end is our remote one.
Question question_for(const tcp::endpoint& local, const tcp::endpoint& remote) {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.body.sdiag_family = static_cast<__u8>(remote.address().is_v4() ? AF_INET : AF_INET6);
  question.body.sdiag_protocol = IPPROTO_TCP;
  question.body.idiag_states = ~0U;
  question.body.id.idiag_sport = htons(remote.port());
  question.body.id.idiag_dport = htons(local.port());
  put_address(remote, question.body.id.idiag_src);
  put_address(local, question.body.id.idiag_dst);
  question.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  question.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return question;
}

}  // namespace

PeerState peer_state(const tcp::endpoint& local, const tcp::endpoint& remote) {
  const NetlinkSocket netlink;
  const Question question = question_for(local, remote);
  if (netlink.fd() < 0 || ::send(netlink.fd(), &question, sizeof question, 0) < 0) {
    return PeerState::unknown;
  }
  alignas(nlmsghdr) std::array<char, 1024> buffer;
  const ssize_t size = ::recv(netlink.fd(), buffer.data(), buffer.size(), 0);
  if (size < static_cast<ssize_t>(sizeof(nlmsghdr))) return PeerState::unknown;
  nlmsghdr header;
  std::memcpy(&header, buffer.data(), sizeof header);
  if (header.nlmsg_type == NLMSG_ERROR) {
    nlmsgerr error;
    std::memcpy(&error, buffer.data() + NLMSG_HDRLEN, sizeof error);
    return error.error == -ENOENT ? PeerState::gone : PeerState::unknown;
  }
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return PeerState::unknown;
  inet_diag_msg found;
  std::memcpy(&found, buffer.data() + NLMSG_HDRLEN, sizeof found);
  return found.idiag_inode == 0 ? PeerState::gone : PeerState::present;
}

}  // namespace routerone::net

#else

namespace routerone::net {

PeerState peer_state(const boost::asio::ip::tcp::endpoint&, const boost::asio::ip::tcp::endpoint&) {
  return PeerState::unknown;
}

}  // namespace routerone::net

#endif
