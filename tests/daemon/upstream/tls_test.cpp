#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/support/tcp_provider_tls.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_loop.h"
#include "tests/support/variable.h"

namespace routerone::test {
namespace {

using upstream::FaultKind;

const std::string request_line = "POST /v1/chat/completions HTTP/1.1\r\n";

/// A provider behind TLS whose authority the caller may trust.
class Secured {
 public:
  explicit Secured(const CertTerms& terms = {},
                   std::vector<TcpProvider::Script> scripts = {always(sized_answer("secured"))})
      : identity_(make_identity(terms, &authority_)), scripts_(std::move(scripts)) {
    write_pem(authority_, ca_file());
  }
  void start() { provider_.emplace(scripts_, tls_.transports()); }

  std::string ca_file() const { return dir_.path() / "ca.pem"; }
  Endpoint endpoint(const std::string& host = "127.0.0.1") const {
    Endpoint made = endpoint_at(provider_->port(), host);
    made.tls = true;
    made.ca_file = ca_file();
    return made;
  }
  ServerTls& tls() { return tls_; }
  TcpProvider& provider() { return *provider_; }
  const std::filesystem::path& dir() const { return dir_.path(); }

 private:
  TempDir dir_;
  Identity authority_ = make_authority();
  Identity identity_;
  ServerTls tls_{identity_};
  std::vector<TcpProvider::Script> scripts_;
  std::optional<TcpProvider> provider_;
};

/// The exchange failed as it should, and neither key nor prompt left this side.
void check_refused(Secured& secured, const Endpoint& endpoint, FaultKind kind,
                   std::string_view word) {
  TestLoop world;
  const Got got = world.post(endpoint, "prompt-canary");
  REQUIRE(got.fault);
  CHECK(got.fault->kind == kind);
  CAPTURE(got.fault->detail);
  CHECK(got.fault->detail.find(word) != std::string::npos);
  CHECK(got.status == 0);
  CHECK(secured.provider().accepted() == 1);
  CHECK(secured.provider().received().empty());
}

}  // namespace

TEST_CASE("a provider whose certificate our own authority signed is talked to") {
  Secured secured;
  secured.start();
  TestLoop world;
  const Got got = world.post(secured.endpoint());
  CHECK(got.whole());
  CHECK(got.body == "secured");
  CHECK(secured.provider().received().starts_with(request_line));
  CHECK(secured.provider().received().find("Bearer sk-canary") != std::string::npos);
  CHECK(secured.tls().asked_name().empty());  // RFC 6066, 3: no address as a server name
}

TEST_CASE("a provider is told which host is meant") {
  Secured secured;
  secured.start();
  TestLoop world([](const std::string&) {
    return upstream::Addresses{boost::asio::ip::make_address("127.0.0.1")};
  });
  CHECK(world.post(secured.endpoint("localhost")).whole());
  CHECK(secured.tls().asked_name() == "localhost");
}

TEST_CASE("requests in a row use one TLS connection") {
  Secured secured;
  secured.start();
  TestLoop world;
  for (int i = 0; i < 3; ++i) CHECK(world.post(secured.endpoint()).whole());
  CHECK(secured.tls().shaken() == 1);
}

TEST_CASE("a second connection takes the session of the first up again") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    Secured secured({}, {always(sized_answer("secured", "connection: close\r\n"))});
    secured.tls().speak_at_most(version);
    secured.start();
    TestLoop world;
    for (int i = 0; i < 4; ++i) CHECK(world.post(secured.endpoint()).whole());
    CHECK(secured.tls().shaken() == 4);
    CHECK(secured.tls().resumed() == 3);
  }
}

TEST_CASE("bodies of any size and framing pass through TLS unchanged") {
  std::mt19937 random(11);
  std::string body(3 << 20, '\0');
  for (char& byte : body) byte = static_cast<char>(random());
  const std::string start = "HTTP/1.1 200 OK\r\n";
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  for (const std::string& answer :
       {sized_answer(body),
        start + "transfer-encoding: chunked\r\n\r\n" + size + body + "\r\n0\r\n\r\n",
        start + "connection: close\r\n\r\n" + body}) {
    Secured secured({}, {[&](ProviderConnection& connection) {
                      connection.read_request();
                      connection.send(answer);
                    }});
    secured.start();
    TestLoop world;
    const Got got = world.post(secured.endpoint(), body);
    CHECK(got.whole());
    CHECK((got.body == body));
    CHECK((secured.provider().received().ends_with(body)));
  }
}

TEST_CASE("a body to the end of a TLS connection is whole only if the end was said") {
  Secured secured({}, {[](ProviderConnection& connection) {
                    connection.read_request();
                    connection.send("HTTP/1.1 200 OK\r\n\r\npart");
                    connection.cut();
                  }});
  secured.start();
  TestLoop world;
  const Got got = world.post(secured.endpoint());
  CHECK(got.body == "part");
  CHECK(got.failed_as(FaultKind::closed_in_body));
}

TEST_CASE("a TLS connection that died while it rested is silently replaced") {
  const auto answer_once = [](ProviderConnection& connection) {
    connection.read_request();
    connection.send(sized_answer("secured"));
  };
  Secured secured({}, {answer_once});
  secured.start();
  TestLoop world;
  int failures = 0;
  for (int i = 0; i < 20; ++i) failures += world.post(secured.endpoint()).whole() ? 0 : 1;
  CHECK(failures == 0);
  CHECK(secured.provider().accepted() == 20);
}

TEST_CASE("an expired certificate is refused, and says so") {
  CertTerms terms;
  terms.begins = -7200;
  terms.ends = -3600;
  Secured secured(terms);
  secured.start();
  check_refused(secured, secured.endpoint(), FaultKind::tls_certificate, "expired");
}

