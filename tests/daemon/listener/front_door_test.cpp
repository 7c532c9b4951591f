#include "daemon/listener/front_door.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/front_world.h"

using namespace routerone;
using namespace routerone::test;
using nlohmann::json;

namespace {

const std::string chat_start = "POST /v1/chat/completions";
const std::string chat_body = R"({"model":"lab/m","messages":[]})";
const std::string json_type = "Content-Type: application/json\r\n";
const char* const upstream_answer =
    R"({"id":"c","object":"chat.completion","model":"m-a","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}})";

Script answers() {
  Script script;
  script.fields = {{"content-type", "application/json"}};
  script.pieces = {upstream_answer};
  return script;
}

/// Whose words a refusal is in.
std::string dialect_of(const WireAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  if (!body.is_object() || !body.contains("error")) return "none";
  if (body.value("type", "") == "error" && body.contains("request_id")) return "anthropic";
  return body["error"].contains("code") ? "openai" : "other";
}

std::string message_of(const WireAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  return body.is_object() ? body["error"].value("message", "") : "";
}

bool mentions_cors(const WireAnswer& answer) {
  for (const auto& [name, value] : answer.fields) {
    if (name.starts_with("access-control")) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a relayed request passes the door") {
  FrontWorld world;
  const std::string headers = world.key() + "\r\n" + json_type;
  for (const std::string path :
       {"/v1/chat/completions", "/api/v1/chat/completions", "/v1/chat/completions?beta=true"}) {
    INFO(path);
    world.upstream.scripts = {answers()};
    const WireAnswer answer = world.ask("POST " + path, headers, chat_body);
    CHECK(answer.status == 200);
    CHECK(answer.body == upstream_answer);
    REQUIRE(world.upstream.asked.size() == 1);
    CHECK(world.upstream.asked[0].path.find("/chat/completions") != std::string::npos);
    world.upstream.asked.clear();
  }
}

TEST_CASE("only the loopback's names with our port are a host") {
  FrontWorld world;
  const std::string port = std::to_string(world.port());
  const std::string other = std::to_string(world.port() ^ 1);
  for (const std::string& host :
       {"127.0.0.1:" + port, "localhost:" + port, "LocalHost:" + port, "[::1]:" + port}) {
    INFO(host);
    CHECK(world.ask_as(host, "GET /healthz").status == 200);
  }
  const std::vector<std::string> strangers = {"",
                                              "localhost",
                                              "127.0.0.1",
                                              "[::1]",
                                              ":" + port,
                                              "localhost:",
                                              "localhost:" + other,
                                              "localhost.:" + port,
                                              "localhost:" + port + ".",
                                              "localhost:0" + port,
                                              "localhost:" + port + "0",
                                              "a.localhost:" + port,
                                              "localhost.evil.example:" + port,
                                              "evil.example:" + port,
                                              "evil.example",
                                              "user@localhost:" + port,
                                              "localhost:" + port + "@evil.example",
                                              "0.0.0.0:" + port,
                                              "127.0.0.2:" + port,
                                              "127.1:" + port,
                                              "2130706433:" + port,
                                              "::1:" + port,
                                              "[::]:" + port,
                                              "[::ffff:127.0.0.1]:" + port,
                                              "[0:0:0:0:0:0:0:1]:" + port,
                                              "localhost:" + port + "/",
                                              "localhost:" + port + ", localhost:" + port,
                                              "localhost :" + port,
                                              "http://localhost:" + port};
  for (const std::string& host : strangers) {
    INFO(host);
    CHECK(world.ask_as(host, "GET /healthz").status == 403);
    const std::string headers = world.key() + "\r\n" + json_type;
    const WireAnswer answer = world.ask_as(host, chat_start, headers, chat_body);
    CHECK(answer.status == 403);
    CHECK(dialect_of(answer) == "openai");
  }
  CHECK(world.ask_raw("GET /healthz HTTP/1.0\r\n\r\n").status == 403);
  CHECK(world.upstream.asked.empty());
}

TEST_CASE("web pages are refused, preflight included, and told nothing of other origins") {
  FrontWorld world;
  const std::string headers = world.key() + "\r\n" + json_type;
  for (const std::string& origin :
       {std::string("https://evil.example"), std::string("null"), std::string(""),
        "http://" + world.host(), std::string("http://localhost:3000")}) {
    INFO(origin);
    const std::string line = "Origin: " + origin + "\r\n";
    for (const WireAnswer& answer :
         {world.ask(chat_start, headers + line, chat_body), world.ask("GET /v1/models", line),
          world.ask("GET /healthz", line),
          world.ask("OPTIONS /v1/chat/completions",
                    line + "Access-Control-Request-Method: POST\r\n")}) {
      CHECK(answer.status == 403);
      CHECK_FALSE(mentions_cors(answer));
    }
  }
  CHECK(world.ask("OPTIONS /v1/chat/completions").status == 403);
  CHECK(world.ask(chat_start, headers + "Sec-Fetch-Site: cross-site\r\n", chat_body).status == 403);
  CHECK(world.ask("GET /healthz", "Sec-Fetch-Site: none\r\n").status == 200);
  CHECK(world.upstream.asked.empty());
}

TEST_CASE("health and the probe of an agent are answered without a key") {
  FrontWorld world;
  const WireAnswer healthy = world.ask("GET /healthz");
  CHECK(healthy.status == 200);
  CHECK(json::parse(healthy.body)["status"] == "ok");
  CHECK_FALSE(healthy.field("x-request-id").empty());
  CHECK(world.ask("HEAD /healthz").status == 200);
  CHECK(world.ask("HEAD /api/hello").status == 200);
  CHECK(world.ask("GET /api/hello").status == 404);
  CHECK(world.rows().size() == 1);
}

TEST_CASE("a key is asked for in the words of the path") {
  FrontWorld world;
  for (const auto& [start, dialect] :
       {std::pair<std::string, std::string>{"POST /v1/chat/completions", "openai"},
        {"POST /v1/responses", "openai"},
        {"POST /v1/embeddings", "openai"},
        {"POST /v1/messages", "anthropic"},
        {"POST /v1/messages/count_tokens", "anthropic"},
        {"GET /v1/models", "openai"}}) {
    INFO(start);
    const WireAnswer answer = world.ask(start, json_type, "{}");
    CHECK(answer.status == 401);
    CHECK(dialect_of(answer) == dialect);
  }
  const WireAnswer models = world.ask("GET /v1/models", "anthropic-version: 2023-06-01\r\n");
  CHECK(models.status == 401);
  CHECK(dialect_of(models) == "anthropic");
}

TEST_CASE("the model list comes in the shape of its caller, with or without a slash escaped") {
  FrontWorld world;
  const std::string headers = world.key() + "\r\n";
  const json openai = json::parse(world.ask("GET /v1/models", headers).body);
  CHECK(openai["object"] == "list");
  const json anthropic =
      json::parse(world.ask("GET /v1/models", headers + "anthropic-version: x\r\n").body);
  CHECK(anthropic.contains("has_more"));
  for (const std::string path :
       {"/v1/models/lab/m", "/v1/models/lab%2Fm", "/v1/models/lab%2fm", "/api/v1/models/lab/m"}) {
    INFO(path);
    const WireAnswer answer = world.ask("GET " + path, headers);
    CHECK(answer.status == 200);
    CHECK(json::parse(answer.body)["id"] == "lab/m");
  }
  const WireAnswer unknown = world.ask("GET /v1/models/nobody/none", headers);
  CHECK(unknown.status == 404);
  CHECK(json::parse(unknown.body)["error"]["code"] == "model_not_found");
}

TEST_CASE("a path that is not served is 404 in the words of the path") {
  FrontWorld world;
  const std::string headers = world.key() + "\r\n" + json_type;
  for (const auto& [start, dialect] :
       {std::pair<std::string, std::string>{"POST /v1/nothing", "openai"},
        {"GET /favicon.ico", "openai"},
        {"POST /v1/messages/batches", "anthropic"},
        {"GET /v1/responses/resp_1", "openai"},
        {"POST /v1/chat/completions/", "openai"},
        {"POST //v1/chat/completions", "openai"},
        {"POST /V1/chat/completions", "openai"},
        {"POST /v1/%63hat/completions", "openai"},
        {"POST /v1/../v1/chat/completions", "openai"},
        {"DELETE /v1/files/x", "openai"}}) {
    INFO(start);
    const WireAnswer answer = world.ask(start, headers, chat_body);
    CHECK(answer.status == 404);
    CHECK(dialect_of(answer) == dialect);
  }
  CHECK(world.upstream.asked.empty());
}

TEST_CASE("a slip in a base URL is told the right one") {
  FrontWorld world;
  const std::string right = world.host() + "/v1";
  for (const std::string path : {"/v1/v1/chat/completions", "/chat/completions"}) {
    INFO(path);
    const WireAnswer answer =
        world.ask("POST " + path, world.key() + "\r\n" + json_type, chat_body);
    CHECK(answer.status == 404);
    CHECK(message_of(answer).find(right) != std::string::npos);
  }
}

TEST_CASE("a wrong method is 405 in the words of the path") {
  FrontWorld world;
  for (const auto& [start, dialect] :
       {std::pair<std::string, std::string>{"GET /v1/chat/completions", "openai"},
        {"PUT /v1/responses", "openai"},
        {"DELETE /v1/messages", "anthropic"},
        {"get /v1/embeddings", "openai"}}) {
    INFO(start);
    const WireAnswer answer = world.ask(start, world.key() + "\r\n");
    CHECK(answer.status == 405);
    CHECK(dialect_of(answer) == dialect);
  }
  const WireAnswer head = world.ask("HEAD /v1/responses");
  CHECK(head.status == 405);
  CHECK(head.body == "");
}

TEST_CASE("a WebSocket upgrade is refused by 426, so that a client goes on by POST") {
  FrontWorld world;
  Settings off;
  off.websocket = false;
  world.set(off);
  const std::string upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  for (const std::string path : {"/v1/responses", "/api/v1/responses", "/v1/responses?x=y"}) {
    INFO(path);
    const WireAnswer answer = world.ask("GET " + path, upgrade);
    CHECK(answer.status == 426);
    CHECK(dialect_of(answer) == "openai");
  }
}

TEST_CASE("a message that breaks the protocol is refused in a dialect's words, and traced") {
  FrontWorld world;
  const std::string host = "Host: " + world.host() + "\r\n";
  const auto post = [&](const std::string& path, const std::string& lines) {
    return "POST " + path + " HTTP/1.1\r\n" + host + lines + "\r\n";
  };
  struct Row {
    std::string bytes;
    int status;
    std::string dialect;
  };
  const std::vector<Row> table = {
      {post("/v1/messages", "Content-Length: 1\r\nContent-Length: 2\r\n"), 400, "openai"},
      {post("/v1/messages", "Content-Length: 33554433\r\n"), 413, "anthropic"},
      {post("/v1/chat/completions", "Content-Length: 33554433\r\n"), 413, "openai"},
      {post("/v1/chat/completions", "Expect: x\r\n"), 417, "openai"},
      {"GET /healthz HTTP/3.0\r\n" + host + "\r\n", 505, "openai"},
      {"GET /healthz HTTP/1.1\r\n" + host + "X: " + std::string(70'000, 'x'), 431, "openai"},
  };
  for (const Row& row : table) {
    INFO(row.bytes.substr(0, 100));
    RawSocket caller(world.port());
    caller.send(row.bytes);
    const WireAnswer answer = caller.read_answer();
    CHECK(answer.status == row.status);
    CHECK(dialect_of(answer) == row.dialect);
    CHECK(answer.field("content-type") == "application/json");
    CHECK_FALSE(answer.field("x-request-id").empty());
    CHECK(caller.read_all() == "");
    CHECK(caller.fate() == Fate::closed);
    CHECK(world.rows().back().status == row.status);
  }
  CHECK(world.rows().size() == table.size());
}
