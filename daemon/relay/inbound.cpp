#include "daemon/relay/inbound.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone {
namespace {

constexpr std::array<std::string_view, 3> key_headers = {"x-api-key", "api-key", "x-goog-api-key"};
constexpr std::string_view key_parameter = "key";
constexpr std::array<std::string_view, 5> secret_parameters = {"key", "api_key", "api-key",
                                                               "access_token", "token"};

/// Never forwarded whatever a dialect says: they belong to one connection or to the caller.
constexpr std::array<std::string_view, 20> own_to_the_hop = {
    "host",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
    "accept-encoding",
    "authorization",
    "x-api-key",
    "api-key",
    "x-goog-api-key",
    "cookie",
    "origin",
    "referer",
};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view known) { return iequals(known, name); });
}

/// Names that the Connection header nominates are hop-by-hop too (RFC 9110, 7.6.1).
bool nominated(http::Fields fields, std::string_view name) {
  for (const http::Field& field : fields) {
    if (!iequals(field.name, "connection")) continue;
    for (const std::string_view option : split(field.value, ',')) {
      if (iequals(trim(option), name)) return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string_view> credentials_of(const http::RequestHead& head) {
  std::vector<std::string_view> credentials;
  const std::string_view authorization = http::find(head.fields, "authorization").value_or("");
  if (istarts_with(authorization, "bearer ")) credentials.push_back(trim(authorization.substr(7)));
  for (const std::string_view name : key_headers) {
    if (const auto value = http::find(head.fields, name)) credentials.push_back(*value);
  }
  for (const std::string_view parameter : split(head.query, '&')) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || parameter.substr(0, equals) != key_parameter) continue;
    credentials.push_back(parameter.substr(equals + 1));
  }
  return credentials;
}

std::vector<http::Field> forwarded_fields(const http::RequestHead& head,
                                          const dialect::Dialect& dialect) {
  std::vector<http::Field> forwarded;
  forwarded.reserve(head.fields.size());
  for (const http::Field& field : head.fields) {
    if (is_one_of(own_to_the_hop, field.name) || nominated(head.fields, field.name)) continue;
    if (dialect.forwards_request_header(field.name)) forwarded.push_back(field);
  }
  return forwarded;
}

std::string path_with_query(std::string_view path, std::string_view query) {
  std::string result(path);
  char separator = '?';
  if (query.empty()) return result;
  for (const std::string_view parameter : split(query, '&')) {
    if (parameter.empty()) continue;
    const std::string name = percent_decoded(parameter.substr(0, parameter.find('=')));
    if (is_one_of(secret_parameters, name)) continue;
    result += separator;
    result += parameter;
    separator = '&';
  }
  return result;
}

}  // namespace routerone
