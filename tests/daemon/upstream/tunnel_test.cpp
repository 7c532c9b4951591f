#include <doctest/doctest.h>

#include "tests/support/tcp_provider_tls.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_loop.h"

namespace routerone::test {
namespace {

using namespace std::string_literals;
using upstream::FaultKind;

Proxy proxy_at(std::uint16_t port, Proxy::Kind kind, const char* credential = nullptr) {
  Proxy proxy{kind, "127.0.0.1", port, nullptr};
  if (credential != nullptr) proxy.credential = std::make_shared<const Secret>(credential);
  return proxy;
}

/// Nobody knows this name but the proxy.
Endpoint far_away(const TcpProvider& proxy, Proxy::Kind kind, const char* credential = nullptr) {
  Endpoint endpoint = endpoint_at(8443, "api.far.example");
  endpoint.proxy = proxy_at(proxy.port(), kind, credential);
  return endpoint;
}

void answer(ProviderConnection& connection) {
  connection.read_request();
  connection.send(sized_answer("from afar"));
}

enum class Then { serves, leaves };

/// Says `head` to a CONNECT, then is the provider itself.
TcpProvider::Script http_proxy(const std::string& head, Then then = Then::serves) {
  return [head, then](ProviderConnection& connection) {
    connection.read_request();
    if (connection.send(head) && then == Then::serves) answer(connection);
  };
}

struct Socks {
  std::string method = "\x05\x00"s;
  std::string login = {};  ///< The answer to user and password; empty: not asked for.
  std::string reply = "\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90"s;
  Then then = Then::serves;
};
TcpProvider::Script socks_proxy(const Socks& socks, std::size_t greeting = 3,
                                std::size_t login = 0) {
  return [=](ProviderConnection& connection) {
    connection.read_bytes(greeting);
    connection.send(socks.method);
    if (login > 0) {
      connection.read_bytes(login);
      connection.send(socks.login);
    }
    connection.read_bytes(4 + 1 + 15 + 2);  // a name of fifteen letters
    if (connection.send(socks.reply) && socks.then == Then::serves) answer(connection);
  };
}

/// The proxy refused: with these words, and the provider's credential stayed here.
void check_refused(const TcpProvider::Script& script, Proxy::Kind kind, std::string_view words,
                   const char* credential = nullptr) {
  TcpProvider proxy(script);
  TestLoop world;
  const Got got = world.post(far_away(proxy, kind, credential), "prompt-canary");
  REQUIRE(got.fault);
  CHECK(got.fault->kind == FaultKind::proxy);
  CHECK(got.fault->detail == words);
  CHECK_FALSE(got.fault->sent);
  CHECK(proxy.received().find("canary") == std::string::npos);
}

constexpr auto http = Proxy::Kind::http_connect;
constexpr auto socks5 = Proxy::Kind::socks5;

}  // namespace

TEST_CASE("a CONNECT names host and port, and the request follows through the tunnel") {
  TcpProvider proxy(http_proxy("HTTP/1.1 200 Connection established\r\nvia: 1.1 p\r\n\r\n"));
  TestLoop world;
  const Got got = world.post(far_away(proxy, http));
  CHECK(got.body == "from afar");
  const std::string connect =
      "CONNECT api.far.example:8443 HTTP/1.1\r\nhost: api.far.example:8443\r\n\r\n";
  CHECK(proxy.received().starts_with(connect + "POST /v1/chat/completions HTTP/1.1\r\n"));
}

TEST_CASE("a proxy's user and password go to the proxy") {
  TcpProvider proxy(http_proxy("HTTP/1.0 200 ok\r\n\r\n"));
  TestLoop world;
  CHECK(world.post(far_away(proxy, http, "user:pass:word")).whole());
  CHECK(proxy.received().find("\r\nproxy-authorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n") !=
        std::string::npos);
}

TEST_CASE("the tunnel is kept for the next request") {
  TcpProvider proxy([](ProviderConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 ok\r\n\r\n");
    answer(connection);
    answer(connection);
  });
  TestLoop world;
  const Endpoint endpoint = far_away(proxy, http);
  CHECK(world.post(endpoint).whole());
  CHECK(world.post(endpoint).whole());
  CHECK(proxy.accepted() == 1);
}

TEST_CASE("what an HTTP proxy refuses is told, and nothing of the request is sent") {
  check_refused(http_proxy("HTTP/1.1 407 no\r\n\r\n"), http,
                "the proxy wants another user and password");
  check_refused(http_proxy("HTTP/1.1 403 no\r\n\r\n"), http, "the proxy refused with status 403");
  check_refused(http_proxy("SSH-2.0-OpenSSH_9.2 here\r\n\r\n"), http,
                "the proxy does not speak HTTP");
  check_refused(http_proxy("HTTP/1.1 2", Then::leaves), http, "the proxy closed the connection");
  check_refused(http_proxy("HTTP/1.1 200 ok\r\n\r\nforged"), http,
                "the proxy sent more than its answer");
  check_refused(http_proxy("HTTP/1.1 200 ok\r\nx: " + std::string(40'000, 'x')), http,
                "the proxy's answer is too long");
}

TEST_CASE("SOCKS5 is given the name to look up, and the request follows") {
  TcpProvider proxy(socks_proxy({}));
  TestLoop world;
  CHECK(world.post(far_away(proxy, socks5)).body == "from afar");
  CHECK(
      proxy.received().starts_with("\x05\x01\x00"
                                   "\x05\x01\x00\x03\x0f"
                                   "api.far.example\x20\xfb"
                                   "POST /v1"s));
}

TEST_CASE("SOCKS5 is given an address as an address") {
  TcpProvider proxy([](ProviderConnection& connection) {
    connection.read_bytes(3);
    connection.send("\x05\x00"s);
    connection.read_bytes(4 + 4 + 2);
    connection.send("\x05\x00\x00\x03\x04near\x00\x01"s);
    answer(connection);
  });
  TestLoop world;
  Endpoint endpoint = endpoint_at(80, "192.0.2.7");
  endpoint.proxy = proxy_at(proxy.port(), socks5);
  CHECK(world.post(endpoint).whole());
  CHECK(proxy.received().substr(3, 10) == "\x05\x01\x00\x01\xc0\x00\x02\x07\x00\x50"s);
}

TEST_CASE("SOCKS5 asks for user and password only where there are some") {
  const Socks by_password{.method = "\x05\x02"s, .login = "\x01\x00"s};
  TcpProvider proxy(socks_proxy(by_password, 4, 3 + 4 + 4));
  TestLoop world;
  CHECK(world.post(far_away(proxy, socks5, "user:word")).whole());
  CHECK(proxy.received().starts_with("\x05\x02\x00\x02\x01\x04user\x04word\x05\x01"s));
  check_refused(socks_proxy(by_password), socks5, "the proxy wants a user and a password");
}

TEST_CASE("what a SOCKS5 proxy refuses is told, and nothing of the request is sent") {
  check_refused(socks_proxy({.method = "\x05\x02"s, .login = "\x01\x01"s}, 4, 3 + 1 + 1), socks5,
                "the proxy wants another user and password", "u:p");
  check_refused(socks_proxy({.reply = "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"s}), socks5,
                "the provider refused the proxy's connection");
  check_refused(socks_proxy({.method = "HTTP/1.1 400 no"}), socks5,
                "the proxy does not speak SOCKS5");
  check_refused(socks_proxy({.reply = "\x05\x00\x00"s, .then = Then::leaves}), socks5,
                "the proxy closed the connection");
}

TEST_CASE("a proxy that says nothing is given no more time than a connection has") {
  TcpProvider proxy([](ProviderConnection& connection) { connection.wait_until_closed(); });
  TestLoop world;
  upstream::Timeouts timeouts = patient();
  timeouts.connect = Millis(50);
  CHECK(world.post(far_away(proxy, socks5), "{}", timeouts).failed_as(FaultKind::connect_timeout));
}

TEST_CASE("TLS goes through the proxy to the provider, whose certificate is checked") {
  TempDir dir;
  const Identity authority = make_authority();
  const std::string ca_file = dir.path() / "ca.pem";
  write_pem(authority, ca_file);
  ServerTls tls(make_identity({}, &authority));
  TcpProvider provider({always(sized_answer("secured"))}, tls.transports());
  TcpProvider proxy([&](ProviderConnection& connection) {
    connection.read_request();
    connection.send("HTTP/1.1 200 ok\r\n\r\n");
    connection.pass_on_to(provider.port());
  });
  Endpoint endpoint = endpoint_at(provider.port());
  endpoint.tls = true;
  endpoint.ca_file = ca_file;
  endpoint.proxy = proxy_at(proxy.port(), http);
  TestLoop world;
  CHECK(world.post(endpoint).body == "secured");
  CHECK(proxy.received().find("canary") == std::string::npos);
  endpoint.host = "127.0.0.2";
  CHECK(world.post(endpoint).failed_as(FaultKind::tls_certificate));
}

}  // namespace routerone::test
