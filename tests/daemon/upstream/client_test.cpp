#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <random>

#include "tests/support/tcp_provider.h"
#include "tests/support/test_loop.h"
#include "tests/support/variable.h"

namespace routerone::test {
namespace {

using upstream::FaultKind;

/// A request whose parts a test changes.
struct Draft {
  Endpoint endpoint;
  std::string method = "POST";
  std::string path = "/chat/completions";
  std::vector<http::Field> fields;
  std::vector<std::string_view> body;
};

/// The bytes a provider got for one request.
std::string on_the_wire(const std::function<void(Draft&)>& change) {
  TcpProvider provider(always(sized_answer("{}")));
  Draft draft;
  draft.endpoint = endpoint_at(provider.port());
  draft.endpoint.host_header = "api.example";
  change(draft);
  const upstream::Request request{draft.endpoint, draft.method, draft.path, draft.fields,
                                  draft.body};
  TestLoop world;
  CHECK(world.exchange(request).whole());
  return provider.received();
}

}  // namespace

TEST_CASE("a request goes out as these bytes and no others") {
  const std::array<std::string_view, 3> body = {"{\"model\":", "\"m\"", "}"};
  const std::string sent = on_the_wire([&](Draft& request) {
    request.fields = {{"content-type", "application/json"}, {"x-extra", "1"}};
    request.body.assign(body.begin(), body.end());
  });
  CHECK(sent ==
        "POST /v1/chat/completions HTTP/1.1\r\n"
        "host: api.example\r\n"
        "content-type: application/json\r\n"
        "x-extra: 1\r\n"
        "authorization: Bearer sk-canary-of-the-provider\r\n"
        "accept-encoding: identity\r\n"
        "content-length: 13\r\n"
        "\r\n"
        "{\"model\":\"m\"}");
}

TEST_CASE("a GET has no body and no length, and keeps its query") {
  const std::string sent = on_the_wire([](Draft& request) {
    request.method = "GET";
    request.path = "/models?limit=5";
  });
  CHECK(sent ==
        "GET /v1/models?limit=5 HTTP/1.1\r\n"
        "host: api.example\r\n"
        "authorization: Bearer sk-canary-of-the-provider\r\n"
        "accept-encoding: identity\r\n"
        "\r\n");
}

TEST_CASE("a POST without a body says so") {
  const std::string sent = on_the_wire([](Draft&) {});
  CHECK(sent.find("\r\ncontent-length: 0\r\n") != std::string::npos);
}

TEST_CASE("each scheme puts the credential into its own header, once") {
  const std::vector<std::pair<AuthScheme, std::string>> schemes = {
      {AuthScheme::bearer, "\r\nauthorization: Bearer sk-canary-of-the-provider\r\n"},
      {AuthScheme::x_api_key, "\r\nx-api-key: sk-canary-of-the-provider\r\n"},
      {AuthScheme::x_goog_api_key, "\r\nx-goog-api-key: sk-canary-of-the-provider\r\n"},
      {AuthScheme::api_key, "\r\napi-key: sk-canary-of-the-provider\r\n"}};
  for (const auto& [scheme, line] : schemes) {
    const std::string sent =
        on_the_wire([&, auth = scheme](Draft& request) { request.endpoint.auth = auth; });
    CAPTURE(line);
    CHECK(sent.find(line) != std::string::npos);
    const std::size_t first = sent.find("sk-canary");
    CHECK(sent.find("sk-canary", first + 1) == std::string::npos);
  }
  const std::string without =
      on_the_wire([](Draft& request) { request.endpoint.auth = AuthScheme::none; });
  CHECK(without.find("sk-canary") == std::string::npos);
}

TEST_CASE("an endpoint's own headers are added, but not over the request's") {
  const std::string sent = on_the_wire([](Draft& request) {
    request.endpoint.headers = {{"x-fixed", "ours"}, {"X-Version", "ours"}};
    request.fields = {{"x-version", "theirs"}};
  });
  CHECK(sent.find("\r\nx-fixed: ours\r\n") != std::string::npos);
  CHECK(sent.find("\r\nx-version: theirs\r\n") != std::string::npos);
  CHECK(sent.find("X-Version") == std::string::npos);
}

TEST_CASE("nothing in a header or a path can end its line early") {
  for (const std::string& evil : {std::string("a\r\nx-smuggled: 1"), std::string("a\nb"),
                                  std::string("a\rb"), std::string("a\0b", 3)}) {
    const std::string sent = on_the_wire([&](Draft& request) {
      request.fields = {{"x-evil", evil}, {evil, "x"}};
      request.path = evil;
      request.endpoint.headers = {{"x-evil-too", evil}};
      request.endpoint.credential = std::make_shared<const Secret>(evil);
    });
    CHECK(sent ==
          "POST /v1a HTTP/1.1\r\n"
          "host: api.example\r\n"
          "accept-encoding: identity\r\n"
          "content-length: 0\r\n"
          "\r\n");
  }
}

TEST_CASE("a large body of many pieces arrives as their sum") {
  std::mt19937 random(7);
  std::vector<std::string> parts;
  std::string sum;
  for (int i = 0; i < 200; ++i) {
    parts.emplace_back(random() % 60'000, static_cast<char>('a' + i % 26));
    sum += parts.back();
  }
  const std::vector<std::string_view> pieces(parts.begin(), parts.end());
  const std::string sent = on_the_wire([&](Draft& request) { request.body = pieces; });
  CHECK(sent.substr(sent.find("\r\n\r\n") + 4) == sum);
}

TEST_CASE("proxies named in the environment are not asked") {
  TcpProvider thief(always(sized_answer("stolen")));
  const std::string proxy = "http://127.0.0.1:" + std::to_string(thief.port());
  const Variable lower("http_proxy", proxy), upper("HTTP_PROXY", proxy), all("ALL_PROXY", proxy),
      secure("HTTPS_PROXY", proxy);
  const std::string sent = on_the_wire([](Draft&) {});
  CHECK(sent.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"));
  CHECK(thief.accepted() == 0);
}

namespace {

std::string random_body(std::mt19937& random, std::size_t most) {
  std::string body(random() % most, '\0');
  for (char& byte : body) byte = static_cast<char>(random());
  return body;
}

std::string chunked(std::mt19937& random, std::string_view body) {
  std::string coded;
  while (!body.empty()) {
    const std::size_t size = std::min<std::size_t>(1 + random() % 3'000, body.size());
    char line[40];
    std::snprintf(line, sizeof line, random() % 2 ? "%zx\r\n" : "%zX;name=\"v\"\r\n", size);
    coded.append(line).append(body.substr(0, size)).append("\r\n");
    body.remove_prefix(size);
  }
  return coded + (random() % 2 ? "0\r\n\r\n" : "0\r\nx-trailer: 1\r\n\r\n");
}

/// Sends `answer` in pieces of random sizes, each a segment of its own for the most part.
TcpProvider::Script in_pieces(std::string answer, unsigned seed) {
  return [answer = std::move(answer), seed](ProviderConnection& connection) {
    std::mt19937 random(seed);
    connection.read_request();
    std::string_view rest = answer;
    while (!rest.empty()) {
      const std::size_t most = random() % 4 == 0 ? 8 : 9'000;
      const std::size_t size = std::min<std::size_t>(1 + random() % most, rest.size());
      if (!connection.send(rest.substr(0, size))) return;
      rest.remove_prefix(size);
      if (random() % 4 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  };
}

}  // namespace

TEST_CASE("an answer's body is the same bytes however it is framed and cut") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    const std::string body = random_body(random, 60'000);
    std::string answer = "HTTP/1.1 200 OK\r\nx-seed: 1\r\n";
    const unsigned framing = seed % 3;
    if (framing == 0)
      answer += "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    if (framing == 1) answer += "transfer-encoding: chunked\r\n\r\n" + chunked(random, body);
    if (framing == 2) answer += "connection: close\r\n\r\n" + body;
    TcpProvider provider(in_pieces(answer, seed));
    TestLoop world;
    const Got got = world.post(endpoint_at(provider.port()));
    CHECK(got.whole());
    CHECK(got.body == body);
    CHECK(got.length.has_value() == (framing == 0));
  }
}

TEST_CASE("a body of 20 MiB passes through a buffer that does not grow with it") {
  const std::string body(20 << 20, 'x');
  TcpProvider provider(always(sized_answer(body)));
  TestLoop world;
  const Got got = world.post(endpoint_at(provider.port()));
  CHECK(got.whole());
  CHECK(got.body == body);
  CHECK(got.length == body.size());
}

TEST_CASE("interim answers before the final one are skipped") {
  TcpProvider provider(
      always("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n"
             "\r\n" +
             sized_answer("final")));
  TestLoop world;
  const Got got = world.post(endpoint_at(provider.port()));
  CHECK(got.status == 200);
  CHECK(got.body == "final");
  CHECK(got.fields[0].first == "content-type");
}

TEST_CASE("errors of a provider are answers like any other") {
  TcpProvider provider(
      always("HTTP/1.1 429 Too Many\r\nretry-after: 3\r\ncontent-length: 4\r\n\r\n"
             "slow"));
  TestLoop world;
  const Got got = world.post(endpoint_at(provider.port()));
  CHECK(got.whole());
  CHECK(got.status == 429);
  CHECK(got.fields[0] == std::pair<std::string, std::string>("retry-after", "3"));
  CHECK(got.body == "slow");
}

TEST_CASE("a 204 has no body and leaves its connection usable") {
  TcpProvider provider(always("HTTP/1.1 204 No Content\r\n\r\n"));
  TestLoop world;
  const Endpoint endpoint = endpoint_at(provider.port());
  for (int i = 0; i < 3; ++i) CHECK(world.post(endpoint).status == 204);
  CHECK(provider.accepted() == 1);
}

TEST_CASE("an answer that comes before the body was read is not lost when the rest is refused") {
  const std::string refusal =
      "HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig";
  TcpProvider provider([&](ProviderConnection& connection) {
    connection.send(refusal);
    connection.leave_unread();
  });
  TestLoop world;
  const std::string body(8 << 20, 'x');
  const Got got = world.post(endpoint_at(provider.port()), body);
  CHECK(got.status == 413);
}

}  // namespace routerone::test
