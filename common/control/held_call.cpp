#include "common/control/held_call.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "common/control/contract.h"
#include "common/control/socket_owner.h"

namespace routerone::control {
namespace {

constexpr std::size_t deepest_call = 32;
constexpr timeval longest_answer{45, 0};

std::string line_of(Json json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

tl::unexpected<Error> went_away() {
  return fail(ErrorKind::unavailable, "the daemon did not answer, or went away while answering",
              "routerone status");
}

Result<Descriptor> connect_to(const std::filesystem::path& path) {
  TRY_STATUS(check_socket_owner(path));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.string().size() >= sizeof address.sun_path)
    return fail(ErrorKind::invalid, "the socket's path is too long: " + path.string(),
                "set XDG_RUNTIME_DIR to a shorter path");
  std::memcpy(address.sun_path, path.c_str(), path.string().size() + 1);
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (!made || ::fcntl(made.get(), F_SETFD, FD_CLOEXEC) != 0)
    return fail(ErrorKind::internal, std::string("cannot make a socket: ") + std::strerror(errno));
  if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return daemon_not_running();
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &longest_answer, sizeof longest_answer);
  return made;
}

bool send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

Result<std::string> receive_line(int fd) {
  std::string line;
  char part[4096];
  while (line.size() < longest_held_line) {
    const auto got = ::recv(fd, part, sizeof part, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return went_away();
    line.append(part, static_cast<std::size_t>(got));
    if (line.back() == '\n') return line;
  }
  return went_away();
}

/// A whole number of a message; -1: there is none.
int number_in(const Json& message, const char* field) {
  if (!message.is_object() || !message.contains(field)) return -1;
  const Json& value = message[field];
  return value.is_number_integer() ? value.get<int>() : -1;
}

Json body_of(const Json& message) {
  return message.is_object() && message.contains("body") ? message["body"] : Json();
}

}  // namespace

std::string write_held_call(const char* call, const Json& body) {
  Json message = Json::object();
  message["contract"] = contract_version;
  message["call"] = call;
  message["body"] = body;
  return line_of(std::move(message));
}

std::string write_held_answer(const Result<Json>& result) {
  Json message = Json::object();
  message["contract"] = contract_version;
  message["status"] = result ? 200 : status_of(result.error().kind);
  message["body"] = result ? *result : Json::parse(write_error(result.error()));
  return line_of(std::move(message));
}

Result<Json> read_held_answer(const std::string& line) {
  TRY(const Json message, parse_json(line, deepest_call));
  if (number_in(message, "contract") != contract_version)
    return tl::unexpected(version_mismatch(std::to_string(number_in(message, "contract"))));
  const int status = number_in(message, "status");
  Json body = body_of(message);
  if (status != 200) return tl::unexpected(read_error(status, body.dump()));
  return body;
}

Result<HeldRequest> read_held_call(const std::string& line) {
  TRY(const Json message, parse_json(line, deepest_call));
  if (number_in(message, "contract") != contract_version)
    return tl::unexpected(version_mismatch(std::to_string(number_in(message, "contract"))));
  if (!message.contains("call") || !message["call"].is_string())
    return fail(ErrorKind::invalid, "a held call does not say what it calls");
  return HeldRequest{message["call"].get<std::string>(), body_of(message)};
}

Result<HeldCall> hold_call(const std::filesystem::path& socket, const char* call,
                           const Json& body) {
  TRY(Descriptor connection, connect_to(socket));
  if (!send_all(connection.get(), write_held_call(call, body))) return went_away();
  TRY(const std::string line, receive_line(connection.get()));
  TRY(Json answer, read_held_answer(line));
  return HeldCall{std::move(answer), std::move(connection)};
}

}  // namespace routerone::control
