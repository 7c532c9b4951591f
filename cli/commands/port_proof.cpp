#include "cli/commands/port_proof.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/config/paths.h"
#include "common/control/contract.h"
#include "common/json/json.h"
#include "common/platform/descriptor.h"
#include "common/platform/listener_uid.h"

namespace routerone::cli {
namespace {

constexpr std::size_t longest_answer = 4096;
constexpr timeval patience{5, 0};

tl::unexpected<Error> not_ours(const std::string& address, const std::string& why) {
  return fail(ErrorKind::unauthorized,
              fmt::format("{} is not this daemon's port: {}; no key was given away", address, why),
              "see who listens there, then: routerone restart");
}

/// As it came; empty if nobody answers.
std::string ask(const ListenAddress& at, const std::string& request) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  if (::getaddrinfo(at.host.c_str(), std::to_string(at.port).c_str(), &hints, &found) != 0)
    return {};
  const Descriptor made(::socket(found->ai_family, SOCK_STREAM, 0));
  for (const int which : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(made.get(), SOL_SOCKET, which, &patience, sizeof patience);
  const bool connected = made && ::connect(made.get(), found->ai_addr, found->ai_addrlen) == 0;
  ::freeaddrinfo(found);
  if (!connected || ::send(made.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
                        static_cast<ssize_t>(request.size()))
    return {};
  std::string text;
  char part[1024];
  for (ssize_t got = 0;
       text.size() < longest_answer && (got = ::recv(made.get(), part, sizeof part, 0)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  return text;
}

std::string answer_in(const std::string& message) {
  const auto body = message.find("\r\n\r\n");
  if (body == message.npos || !message.starts_with("HTTP/1.1 200 ")) return {};
  const auto json = parse_json(message.substr(body + 4), 4);
  const bool fits = json && json->is_object() && json->contains("answer");
  return fits && (*json)["answer"].is_string() ? (*json)["answer"].get<std::string>() : "";
}

}  // namespace

Status prove_port(const std::string& address, const std::string& question,
                  const std::string& answer) {
  TRY(const ListenAddress at, parse_listen_address(address));
  const std::uint32_t us = ::geteuid();
  const auto owner = listener_uid(at.host, at.port, us);
  if (owner && *owner != us) return not_ours(address, fmt::format("user {} listens there", *owner));
  const std::string said =
      ask(at, fmt::format("GET {}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                          control::proof_path, question, address));
  if (said.empty()) return not_ours(address, "nobody answers there");
  if (answer.empty() || answer_in(said) != answer)
    return not_ours(address, "it does not know what the daemon knows");
  return {};
}

}  // namespace routerone::cli
