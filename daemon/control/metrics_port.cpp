#include "daemon/control/metrics_port.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <thread>

#include "common/config/listen.h"
#include "common/core/text.h"
#include "daemon/control/metrics.h"

namespace routerone::control {
namespace {

constexpr std::array<std::string_view, 3> loopback_names = {"127.0.0.1", "::1", "localhost"};

/// A page in a browser can be led here by a name of its own; then the Host tells.
bool is_stranger(const httplib::Request& request, std::uint16_t port) {
  if (request.has_header("Origin")) return true;
  const std::string host = lower(request.get_header_value("Host"));
  return std::none_of(loopback_names.begin(), loopback_names.end(), [&](std::string_view name) {
    const bool bracketed = name.find(':') != name.npos;
    return host ==
           (bracketed ? fmt::format("[{}]:{}", name, port) : fmt::format("{}:{}", name, port));
  });
}

}  // namespace

struct MetricsPort::Impl {
  httplib::Server http;
  std::uint16_t port = 0;
  std::thread thread;
};

MetricsPort::MetricsPort() : impl_(std::make_unique<Impl>()) {}

Result<std::unique_ptr<MetricsPort>> MetricsPort::start(const ListenAddress& address,
                                                        const Router& router) {
  const std::string host = address.host.empty() ? "127.0.0.1" : address.host;
  TRY_STATUS(check_metrics_address(address));
  std::unique_ptr<MetricsPort> made(new MetricsPort);
  Impl& impl = *made->impl_;
  httplib::Server& http = impl.http;
  http.set_keep_alive_max_count(1);
  http.set_read_timeout(5);
  http.set_write_timeout(5);
  http.set_payload_max_length(0);
  http.new_task_queue = [] { return new httplib::ThreadPool(2); };
  // The library would let another daemon share the port.
  http.set_socket_options([](int socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  http.Get(metrics_path,
           [&router, &impl](const httplib::Request& request, httplib::Response& response) {
             const auto page = router.read(metrics_path);
             if (is_stranger(request, impl.port) || !page) {
               response.status = 403;
               return;
             }
             response.set_content(page->body, page->type);
           });
  if (!http.bind_to_port(host, address.port))
    return fail(ErrorKind::conflict,
                fmt::format("cannot listen on {} port {} for --metrics", host, address.port),
                "choose another port");
  impl.port = address.port;
  impl.thread = std::thread([&http] { http.listen_after_bind(); });
  while (!http.is_running()) std::this_thread::yield();  // stop() before that would be lost
  return made;
}

MetricsPort::~MetricsPort() {
  if (!impl_->thread.joinable()) return;
  impl_->http.stop();
  impl_->thread.join();
}

}  // namespace routerone::control
