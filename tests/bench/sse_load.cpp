// Many concurrent streams against a proxy of mock_upstream:
//   sse_load PORT PATH STREAMS EVENTS [AUTHORIZATION [PROVIDER]]
// The path says the dialect: /v1/chat/completions, /v1/messages or /v1/responses. Prints streams
// that ended whole, events seen, and the lag of events (their time of sending is in them) as p50
// and p99 in milliseconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Stream {
  int fd = -1;
  std::string tail;
  long events = 0;
  bool whole = false;
};

long long now_us() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

/// How a dialect's streams are asked for and read.
struct Dialect {
  std::string_view path, body, text, last;
};
constexpr Dialect dialects[] = {
    {"/v1/chat/completions",
     R"("stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}])",
     R"("content":"t)", "[DONE]"},
    {"/v1/messages", R"("max_tokens":1000,"messages":[{"role":"user","content":"hi"}])",
     R"("text":"t)", "message_stop"},
    {"/v1/responses", R"("input":"hi")", R"("delta":"t)", "event: response.completed"},
};

const Dialect& dialect_of(std::string_view path) {
  for (const Dialect& each : dialects) {
    if (each.path == path) return each;
  }
  return dialects[0];
}

void take(Stream& s, const Dialect& dialect, const char* data, std::size_t size,
          std::vector<float>& lags) {
  s.tail.append(data, size);
  const long long now = now_us();
  std::size_t at = 0;
  for (std::size_t found; (found = s.tail.find(dialect.text, at)) != std::string::npos;) {
    const std::size_t end = s.tail.find(' ', found);
    if (end == std::string::npos) {
      at = found;
      break;
    }
    const long long sent = std::strtoll(s.tail.c_str() + found + dialect.text.size(), nullptr, 10);
    lags.push_back(static_cast<float>(now - sent) / 1000.0F);
    ++s.events;
    at = end;
  }
  if (s.tail.find(dialect.last, at) != std::string::npos) s.whole = true;
  const std::size_t keep = std::min<std::size_t>(s.tail.size() - at, 64);
  s.tail.erase(0, s.tail.size() - keep);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: sse_load PORT PATH STREAMS EVENTS [AUTHORIZATION [PROVIDER]]\n");
    return 2;
  }
  const std::size_t count = std::strtoul(argv[3], nullptr, 10);
  const long events = std::atol(argv[4]);
  const Dialect& dialect = dialect_of(argv[2]);
  const std::string body = R"({"model":")" + std::string(argc > 6 ? argv[6] : "bench") +
                           R"(/m","stream":true,)" + std::string(dialect.body) + "}";
  std::string request =
      "POST " + std::string(argv[2]) + " HTTP/1.1\r\nHost: 127.0.0.1:" + argv[1] +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n";
  if (argc > 5) request += "Authorization: " + std::string(argv[5]) + "\r\n";
  request += "\r\n" + body;

  const int epoll = ::epoll_create1(0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<Stream> streams(count);
  for (std::size_t i = 0; i < count; ++i) {
    streams[i].fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(streams[i].fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      std::perror("connect");
      return 1;
    }
    (void)!::send(streams[i].fd, request.data(), request.size(), MSG_NOSIGNAL);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, streams[i].fd, &event);
  }
  std::vector<float> lags;
  lags.reserve(count * static_cast<std::size_t>(events));
  std::size_t open = count;
  std::vector<epoll_event> ready(512);
  std::vector<char> buffer(64 << 10);
  const long long deadline = now_us() + 180'000'000;
  while (open > 0 && now_us() < deadline) {
    const int got = ::epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), 1000);
    for (int i = 0; i < got; ++i) {
      Stream& s = streams[ready[static_cast<std::size_t>(i)].data.u64];
      const ssize_t size = ::recv(s.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (size > 0) take(s, dialect, buffer.data(), static_cast<std::size_t>(size), lags);
      if (size > 0 && !s.whole) continue;
      if (size < 0 && errno == EAGAIN) continue;
      ::close(s.fd);
      --open;
    }
  }
  const auto whole = std::count_if(streams.begin(), streams.end(),
                                   [&](const Stream& s) { return s.whole && s.events == events; });
  std::sort(lags.begin(), lags.end());
  const auto at = [&lags](double share) {
    return lags.empty()
               ? 0.0F
               : lags[static_cast<std::size_t>(share * static_cast<double>(lags.size() - 1))];
  };
  std::printf("streams=%zu whole=%ld events=%zu lag_p50_ms=%.2f lag_p99_ms=%.2f\n", count,
              static_cast<long>(whole), lags.size(), static_cast<double>(at(0.5)),
              static_cast<double>(at(0.99)));
  return whole == static_cast<long>(count) ? 0 : 1;
}
