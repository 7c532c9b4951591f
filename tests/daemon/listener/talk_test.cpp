#include "daemon/listener/talk.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/front_world.h"
#include "tests/support/web_caller.h"

using namespace routerone;
using namespace routerone::test;

namespace {

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }

std::string item(const std::string& id, const std::string& text) {
  return R"({"type":"message","id":")" + id +
         R"(","status":"completed","role":"assistant","content":[{"type":"output_text","text":")" +
         text + R"(","annotations":[]}]})";
}
std::string item_done(int index, const std::string& whole) {
  return R"({"type":"response.output_item.done","sequence_number":2,"output_index":)" +
         std::to_string(index) + R"(,"item":)" + whole + "}";
}
std::string created(const std::string& id) {
  return R"({"type":"response.created","sequence_number":0,"response":{"id":")" + id +
         R"(","object":"response","created_at":1,"model":"m-a","status":"in_progress","output":[]}})";
}
std::string completed(const std::string& id, const std::string& output = "") {
  return R"({"type":"response.completed","sequence_number":9,"response":{"id":")" + id +
         R"(","object":"response","created_at":1,"model":"m-a","status":"completed","output":[)" +
         output + R"(],"usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}})";
}
const std::string delta =
    R"({"type":"response.output_text.delta","sequence_number":1,"delta":"he\u006Clo"})";

Script stream_of(std::vector<std::string> pieces,
                 std::optional<upstream::FaultKind> broken_by = {}) {
  return {{}, 200, {{"content-type", "text/event-stream"}}, std::move(pieces), broken_by};
}
/// A sound answer of a provider that speaks the dialect.
Script says(const std::string& id, const std::string& text) {
  return stream_of({event(created(id)), event(delta),
                    event(item_done(0, item("msg_" + id, text))) + event(completed(id))});
}

std::string create(const std::string& rest) {
  return R"({"type":"response.create","model":"lab/m",)" + rest + "}";
}

struct World : FrontWorld {
  World() : FrontWorld("openai-responses") {}
  std::string key_line() const { return key() + "\r\n"; }
};

}  // namespace

TEST_CASE("a message is a request, and its answer's events are messages, byte for byte") {
  World world;
  world.upstream.scripts = {says("r1", "hello")};
  WebCaller caller(world.port(), world.key_line() +
                                     "session-id: s-7\r\nUser-Agent: t/1 x\r\n"
                                     "OpenAI-Beta: responses_websockets=2026-02-06\r\n");
  REQUIRE(caller.opening.status == 101);
  CHECK(caller.opening.field("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(caller.opening.field("sec-websocket-extensions") == "");
  caller.send(create(R"("input":[ {"role":"user","content":"hi"} ],"store":false)"));
  CHECK(caller.hear().payload == created("r1"));
  CHECK(caller.hear().payload == delta);
  CHECK(caller.hear().payload == item_done(0, item("msg_r1", "hello")));
  CHECK(caller.hear().payload == completed("r1"));

  REQUIRE(world.upstream.asked.size() == 1);
  const ScriptedUpstream::Asked& asked = world.upstream.asked[0];
  CHECK(asked.path == "/responses");
  CHECK(
      asked.body ==
      R"({"stream":true,"model":"m-a","input":[ {"role":"user","content":"hi"} ],"store":false})");
  for (const auto& [name, value] : asked.fields) {
    INFO(name);
    CHECK_FALSE((name == "upgrade" || name == "connection" || name == "OpenAI-Beta"));
    CHECK(name.find("ebSocket") == std::string::npos);
  }
  const std::vector<TraceRow> rows = world.rows();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].dialect == "openai-responses");
  CHECK(rows[0].operation == "responses");
  CHECK(rows[0].stream);
  CHECK(rows[0].state == FinalState::completed);
  CHECK(rows[0].session == "s-7");
  CHECK(rows[0].client == "t/1");
  CHECK(rows[0].usage.output == 5);
  CHECK(rows[0].key_name == "ci");
}

TEST_CASE("the opening is refused in HTTP, in the words of the path, before there is a WebSocket") {
  World world;
  WebCaller nobody(world.port(), "");
  CHECK(nobody.opening.status == 401);
  CHECK(nobody.opening.body.find("invalid_api_key") != std::string::npos);
  WebCaller page(world.port(), world.key_line() + "Origin: http://evil.example\r\n");
  CHECK(page.opening.status == 403);
  WebCaller elsewhere(world.port(), world.key_line(), "/v1/chat/completions");
  CHECK(elsewhere.opening.status == 426);
  const std::string half = "Upgrade: websocket\r\nConnection: Upgrade\r\n" + world.key_line();
  CHECK(world.ask("GET /v1/responses", half + "Sec-WebSocket-Version: 13\r\n").status == 400);
  CHECK(world.ask("GET /v1/responses", half + "Sec-WebSocket-Version: 8\r\n").status == 426);
  CHECK(world.ask("POST /v1/responses", half + "Sec-WebSocket-Version: 13\r\n").status == 426);
  CHECK(world.rows().size() == 6);
  CHECK(world.upstream.asked.empty());
}

