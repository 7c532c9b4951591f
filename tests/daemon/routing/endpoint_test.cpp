#include "daemon/routing/endpoint.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace routerone;
using routing::base_url_slip;

namespace {

Result<Endpoint> make(const std::string& url, std::map<std::string, std::string> variables = {}) {
  ProviderRecord record;
  record.id = "mybox";
  record.auth = AuthScheme::x_api_key;
  record.ca_file = "/ca.pem";
  record.headers = {{"X-Team", "a"}};
  record.variables = std::move(variables);
  return routing::make_endpoint(record, {"openai-chat", url}, std::make_shared<const Secret>("k"));
}

std::string where(const std::string& url, std::map<std::string, std::string> variables = {}) {
  const auto made = make(url, std::move(variables));
  if (!made) return "! " + made.error().message;
  return (made->tls ? "tls " : "plain ") + made->host + " " + std::to_string(made->port) + " " +
         made->host_header + " " + made->path_prefix;
}

}  // namespace

TEST_CASE("a base URL becomes a place to connect to") {
  CHECK(where("https://api.acme.test/v1") == "tls api.acme.test 443 api.acme.test /v1");
  CHECK(where("HTTPS://API.Acme.test/V1/") == "tls api.acme.test 443 api.acme.test /V1");
  CHECK(where("http://127.0.0.1:8080/v1") == "plain 127.0.0.1 8080 127.0.0.1:8080 /v1");
  CHECK(where("http://localhost:80") == "plain localhost 80 localhost ");
  CHECK(where("https://[::1]:8443/a/b//") == "tls ::1 8443 [::1]:8443 /a/b");
  CHECK(where("http://[2001:db8::7]/v1") == "plain 2001:db8::7 80 [2001:db8::7] /v1");
}

TEST_CASE("what the record says goes along") {
  const auto made = make("https://acme.test/v1");
  REQUIRE(made);
  CHECK(made->provider == "mybox");
  CHECK(made->dialect == "openai-chat");
  CHECK(made->auth == AuthScheme::x_api_key);
  CHECK(made->ca_file == "/ca.pem");
  CHECK(made->headers.front().first == "X-Team");
  CHECK(made->credential->reveal() == "k");
}

TEST_CASE("a proxy's URL names its kind, host and port") {
  const auto http = routing::read_proxy("http://Proxy.test:3128/");
  REQUIRE(http);
  CHECK(http->kind == Proxy::Kind::http_connect);
  CHECK(http->host == "proxy.test");
  CHECK(http->port == 3128);
  const auto socks = routing::read_proxy("SOCKS5H://[::1]:1080");
  REQUIRE(socks);
  CHECK(socks->kind == Proxy::Kind::socks5);
  CHECK(socks->host == "::1");
}

TEST_CASE("a proxy's URL that is none is refused, and says why") {
  for (const char* url : {"", "proxy.test:3128", "https://proxy.test:443", "http://proxy.test",
                          "http://:3128", "socks5://proxy.test:0", "http://proxy.test:3128/path",
                          "http://proxy test:3128", "socks4://proxy.test:1080"}) {
    CAPTURE(url);
    CHECK_FALSE(routing::read_proxy(url));
  }
  const auto login = routing::read_proxy("http://user:canary@proxy.test:3128");
  REQUIRE_FALSE(login);
  CHECK(login.error().message.find("canary") == std::string::npos);
}

TEST_CASE("a provider with a proxy is reached by it, in each of its dialects") {
  ProviderRecord record;
  record.id = "mybox";
  record.proxy = "socks5://127.0.0.1:1080";
  const auto made =
      routing::make_endpoint(record, {"openai-chat", "https://acme.test/v1"}, nullptr);
  REQUIRE(made);
  REQUIRE(made->proxy);
  CHECK(made->proxy->port == 1080);
  CHECK(made->host == "acme.test");
}

TEST_CASE("a base URL that is none is refused, and says why") {
  for (const char* url : {"",
                          "acme.test/v1",
                          "ftp://acme.test",
                          "https://",
                          "https:///v1",
                          "https://:443/v1",
                          "https://acme.test:0/v1",
                          "https://acme.test:65536/v1",
                          "https://acme.test:/v1",
                          "https://acme.test:x/v1",
                          "https://[::1/v1",
                          "https://[::1]x/v1",
                          "https://[acme.test]/v1",
                          "https://[]/v1",
                          "https://user:pass@acme.test/v1",
                          "https://acme.test/v1?key=1",
                          "https://acme.test/v1#x",
                          "https://acme.test/a b",
                          "https://acme.test/\r\nX: 1",
                          "https://acme.test/\xc3\xa9",
                          "https://acme.test\\evil/v1"}) {
    CAPTURE(url);
    const auto made = make(url);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::invalid);
    CHECK(made.error().message.find("mybox") != std::string::npos);
    CHECK(made.error().message.find('\n') == std::string::npos);
    CHECK_FALSE(made.error().hint.empty());
  }
}

TEST_CASE("names in braces are replaced from the record, all of them or none") {
  CHECK(where("https://{REGION}.acme.test/{DEPLOYMENT}/v1",
              {{"REGION", "eu"}, {"DEPLOYMENT", "d"}}) ==
        "tls eu.acme.test 443 eu.acme.test /d/v1");
  const auto missing = make("https://{REGION}.acme.test/{DEPLOYMENT}", {{"REGION", "eu"}});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.find("DEPLOYMENT") != std::string::npos);
  CHECK(missing.error().hint.find("--set DEPLOYMENT=") != std::string::npos);
  CHECK(where("https://{REGION.acme.test").find("'{' is not closed") != std::string::npos);
}

TEST_CASE("a value cannot bring in another host's credentials or a query") {
  for (const char* value : {"a@evil.test", "evil.test?", "evil.test#", "{X}", "a\r\nb", "a b"}) {
    CAPTURE(value);
    CHECK_FALSE(make("https://{X}.acme.test/v1", {{"X", value}}).has_value());
  }
}

TEST_CASE("any text is a place or an error, and a place can be written on a wire") {
  CHECK(rc::check([](const std::string& text) {
    for (const std::string& url : {text, "https://" + text, "http://[" + text + "]/v1"}) {
      const auto made = make(url);
      if (!made) continue;
      RC_ASSERT(!made->host.empty());
      RC_ASSERT(made->port != 0);
      for (const std::string& part : {made->host_header, made->path_prefix}) {
        for (const char c : part) RC_ASSERT(c > 0x20 && c < 0x7f);
      }
    }
  }));
}

TEST_CASE("a slip in a base URL is put in words") {
  const auto slip = [](std::string_view url) {
    return base_url_slip("openai-chat", url).value_or("");
  };
  CHECK(slip("https://acme.test/v1") == "");
  CHECK(slip("https://acme.test/v1/") == "");
  CHECK(slip("https://acme.test/openai/v1") == "");
  CHECK(slip("https://acme.test/v1/v1").find("once is enough") != std::string::npos);
  CHECK(slip("https://acme.test").find("https://acme.test/v1") != std::string::npos);
  CHECK(slip("https://acme.test/").find("https://acme.test/v1") != std::string::npos);
  for (const char* own :
       {"/chat/completions", "/responses", "/messages", "/completions", "/embeddings"}) {
    CAPTURE(own);
    CHECK(slip("https://acme.test/v1" + std::string(own)).find(own) != std::string::npos);
    CHECK(slip("https://acme.test/v1" + std::string(own) + "/").find("leave it off") !=
          std::string::npos);
  }
}
