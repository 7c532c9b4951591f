#include "daemon/control/server.h"

#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "common/control/contract.h"
#include "common/platform/files.h"
#include "daemon/control/socket_place.h"

namespace routerone::control {
namespace {

constexpr std::size_t largest_call = 4u << 20;
constexpr std::size_t deepest_call = 32;

bool version_free(const std::string& path) {
  return path == path::status || path == path::shutdown;
}

Result<Json> answer(const Router& router, const httplib::Request& request) {
  const std::string theirs = request.get_header_value(contract_field);
  if (theirs != std::to_string(contract_version) && !version_free(request.path))
    return tl::unexpected(version_mismatch(theirs));
  TRY(const Json body, parse_json(request.body, deepest_call));
  return router.handle(request.path, body);
}

void write_answer(const Result<Json>& result, httplib::Response& response) {
  response.set_header(contract_field, std::to_string(contract_version));
  response.status = result ? 200 : status_of(result.error().kind);
  response.set_content(result ? result->dump(-1, ' ', true, Json::error_handler_t::replace)
                              : write_error(result.error()),
                       "application/json");
}

void write_page(const Result<Page>& page, httplib::Response& response) {
  if (!page) return write_answer(tl::unexpected(page.error()), response);
  response.set_content(page->body, page->type);
}

}  // namespace

struct Server::Impl {
  std::filesystem::path socket;
  httplib::Server http;
  int listening = -1;  // owned by http
  std::thread thread;
};

Server::Server() : impl_(std::make_unique<Impl>()) {}

Result<std::unique_ptr<Server>> Server::start(std::filesystem::path socket, const Router& router) {
  TRY_STATUS(ensure_private_dir(socket.parent_path()));
  TRY_STATUS(clear_place(socket));
  std::unique_ptr<Server> server(new Server);
  httplib::Server& http = server->impl_->http;
  http.set_address_family(AF_UNIX);
  http.set_keep_alive_max_count(1);  // a caller that says no more holds no thread
  http.set_read_timeout(10);
  http.set_write_timeout(10);
  http.set_payload_max_length(largest_call);
  http.new_task_queue = [] { return new httplib::ThreadPool(call_threads + most_tails); };
  http.Post("/.*", [&router](const httplib::Request& request, httplib::Response& response) {
    write_answer(answer(router, request), response);
  });
  http.Get("/.*", [&router](const httplib::Request& request, httplib::Response& response) {
    write_page(router.read(request.path), response);
  });
  http.set_exception_handler(
      [](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
        write_answer(fail(ErrorKind::internal, "the daemon failed at this call"), response);
      });
  // The library queues five callers; a Unix socket refuses the sixth, who would take us for dead.
  int& listening = server->impl_->listening;
  http.set_socket_options([&listening](int made) { listening = made; });
  constexpr int unused_port = 80;  // a Unix socket has none
  if (!http.bind_to_port(socket.string(), unused_port) || ::chmod(socket.c_str(), 0600) != 0 ||
      ::listen(listening, SOMAXCONN) != 0)
    return fail(ErrorKind::internal, "cannot listen on the control socket " + socket.string());
  server->impl_->socket = std::move(socket);
  server->impl_->thread = std::thread([&http] { http.listen_after_bind(); });
  while (!http.is_running()) std::this_thread::yield();  // stop() before that would be lost
  return server;
}

Server::~Server() {
  if (!impl_->thread.joinable()) return;
  impl_->http.stop();
  impl_->thread.join();
  ::unlink(impl_->socket.c_str());
}

}  // namespace routerone::control