TEST_CASE("a message that names the response before it goes on whole") {
  World world;
  world.upstream.scripts = {says("r1", "one"), says("r2", "two"), says("r3", "three")};
  WebCaller caller(world.port(), world.key_line());
  caller.send(create(R"("input":[],"generate":false)"));
  const auto prepared = caller.hear();
  CHECK(prepared.type() == "response.created");
  const std::string start = prepared.json()["response"]["id"];
  const auto ready = caller.hear();
  CHECK(ready.type() == "response.completed");
  CHECK(ready.json()["response"]["id"] == start);
  CHECK(ready.json()["response"]["usage"]["total_tokens"] == 0);
  CHECK(world.upstream.asked.empty());

  const auto go_on = [&](const std::string& from, const std::string& input) {
    caller.send(create(R"("previous_response_id":")" + from + R"(","input":)" + input));
    CHECK(caller.hear_until("response.completed").opcode == 1);
    return Json::parse(world.upstream.asked.back().body);
  };
  const Json first = go_on(start, R"([{"n": 1.0}])");
  CHECK(first["input"].dump() == R"([{"n":1.0}])");
  CHECK_FALSE(first.contains("previous_response_id"));
  CHECK_FALSE(first.contains("generate"));
  CHECK_FALSE(first.contains("type"));
  go_on("r1", R"([{"n":2}])");
  CHECK(world.upstream.asked.back().body.find(R"("input":[{"n": 1.0},)" + item("msg_r1", "one") +
                                              R"(,{"n":2}])") != std::string::npos);
  const Json again = go_on("r1", R"("other")");
  REQUIRE(again["input"].size() == 3);
  CHECK(again["input"][2]["content"] == "other");
  CHECK(again["input"][2]["role"] == "user");
}

TEST_CASE("a response that is not known is told in the words that make a client say all") {
  World world;
  WebCaller caller(world.port(), world.key_line());
  caller.send(create(R"("previous_response_id":"resp_gone","input":[])"));
  const Json told = caller.hear().json();
  CHECK(told["type"] == "error");
  CHECK(told["status"] == 400);
  CHECK(told["error"]["code"] == "previous_response_not_found");
  CHECK(told["error"]["param"] == "previous_response_id");
  CHECK(world.upstream.asked.empty());
}

TEST_CASE("a request that is refused is told so, and the connection goes on") {
  World world;
  world.upstream.scripts = {
      Script{
          {},
          400,
          {{"content-type", "application/json"}},
          {R"({"error":{"message":"no","type":"invalid_request_error","param":null,"code":"x"}})"}},
      says("r1", "hello")};
  WebCaller caller(world.port(), world.key_line());
  caller.send("{not json");
  CHECK(caller.hear().json()["status"] == 400);
  caller.send(R"({"type":"session.update","model":"lab/m"})");
  CHECK(caller.hear().json()["error"]["param"] == "type");
  caller.send(create(R"("input":[],"stream_id":"s")"));
  CHECK(caller.hear().json()["error"]["param"] == "stream_id");
  caller.send(R"({"type":"response.create","model":"nobody/knows","input":[]})");
  CHECK(caller.hear().json()["error"]["code"] == "model_not_found");
  caller.send(create(R"("input":[])"));
  const Json theirs = caller.hear().json();
  CHECK(theirs["status"] == 400);
  CHECK(theirs["error"]["code"] == "x");
  CHECK(theirs["headers"].contains("x-request-id"));
  caller.send(create(R"("input":[])"));
  CHECK(caller.hear_until("response.completed").opcode == 1);
  CHECK(world.rows().size() == 6);
}

TEST_CASE("an answer that breaks off ends in an error event, and the connection goes on") {
  World world;
  world.upstream.scripts = {
      stream_of({event(created("r1")), event(delta)}, upstream::FaultKind::closed_in_body),
      says("r2", "b")};
  WebCaller caller(world.port(), world.key_line());
  caller.send(create(R"("input":[])"));
  CHECK(caller.hear_until("response.failed").opcode == 1);
  caller.send(create(R"("input":[])"));
  CHECK(caller.hear_until("response.completed").json()["response"]["id"] == "r2");
  const std::vector<TraceRow> rows = world.rows();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].state == FinalState::upstream_failed);
}

TEST_CASE("messages that come while one is answered wait their turn") {
  World world;
  world.upstream.scripts = {says("r1", "a"), says("r2", "b")};
  WebCaller caller(world.port(), world.key_line());
  const std::string both =
      text_frame(create(R"("input":[])")) + text_frame(create(R"("input":[])"));
  caller.send_bytes(both);
  CHECK(caller.hear_until("response.completed").json()["response"]["id"] == "r1");
  CHECK(caller.hear_until("response.completed").json()["response"]["id"] == "r2");
}

