#include "common/control/socket_talk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "common/control/contract.h"
#include "common/control/socket_owner.h"
#include "common/core/text.h"

namespace routerone::control {
namespace {

constexpr std::size_t largest_head = 16 << 10;
constexpr std::size_t largest_body = 1u << 30;
constexpr std::string_view head_end = "\r\n\r\n";

timeval timeval_of(Millis span) {
  return {.tv_sec = static_cast<time_t>(span.count() / 1'000),
          .tv_usec = static_cast<suseconds_t>(span.count() % 1'000 * 1'000)};
}

tl::unexpected<Error> not_ours(const char* why) {
  return fail(ErrorKind::internal, std::string("the daemon's answer cannot be read: ") + why,
              "routerone restart");
}

/// Appends what comes next; false: nothing does.
bool receive_more(int fd, std::string& text) {
  char part[64 << 10];
  while (true) {
    const auto got = ::recv(fd, part, sizeof part, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    text.append(part, static_cast<std::size_t>(got));
    return true;
  }
}

std::string request(std::string_view path, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: routerone\r\n{}: {}\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\nConnection: close\r\n\r\n{}",
      path, contract_field, contract_version, body.size(), body);
}

}  // namespace

tl::unexpected<Error> went_away() {
  return fail(ErrorKind::unavailable, "the daemon did not answer, or went away while answering",
              "routerone doctor");
}

Result<Descriptor> connect_to(const std::filesystem::path& socket, const Patience& patience) {
  TRY_STATUS(check_socket_owner(socket));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.native().size() >= sizeof address.sun_path)
    return fail(ErrorKind::invalid, "the socket's path is too long: " + socket.string(),
                "set XDG_RUNTIME_DIR to a shorter path");
  std::memcpy(address.sun_path, socket.c_str(), socket.native().size() + 1);
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (!made || ::fcntl(made.get(), F_SETFD, FD_CLOEXEC) != 0)
    return fail(ErrorKind::internal, std::string("cannot make a socket: ") + std::strerror(errno));
  // Sending's limit is connecting's too: it waits while the daemon's queue is full.
  const timeval connect = timeval_of(patience.connect), silence = timeval_of(patience.silence);
  ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &connect, sizeof connect);
  ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    // Its queue is full: it is there, and takes no call.
    if (errno == EAGAIN || errno == EINPROGRESS) return went_away();
    return daemon_not_running();
  }
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

Result<PostHead> read_post_head(std::string_view head) {
  const auto lines = split(head, '\n');
  const auto words = split(lines.front(), ' ');
  const auto status = words.size() < 2 ? std::nullopt : parse_uint(trim(words[1]).substr(0, 3));
  if (!words.front().starts_with("HTTP/1.") || !status || *status < 200 || *status > 599)
    return not_ours("it is not HTTP");
  PostHead out;
  out.status = static_cast<int>(*status);
  std::optional<std::uint64_t> length;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    const std::string_view name = line.substr(0, colon), value = trim(line.substr(colon + 1));
    if (iequals(name, contract_field)) out.contract = value;
    if (iequals(name, "content-length")) length = parse_uint(value);
  }
  if (!length || *length > largest_body) return not_ours("it does not say how long it is");
  out.length = static_cast<std::size_t>(*length);
  return out;
}

Result<PostAnswer> post(const std::filesystem::path& socket, std::string_view path,
                        std::string_view body, const Patience& patience) {
  TRY(const Descriptor connection, connect_to(socket, patience));
  // One that refuses a call may answer before it has read it all: so what it says is read anyway.
  (void)send_all(connection.get(), request(path, body));
  std::string text;
  std::size_t end = text.npos;
  while ((end = text.find(head_end)) == text.npos) {
    if (text.size() > largest_head) return not_ours("its head has no end");
    if (!receive_more(connection.get(), text)) return went_away();
  }
  TRY(PostHead head, read_post_head(std::string_view(text).substr(0, end)));
  text.erase(0, end + head_end.size());
  while (text.size() < head.length)
    if (!receive_more(connection.get(), text)) return went_away();
  text.resize(head.length);
  return PostAnswer{head.status, std::move(head.contract), std::move(text)};
}

}  // namespace routerone::control
