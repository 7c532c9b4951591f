#include "daemon/control/held_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <thread>
#include <vector>

#include "common/control/held_call.h"
#include "common/platform/descriptor.h"
#include "common/platform/files.h"
#include "daemon/control/socket_place.h"

namespace routerone::control {
namespace {

constexpr int look_every_ms = 250;
constexpr int silent_looks = 40;  ///< A caller that does not say what it wants for so long is cut.

struct Held {
  Descriptor connection;
  std::string line;   ///< As far as it came.
  std::string holds;  ///< Empty: nothing is granted yet.
  int looks = 0;
  bool over = false;
};

Result<Descriptor> listen_at(const std::filesystem::path& path) {
  TRY_STATUS(clear_place(path));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.string().size() + 1);
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM, 0));
  if (!made || ::fcntl(made.get(), F_SETFD, FD_CLOEXEC) != 0 ||
      ::fcntl(made.get(), F_SETFL, O_NONBLOCK) != 0 ||
      ::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), 0600) != 0 || ::listen(made.get(), SOMAXCONN) != 0)
    return fail(ErrorKind::internal, fmt::format("cannot listen on the socket {}: {}",
                                                 path.string(), std::strerror(errno)));
  return made;
}

/// An answer is small beside a socket's buffer: it goes out at once, or its caller is gone.
bool send_now(int fd, const std::string& text) {
  return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(text.size());
}

}  // namespace

struct HeldServer::Impl {
  std::filesystem::path socket;
  Handler handler;
  Descriptor listening, stop_read, stop_write;
  std::list<Held> all;
  std::thread thread;

  void run();
  void accept_all();
  void read_from(Held& held);
  void open_call(Held& held);
  void cut(Held& held);
  void look_at_silent();
};

HeldServer::HeldServer() : impl_(std::make_unique<Impl>()) {}

Result<std::unique_ptr<HeldServer>> HeldServer::start(std::filesystem::path socket,
                                                      Handler handler) {
  TRY_STATUS(ensure_private_dir(socket.parent_path()));
  std::unique_ptr<HeldServer> server(new HeldServer);
  Impl& impl = *server->impl_;
  TRY(impl.listening, listen_at(socket));
  int ends[2];
  if (::pipe(ends) != 0) return fail(ErrorKind::internal, "cannot make a pipe");
  impl.stop_read = Descriptor(ends[0]);
  impl.stop_write = Descriptor(ends[1]);
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  impl.socket = std::move(socket);
  impl.handler = std::move(handler);
  impl.thread = std::thread([&impl] { impl.run(); });
  return server;
}

HeldServer::~HeldServer() {
  if (!impl_->thread.joinable()) return;
  impl_->stop_write.reset();
  impl_->thread.join();
  ::unlink(impl_->socket.c_str());
}

void HeldServer::Impl::run() {
  for (;;) {
    const bool again_soon = handler.look();
    std::vector<pollfd> watched = {{stop_read.get(), POLLIN, 0}, {listening.get(), POLLIN, 0}};
    bool silent = false;
    for (const Held& held : all) {
      watched.push_back({held.connection.get(), POLLIN, 0});
      silent = silent || held.holds.empty();
    }
    const int ready =
        ::poll(watched.data(), watched.size(), again_soon || silent ? look_every_ms : -1);
    if (watched[0].revents != 0) return;
    if (ready == 0) look_at_silent();
    std::size_t at = 2;
    for (Held& held : all) {
      if (watched[at++].revents != 0) read_from(held);
    }
    if (watched[1].revents != 0) accept_all();
    all.remove_if([](const Held& held) { return held.over; });
  }
}

void HeldServer::Impl::accept_all() {
  for (;;) {
    Descriptor made(::accept(listening.get(), nullptr, nullptr));
    if (!made) return;
    ::fcntl(made.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(made.get(), F_SETFL, O_NONBLOCK);
    if (all.size() < most_calls) {
      all.push_back({std::move(made), {}, {}, 0, false});
      continue;
    }
    (void)send_now(made.get(), write_held_answer(
                                   fail(ErrorKind::unavailable,
                                        fmt::format("{} runs are under way already", most_calls))));
  }
}

void HeldServer::Impl::read_from(Held& held) {
  char part[4096];
  const auto got = ::recv(held.connection.get(), part, sizeof part, 0);
  if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (got <= 0 || !held.holds.empty()) return cut(held);
  held.line.append(part, static_cast<std::size_t>(got));
  if (held.line.back() == '\n') return open_call(held);
  if (held.line.size() >= longest_held_line) cut(held);
}

void HeldServer::Impl::open_call(Held& held) {
  const auto answer = [&]() -> Result<Json> {
    TRY(const HeldRequest request, read_held_call(held.line));
    TRY(Granted granted, handler.begin(request.call, request.body));
    held.holds = std::move(granted.holds);
    return std::move(granted.answer);
  }();
  held.line.clear();
  const bool sent = send_now(held.connection.get(), write_held_answer(answer));
  if (!answer || !sent) cut(held);
}

void HeldServer::Impl::cut(Held& held) {
  held.over = true;
  held.connection.reset();
  if (!held.holds.empty()) handler.ended(held.holds);
}

void HeldServer::Impl::look_at_silent() {
  for (Held& held : all) {
    if (held.holds.empty() && ++held.looks > silent_looks) cut(held);
  }
}

}  // namespace routerone::control