TEST_CASE("too many messages at once end the connection by its policy") {
  World world;
  world.upstream.scripts = {says("r1", "a")};
  WebCaller caller(world.port(), world.key_line());
  std::string many;
  for (int i = 0; i < 20; ++i) many += text_frame(create(R"("input":[])"));
  caller.send_bytes(many);
  WebCaller::Heard last;
  do last = caller.hear();
  while (last.opcode == 1);
  CHECK(last.opcode == 8);
  CHECK(last.code() == 1008);
}

TEST_CASE("pings are answered, breaches are named, a close is said back") {
  World world;
  {
    WebCaller caller(world.port(), world.key_line());
    caller.send_bytes(wire({9, "there?"}));
    const auto pong = caller.hear();
    CHECK(pong.opcode == 10);
    CHECK(pong.payload == "there?");
    caller.send_bytes(closing_frame(4001, "done"));
    const auto close = caller.hear();
    CHECK(close.opcode == 8);
    CHECK(close.code() == 4001);
    CHECK(caller.hear().opcode == WebCaller::ended);
    CHECK(caller.socket().fate() == Fate::closed);
  }
  for (const auto& [bytes, code] : std::vector<std::pair<std::string, unsigned>>{
           {wire({1, "x", true, false}), 1002},
           {wire({2, "x"}), 1003},
           {text_frame("\xFF"), 1007},
           {text_frame(std::string(100'001, 'x')), 1009}}) {
    INFO(code);
    WebCaller caller(world.port(), world.key_line());
    caller.send_bytes(bytes);
    CHECK(caller.hear().code() == code);
  }
}

TEST_CASE("a caller that leaves in the middle of an answer stops it, and is traced as gone") {
  World world;
  std::atomic<int> reads{0};
  world.upstream.scripts = {stream_of(std::vector<std::string>(5'000, event(delta)))};
  world.upstream.before_read = [&] { ++reads; };
  {
    WebCaller caller(world.port(), world.key_line());
    caller.send(create(R"("input":[])"));
    CHECK(caller.hear().opcode == 1);
    caller.socket().reset();
  }
  for (int i = 0; i < 20'000 && world.rows().empty(); ++i) std::this_thread::sleep_for(Millis(1));
  REQUIRE(world.rows().size() == 1);
  CHECK(world.rows()[0].state == FinalState::client_gone);
  CHECK(reads < 5'000);
}

TEST_CASE("shutdown says that it goes away, at once to those who wait for nothing") {
  World world;
  WebCaller caller(world.port(), world.key_line());
  world.drain();
  const auto close = caller.hear();
  CHECK(close.opcode == 8);
  CHECK(close.code() == 1001);
  caller.send_bytes(closing_frame(1001));
  caller.socket().close();
  for (int i = 0; i < 20'000 && world.sessions() > 0; ++i) std::this_thread::sleep_for(Millis(1));
  CHECK(world.sessions() == 0);
}

TEST_CASE("what a connection remembers counts as memory of requests until it ends") {
  World world;
  world.upstream.scripts = {says("r1", std::string(5'000, 'x'))};
  {
    WebCaller caller(world.port(), world.key_line());
    caller.send(create(R"("input":[])"));
    CHECK(caller.hear_until("response.completed").opcode == 1);
    caller.send_bytes(wire({9, ""}));
    CHECK(caller.hear().opcode == 10);
    CHECK(world.memory_held() >= 5'000);
  }
  for (int i = 0; i < 20'000 && world.sessions() > 0; ++i) std::this_thread::sleep_for(Millis(1));
  CHECK(world.memory_held() == 0);
}

TEST_CASE("a target of another dialect answers in this one's events") {
  FrontWorld world;
  const auto chunk = [](const std::string& choice) {
    return event(
        R"({"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[)" +
        choice + "]}");
  };
  const auto script = [&](const std::string& text) {
    return stream_of({chunk(R"({"index":0,"delta":{"role":"assistant","content":")" + text +
                            R"("},"finish_reason":null})"),
                      chunk(R"({"index":0,"delta":{},"finish_reason":"stop"})") + event("[DONE]")});
  };
  world.upstream.scripts = {script("hello"), script("again")};
  WebCaller caller(world.port(), world.key() + "\r\n");
  caller.send(create(R"("input":"hi")"));
  CHECK(caller.hear().type() == "response.created");
  const std::string id = caller.hear_until("response.completed").json()["response"]["id"];
  caller.send(create(R"("input":"and?","previous_response_id":")" + id + "\""));
  CHECK(caller.hear_until("response.completed").opcode == 1);
  REQUIRE(world.upstream.asked.size() == 2);
  const Json asked = Json::parse(world.upstream.asked[1].body);
  REQUIRE(asked["messages"].size() == 3);
  CHECK(asked["messages"][1]["content"] == "hello");
  CHECK(asked["messages"][2]["content"] == "and?");
}
