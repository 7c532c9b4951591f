#include "daemon/upstream/request_head.h"

#include "common/core/text.h"

namespace routerone::upstream {
namespace {

bool fits_a_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void add(std::string& head, std::string_view name, std::string_view value) {
  if (!fits_a_line(name) || !fits_a_line(value)) return;
  head.append(name).append(": ").append(value).append("\r\n");
}

void add_credential(std::string& head, const Endpoint& endpoint) {
  if (!endpoint.credential || endpoint.credential->empty()) return;
  const std::string_view secret = endpoint.credential->reveal();
  if (!fits_a_line(secret)) return;
  switch (endpoint.auth) {
    case AuthScheme::bearer:
      head.append("authorization: Bearer ").append(secret).append("\r\n");
      break;
    case AuthScheme::x_api_key:
      add(head, "x-api-key", secret);
      break;
    case AuthScheme::x_goog_api_key:
      add(head, "x-goog-api-key", secret);
      break;
    case AuthScheme::api_key:
      add(head, "api-key", secret);
      break;
    case AuthScheme::none:
      break;
  }
}

}  // namespace

std::string write_request_head(const Request& request) {
  const Endpoint& endpoint = request.endpoint;
  std::size_t size = 0;
  for (const std::string_view piece : request.body) size += piece.size();
  std::string head;
  head.reserve(1024);
  head.append(request.method).append(" ");
  const std::string target = endpoint.path_prefix + std::string(request.path);
  head.append(target.substr(0, target.find_first_of(std::string_view(" \r\n\0", 4))));
  head.append(" HTTP/1.1\r\n");
  add(head, "host", endpoint.host_header);
  for (const http::Field& field : request.fields) add(head, field.name, field.value);
  for (const auto& [name, value] : endpoint.headers) {
    if (!http::find(request.fields, name)) add(head, name, value);
  }
  add_credential(head, endpoint);
  add(head, "accept-encoding", "identity");
  if (size > 0 || request.method == "POST") add(head, "content-length", std::to_string(size));
  head.append("\r\n");
  return head;
}

}  // namespace routerone::upstream
