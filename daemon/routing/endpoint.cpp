#include "daemon/routing/endpoint.h"

#include <algorithm>
#include <array>

#include "common/core/text.h"

namespace routerone::routing {
namespace {

Error bad_url(const ProviderRecord& provider, std::string_view url, std::string_view why) {
  return {
      ErrorKind::invalid,
      "provider '" + provider.id + "': base URL " + printable(url, 200) + ": " + std::string(why),
      "write --base-url https://HOST/v1; on this machine: http://127.0.0.1:PORT/v1"};
}

Result<std::string> with_variables(const ProviderRecord& provider, std::string_view url) {
  std::string out;
  for (std::size_t at = 0; at < url.size();) {
    const std::size_t open = url.find('{', at);
    out.append(url.substr(at, open - at));
    if (open == std::string_view::npos) break;
    const std::size_t close = url.find('}', open);
    if (close == std::string_view::npos) {
      return tl::unexpected(bad_url(provider, url, "a '{' is not closed"));
    }
    const std::string name(url.substr(open + 1, close - open - 1));
    const auto value = provider.variables.find(name);
    if (value == provider.variables.end()) {
      return fail(
          ErrorKind::invalid, "provider '" + provider.id + "' needs a value for " + printable(name),
          "routerone providers update " + provider.id + " --set " + printable(name) + "=..");
    }
    out.append(value->second);
    at = close + 1;
  }
  return out;
}

/// Visible ASCII without what has a meaning of its own in a request line or a URL.
bool clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f &&
           std::string_view("\"<>\\^`{|}@?#").find(c) == std::string_view::npos;
  });
}

struct Authority {
  std::string host;
  std::optional<std::uint16_t> port;
};

bool is_address6(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

std::optional<Authority> read_authority(std::string_view text) {
  Authority authority;
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    authority.host = text.substr(1, close - 1);
    if (!is_address6(authority.host)) return std::nullopt;
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') return std::nullopt;
  } else {
    authority.host = lower(text.substr(0, text.find(':')));
    port = text.substr(std::min(text.find(':'), text.size()));
  }
  if (authority.host.empty()) return std::nullopt;
  if (port.empty()) return authority;
  const auto number = parse_uint(port.substr(1));
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  authority.port = static_cast<std::uint16_t>(*number);
  return authority;
}

}  // namespace

Result<Proxy> read_proxy(std::string_view url) {
  static constexpr std::array<std::pair<std::string_view, Proxy::Kind>, 3> schemes{{
      {"http://", Proxy::Kind::http_connect},
      {"socks5://", Proxy::Kind::socks5},
      {"socks5h://", Proxy::Kind::socks5},
  }};
  const auto bad = [](std::string_view why) {
    return fail(ErrorKind::invalid, "the proxy's URL " + std::string(why),
                "--proxy http://HOST:PORT or --proxy socks5://HOST:PORT");
  };
  for (const auto& [scheme, kind] : schemes) {
    if (!istarts_with(url, scheme)) continue;
    std::string_view rest = url.substr(scheme.size());
    if (rest.find('@') != std::string_view::npos) {
      return bad("holds a user or a password; give them with --proxy-login-from");
    }
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const auto authority = clean(rest) ? read_authority(rest) : std::nullopt;
    if (!authority || !authority->port) return bad("needs a host and a port");
    return Proxy{kind, authority->host, *authority->port, nullptr};
  }
  return bad("must begin with http:// or socks5://");
}

Result<Endpoint> make_endpoint(const ProviderRecord& provider, const EndpointRecord& record,
                               std::shared_ptr<const Secret> credential,
                               std::shared_ptr<const Secret> proxy_login) {
  TRY(const std::string url, with_variables(provider, record.base_url));
  std::string_view rest = url;
  Endpoint endpoint;
  if (istarts_with(rest, "https://")) {
    rest.remove_prefix(8);
  } else if (istarts_with(rest, "http://")) {
    endpoint.tls = false;
    rest.remove_prefix(7);
  } else {
    return tl::unexpected(bad_url(provider, url, "it must begin with https:// or http://"));
  }
  if (!clean(rest)) {
    return tl::unexpected(bad_url(provider, url, "it has characters that do not belong there"));
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const auto authority = read_authority(rest.substr(0, slash));
  if (!authority) return tl::unexpected(bad_url(provider, url, "its host or port is not valid"));
  std::string_view prefix = rest.substr(slash);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);

  const std::uint16_t usual = endpoint.tls ? 443 : 80;
  endpoint.provider = provider.id;
  endpoint.dialect = record.dialect;
  endpoint.host = authority->host;
  endpoint.port = authority->port.value_or(usual);
  const bool literal6 = endpoint.host.find(':') != std::string::npos;
  endpoint.host_header = literal6 ? "[" + endpoint.host + "]" : endpoint.host;
  if (endpoint.port != usual) endpoint.host_header += ":" + std::to_string(endpoint.port);
  endpoint.path_prefix = prefix;
  endpoint.ca_file = provider.ca_file;
  if (!provider.proxy.empty()) {
    TRY(endpoint.proxy, read_proxy(provider.proxy));
    endpoint.proxy->credential = std::move(proxy_login);
  }
  endpoint.auth = provider.auth;
  endpoint.headers = provider.headers;
  endpoint.credential = std::move(credential);
  return endpoint;
}

std::string credential_name(std::string_view provider, std::string_view account) {
  std::string name(provider);
  if (!account.empty()) name.append("#").append(account);
  return name;
}

std::string proxy_login_name(std::string_view provider) { return std::string(provider) + "@proxy"; }

std::optional<std::string> base_url_slip(std::string_view dialect, std::string_view base_url) {
  std::string_view url = base_url;
  while (url.ends_with('/')) url.remove_suffix(1);
  for (const std::string_view own :
       {"/chat/completions", "/responses", "/messages", "/completions", "/embeddings"}) {
    if (url.ends_with(own)) {
      return "the base URL ends in " + std::string(own) +
             ", which is appended by itself; leave it off";
    }
  }
  if (url.ends_with("/v1/v1")) return "the base URL ends in /v1/v1; once is enough";
  const std::size_t scheme = url.find("://");
  const bool bare =
      scheme != std::string_view::npos && url.find('/', scheme + 3) == std::string_view::npos;
  if (bare && !dialect.empty()) {
    return "the base URL has no path; most providers want one, such as " + std::string(url) + "/v1";
  }
  return std::nullopt;
}

}  // namespace routerone::routing
