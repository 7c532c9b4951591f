#include "cli/commands/local_http.h"

#include <netdb.h>
#include <sys/socket.h>

#include "common/platform/descriptor.h"

namespace routerone::cli {
namespace {

constexpr timeval patience{5, 0};

Descriptor connected_to(const ListenAddress& at) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(at.host.c_str(), std::to_string(at.port).c_str(), &hints, &found) != 0)
    return {};
  Descriptor made(::socket(found->ai_family, SOCK_STREAM, 0));
  for (const int which : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(made.get(), SOL_SOCKET, which, &patience, sizeof patience);
  const bool connected = made && ::connect(made.get(), found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  return connected ? std::move(made) : Descriptor();
}

}  // namespace

std::string ask_local(const ListenAddress& at, const std::string& request, std::size_t most) {
  const Descriptor made = connected_to(at);
  if (!made || ::send(made.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
                   static_cast<ssize_t>(request.size()))
    return {};
  std::string text;
  char part[1024];
  for (ssize_t got = 0; text.size() < most && (got = ::recv(made.get(), part, sizeof part, 0)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  return text;
}

std::string body_of(const std::string& answer) {
  const auto body = answer.find("\r\n\r\n");
  if (body == answer.npos || !answer.starts_with("HTTP/1.1 200 ")) return {};
  return answer.substr(body + 4);
}

}  // namespace routerone::cli