TEST_CASE("a certificate of the future is refused") {
  CertTerms terms;
  terms.begins = 3600;
  terms.ends = 7200;
  Secured secured(terms);
  secured.start();
  check_refused(secured, secured.endpoint(), FaultKind::tls_certificate, "not yet valid");
}

TEST_CASE("a certificate for another host is refused, and says so") {
  for (const std::string name : {"DNS:other.example", "IP:127.0.0.2", "DNS:127.0.0.1"}) {
    CAPTURE(name);
    CertTerms terms;
    terms.name = name;
    Secured secured(terms);
    secured.start();
    check_refused(secured, secured.endpoint(), FaultKind::tls_certificate, "mismatch");
  }
  CertTerms terms;
  terms.name = "DNS:other.example";
  Secured secured(terms);
  secured.start();
  check_refused(secured, secured.endpoint("localhost"), FaultKind::tls_certificate,
                "ostname mismatch");
}

TEST_CASE("a certificate of an unknown authority is refused, and says so") {
  Secured secured;
  secured.start();
  const Secured stranger;
  Endpoint endpoint = secured.endpoint();
  endpoint.ca_file = stranger.ca_file();
  check_refused(secured, endpoint, FaultKind::tls_certificate, "issuer certificate");
}

TEST_CASE("a certificate that signed itself is refused, and says so") {
  const Identity self = make_identity({}, nullptr);
  Secured trusted;
  ServerTls tls(self);
  TcpProvider provider({always(sized_answer("stolen"))}, tls.transports());
  trusted.start();
  Endpoint endpoint = trusted.endpoint();
  endpoint.port = provider.port();
  TestLoop world;
  const Got got = world.post(endpoint);
  REQUIRE(got.failed_as(FaultKind::tls_certificate));
  CHECK(got.fault->detail.find("self-signed") != std::string::npos);
  CHECK(provider.received().empty());
}

TEST_CASE("the system's authorities do not vouch for a stranger") {
  Secured secured;
  secured.start();
  Endpoint endpoint = secured.endpoint();
  endpoint.ca_file.clear();
  check_refused(secured, endpoint, FaultKind::tls_certificate, "");
}

TEST_CASE("TLS 1.1 is refused") {
  Secured secured;
  secured.tls().speak_at_most(TLS1_1_VERSION);
  secured.start();
  check_refused(secured, secured.endpoint(), FaultKind::tls_handshake, "version");
}

TEST_CASE("a provider that closes, resets or talks plainly in the handshake is refused") {
  const std::vector<std::pair<std::string, TcpProvider::Script>> endings = {
      {"close", [](ProviderConnection& connection) { connection.close(); }},
      {"reset", [](ProviderConnection& connection) { connection.leave_unread(); }},
      {"plain", [](ProviderConnection& connection) { connection.send(sized_answer("plain")); }}};
  Secured trusted;
  trusted.start();
  for (const auto& [name, script] : endings) {
    CAPTURE(name);
    TcpProvider provider(script);
    Endpoint endpoint = trusted.endpoint();
    endpoint.port = provider.port();
    TestLoop world;
    const Got got = world.post(endpoint);
    REQUIRE(got.failed_as(FaultKind::tls_handshake));
    CHECK_FALSE(got.fault->detail.empty());
    CHECK(provider.accepted() == 1);
    CHECK(provider.received().find("sk-canary") == std::string::npos);
  }
}

TEST_CASE("a handshake that stalls fails after the connect limit") {
  TcpProvider provider([](ProviderConnection& connection) { connection.wait_until_closed(); });
  Secured trusted;
  trusted.start();
  Endpoint endpoint = trusted.endpoint();
  endpoint.port = provider.port();
  upstream::Timeouts timeouts = patient();
  timeouts.connect = Millis(60);
  TestLoop world;
  CHECK(world.post(endpoint, "{}", timeouts).failed_as(FaultKind::connect_timeout));
}

TEST_CASE("a file of authorities that cannot be used is a fault, until it is mended") {
  Secured secured;
  secured.start();
  Endpoint endpoint = secured.endpoint();
  endpoint.ca_file = secured.dir() / "later.pem";
  TestLoop world;
  const Got missing = world.post(endpoint);
  REQUIRE(missing.failed_as(FaultKind::tls_certificate));
  CHECK(missing.fault->detail.find("later.pem") != std::string::npos);
  std::ofstream(endpoint.ca_file) << "not a certificate";
  CHECK(world.post(endpoint).failed_as(FaultKind::tls_certificate));
  std::filesystem::copy_file(secured.ca_file(), endpoint.ca_file,
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(world.post(endpoint).whole());
}

TEST_CASE("the environment has no say in whom to trust, where to go and what to write down") {
  Secured secured;
  secured.start();
  TcpProvider proxy(always(sized_answer("stolen")));
  const std::string keys = secured.dir() / "keys.log";
  const std::string there = "http://127.0.0.1:" + std::to_string(proxy.port());
  const Variable file("SSL_CERT_FILE", secured.ca_file());
  const Variable dir("SSL_CERT_DIR", secured.dir());
  const Variable log("SSLKEYLOGFILE", keys);
  const Variable upper("HTTPS_PROXY", there), lower("https_proxy", there), all("ALL_PROXY", there);
  {
    TestLoop world;
    CHECK(world.post(secured.endpoint()).whole());
  }
  CHECK_FALSE(std::filesystem::exists(keys));
  CHECK(proxy.accepted() == 0);
  Endpoint untold = secured.endpoint();
  untold.ca_file.clear();
  TestLoop world;
  CHECK(world.post(untold).failed_as(FaultKind::tls_certificate));
}

}  // namespace routerone::test
