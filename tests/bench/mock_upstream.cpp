// A provider for benchmarks: one thread, epoll, fixed answers, as little work as can be.
//   mock_upstream PORT ANSWER_BYTES [EVENTS HZ [EVENT_BYTES]]
// POST without `"stream":true`: a chat completion padded to ANSWER_BYTES. With it: EVENTS chat
// chunks at HZ a second, each with the sender's monotonic time in it and EVENT_BYTES more text,
// then finish, usage, [DONE].
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

struct Connection {
  int fd = -1;
  std::string in;
  std::string out;
  int events_left = 0;  // of a stream under way
  bool streaming = false;
};

struct Server {
  std::size_t answer_bytes = 2048;
  int events = 400;
  int hz = 20;
  int epoll = -1;
  std::unordered_map<int, std::unique_ptr<Connection>> connections;
  std::string answer;
  std::string more;  // text of each event
  // Streams are spread over the ticks of a second so that they do not all speak at once.
  std::vector<std::vector<int>> slots;
  std::size_t slot = 0;
};

std::string chunked(const std::string& data) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

long long now_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

std::string make_answer(std::size_t bytes) {
  std::string head =
      R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,"message":{"role":"assistant","content":")";
  std::string tail =
      R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}})";
  std::string body = head;
  if (bytes > head.size() + tail.size()) body.append(bytes - head.size() - tail.size(), 'x');
  body += tail;
  return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

void flush(Server& server, Connection& c) {
  while (!c.out.empty()) {
    const ssize_t sent = ::send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    c.out.erase(0, static_cast<std::size_t>(sent));
  }
  epoll_event event{};
  event.data.fd = c.fd;
  event.events = EPOLLIN | (c.out.empty() ? 0U : static_cast<unsigned>(EPOLLOUT));
  ::epoll_ctl(server.epoll, EPOLL_CTL_MOD, c.fd, &event);
}

void serve(Server& server, Connection& c) {
  for (;;) {
    const std::size_t head = c.in.find("\r\n\r\n");
    if (head == std::string::npos) return;
    std::size_t length = 0;
    for (const char* name : {"content-length: ", "Content-Length: "}) {
      const std::size_t at = c.in.find(name);
      if (at != std::string::npos && at < head) {
        length = std::strtoul(c.in.c_str() + at + 16, nullptr, 10);
      }
    }
    if (c.in.size() < head + 4 + length) return;
    const bool stream = c.in.find("\"stream\":true", head) != std::string::npos;
    c.in.erase(0, head + 4 + length);
    if (!stream) {
      c.out += server.answer;
    } else {
      c.out +=
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: "
          "chunked\r\n\r\n";
      c.events_left = server.events;
      c.streaming = true;
      server.slots[static_cast<std::size_t>(c.fd) % server.slots.size()].push_back(c.fd);
    }
    flush(server, c);
  }
}

void tick(Server& server) {
  std::vector<int> due;
  due.swap(server.slots[server.slot]);
  std::vector<int>& again = server.slots[server.slot];
  for (const int fd : due) {
    const auto found = server.connections.find(fd);
    if (found == server.connections.end() || !found->second->streaming) continue;
    Connection& c = *found->second;
    if (c.events_left-- > 0) {
      c.out += chunked(
          "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
          "\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"t" +
          std::to_string(now_us()) + " " + server.more + "\"},\"finish_reason\":null}]}\n\n");
      again.push_back(fd);
    } else {
      c.streaming = false;
      c.out += chunked(
          "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":"
          "\"stop\"}]}\n\ndata: {\"id\":\"chatcmpl-1\",\"choices\":[],\"usage\":{\"prompt_tokens\":"
          "100,\"completion_tokens\":400,\"total_tokens\":500}}\n\ndata: [DONE]\n\n");
      c.out += "0\r\n\r\n";
    }
    flush(server, c);
  }
  server.slot = (server.slot + 1) % server.slots.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: mock_upstream PORT ANSWER_BYTES [EVENTS HZ [EVENT_BYTES]]\n");
    return 2;
  }
  Server server;
  server.answer_bytes = std::strtoul(argv[2], nullptr, 10);
  if (argc > 4) {
    server.events = std::atoi(argv[3]);
    server.hz = std::atoi(argv[4]);
  }
  if (argc > 5) server.more.assign(std::strtoul(argv[5], nullptr, 10), 'x');
  server.answer = make_answer(server.answer_bytes);
  server.slots.resize(10);  // of one period: a tick each
  server.epoll = ::epoll_create1(0);

  const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listening, 8192) != 0) {
    std::perror("mock_upstream");
    return 1;
  }
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  itimerspec every{};
  every.it_interval.tv_nsec = 1000000000L / server.hz / static_cast<long>(server.slots.size());
  every.it_value = every.it_interval;
  ::timerfd_settime(timer, 0, &every, nullptr);
  for (const int fd : {listening, timer}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(server.epoll, EPOLL_CTL_ADD, fd, &event);
  }
  std::vector<epoll_event> ready(512);
  std::vector<char> buffer(256 << 10);
  for (;;) {
    const int count = ::epoll_wait(server.epoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[static_cast<std::size_t>(i)].data.fd;
      if (fd == listening) {
        for (int got; (got = ::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
          ::setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          auto c = std::make_unique<Connection>();
          c->fd = got;
          epoll_event event{};
          event.events = EPOLLIN;
          event.data.fd = got;
          ::epoll_ctl(server.epoll, EPOLL_CTL_ADD, got, &event);
          server.connections[got] = std::move(c);
        }
        continue;
      }
      if (fd == timer) {
        std::uint64_t ticks = 0;
        if (::read(timer, &ticks, sizeof ticks) != sizeof ticks) continue;
        for (; ticks > 0; --ticks) tick(server);
        continue;
      }
      Connection& c = *server.connections[fd];
      const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
      if (got == 0 || (got < 0 && errno != EAGAIN)) {
        ::close(fd);
        server.connections.erase(fd);
        continue;
      }
      if (got > 0) {
        c.in.append(buffer.data(), static_cast<std::size_t>(got));
        serve(server, c);
      } else {
        flush(server, c);
      }
    }
  }
}
