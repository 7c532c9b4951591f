#include "daemon/sandbox/sandbox.h"

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/core/random.h"
#include "common/json/json.h"
#include "tests/support/raw_socket.h"

namespace routerone {
namespace {

using test::RawSocket;
using test::WireAnswer;

/// The sandbox on a loop of its own, asked over real connections.
class World {
 public:
  World() : loop_(clock_), looping_([this] { loop_.run(); }) {
    auto started = sandbox::Sandbox::start(loop_, random_);
    REQUIRE(started);
    sandbox_ = *std::move(started);
    built_in_ = sandbox_->built_in();
    const std::string& url = built_in_.record.endpoints.front().base_url;
    port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  ~World() {
    std::promise<void> stopped;
    loop_.post([&] {
      sandbox_->stop();
      stopped.set_value();
    });
    stopped.get_future().wait();
    loop_.stop();
    looping_.join();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const routing::BuiltIn& built_in() const { return built_in_; }

  WireAnswer ask(const std::string& path, const Json& body) { return post(path, body.dump()); }

  WireAnswer post(const std::string& path, const std::string& body, std::string key = "own") {
    if (key == "own") key = "Bearer " + std::string(built_in_.credential->reveal());
    RawSocket caller(port_);
    REQUIRE(caller.connected());
    caller.send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
                "\r\nAuthorization: " + key +
                "\r\nContent-Type: application/json\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    return caller.read_answer();
  }

 private:
  SystemClock clock_;
  SystemRandom random_;
  net::Loop loop_;
  std::thread looping_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  routing::BuiltIn built_in_;
  std::uint16_t port_ = 0;
};

/// One dialect: how it is asked, and where its answers keep what is compared.
struct Dialect {
  const char* name;
  const char* path;
  Json (*question)(const std::string& model, const std::string& text, bool stream);
  std::string (*text)(const Json& whole);
  std::vector<const char*> ends;  ///< What only a stream that ended has.
};

Json turns(const std::string& model, const std::string& text, bool stream) {
  return {{"model", model},
          {"stream", stream},
          {"max_tokens", 64},
          {"messages", Json::array({Json{{"role", "user"}, {"content", text}}})}};
}
Json input(const std::string& model, const std::string& text, bool stream) {
  return {{"model", model}, {"stream", stream}, {"input", text}};
}

const std::vector<Dialect> dialects = {
    {"chat",
     "/v1/chat/completions",
     turns,
     [](const Json& whole) -> std::string { return whole["choices"][0]["message"]["content"]; },
     {"[DONE]", "\"finish_reason\":\"stop\""}},
    {"responses",
     "/v1/responses",
     input,
     [](const Json& whole) -> std::string { return whole["output"][0]["content"][0]["text"]; },
     {"response.completed", "response.output_text.done"}},
    {"messages",
     "/v1/messages",
     turns,
     [](const Json& whole) -> std::string { return whole["content"][0]["text"]; },
     {"message_stop", "\"stop_reason\":\"end_turn\""}},
};

Json parsed(const WireAnswer& answer) {
  const auto json = parse_json(answer.body);
  REQUIRE_MESSAGE(json, answer.body);
  return *json;
}

/// The data of a stream's events, those that are JSON.
std::vector<Json> events_of(const std::string& stream) {
  std::vector<Json> events;
  for (std::size_t at = 0; (at = stream.find("data: ", at)) != std::string::npos;) {
    const std::size_t end = stream.find('\n', at);
    if (const auto json = parse_json(stream.substr(at + 6, end - at - 6))) events.push_back(*json);
    at = end;
  }
  return events;
}

TEST_CASE("an echo is the user's last words, whole, with its usage") {
  World world;
  for (const Dialect& dialect : dialects) {
    CAPTURE(dialect.name);
    const auto answer =
        world.ask(dialect.path, dialect.question("echo", "hello there, you", false));
    CHECK(answer.status == 200);
    CHECK(answer.whole);
    CHECK(answer.field("content-type") == "application/json");
    const Json json = parsed(answer);
    CHECK(dialect.text(json) == "hello there, you");
    const Json& usage = json["usage"];
    const bool chat = usage.contains("prompt_tokens");
    CHECK(usage[chat ? "prompt_tokens" : "input_tokens"] == 4);
    CHECK(usage[chat ? "completion_tokens" : "output_tokens"] == 4);
  }
}

TEST_CASE("a streamed echo ends as its dialect does and adds up to the same words") {
  World world;
  for (const Dialect& dialect : dialects) {
    CAPTURE(dialect.name);
    const auto answer = world.ask(dialect.path, dialect.question("echo", "hello there, you", true));
    CHECK(answer.status == 200);
    CHECK(answer.whole);
    CHECK(answer.field("content-type") == "text/event-stream");
    for (const char* end : dialect.ends) CHECK(answer.body.find(end) != std::string::npos);
    std::string text;
    for (const Json& event : events_of(answer.body)) {
      if (event.contains("choices") && !event["choices"].empty()) {
        text += event["choices"][0]["delta"].value("content", "");
      }
      const std::string type = event.value("type", "");
      if (type == "response.output_text.delta") text += event["delta"].get<std::string>();
      if (type == "content_block_delta") text += event["delta"]["text"].get<std::string>();
    }
    CHECK(text == "hello there, you");
  }
}

TEST_CASE("a chat stream has its usage only where it was asked for, as the last chunk") {
  World world;
  Json question = turns("echo", "four words are here", true);
  CHECK(world.ask("/v1/chat/completions", question).body.find("prompt_tokens") ==
        std::string::npos);
  question["stream_options"] = {{"include_usage", true}};
  const auto answer = world.ask("/v1/chat/completions", question);
  const auto events = events_of(answer.body);
  REQUIRE_FALSE(events.empty());
  CHECK(events.back()["choices"].empty());
  CHECK(events.back()["usage"]["prompt_tokens"] == 5);
  CHECK(events.back()["usage"]["completion_tokens"] == 5);
  CHECK(answer.body.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("the other streams carry their usage always") {
  World world;
  const auto responses = events_of(world.ask("/v1/responses", input("echo", "hey you", true)).body);
  CHECK(responses.back()["response"]["usage"]["input_tokens"] == 2);
  CHECK(responses.back()["response"]["usage"]["output_tokens"] == 2);
  const auto messages = events_of(world.ask("/v1/messages", turns("echo", "hey you", true)).body);
  CHECK(messages.front()["message"]["usage"]["input_tokens"] == 2);
  CHECK(messages[messages.size() - 2]["usage"]["output_tokens"] == 2);
}

TEST_CASE("slow answers the same as echo") {
  World world;
  for (const Dialect& dialect : dialects) {
    CAPTURE(dialect.name);
    const auto whole = world.ask(dialect.path, dialect.question("slow", "hi", false));
    CHECK(whole.status == 200);
    CHECK(dialect.text(parsed(whole)) == "hi");
    const auto stream = world.ask(dialect.path, dialect.question("slow", "hi", true));
    CHECK(stream.whole);
    CHECK(stream.body.find(dialect.ends.front()) != std::string::npos);
  }
}

TEST_CASE("flaky fails every other time, whoever asks, and error-503 every time") {
  World world;
  std::vector<int> statuses;
  for (int round = 0; round < 2; ++round) {
    for (const Dialect& dialect : dialects) {
      statuses.push_back(world.ask(dialect.path, dialect.question("flaky", "hi", false)).status);
      const auto refused = world.ask(dialect.path, dialect.question("error-503", "hi", round == 0));
      CHECK(refused.status == 503);
      CHECK(parsed(refused).contains("error"));
    }
  }
  CHECK(statuses == std::vector<int>{500, 200, 500, 200, 500, 200});
}

TEST_CASE("errors have the form of the dialect they were asked in") {
  World world;
  const Json messages = parsed(world.ask("/v1/messages", turns("error-503", "hi", false)));
  CHECK(messages["type"] == "error");
  CHECK(messages["error"].contains("type"));
  const Json chat = parsed(world.ask("/v1/chat/completions", turns("error-503", "hi", false)));
  CHECK(chat["error"].contains("message"));
  CHECK(chat["error"].contains("code"));
}

TEST_CASE("cut dies after content and before anything that ends a stream, however short") {
  World world;
  for (const Dialect& dialect : dialects) {
    for (const char* text : {"hi", "hi there", "one two three four five six seven eight"}) {
      for (const bool usage : {false, true}) {
        CAPTURE(dialect.name);
        CAPTURE(std::string(text));
        Json question = dialect.question("cut", text, true);
        if (usage) question["stream_options"] = {{"include_usage", true}};
        const auto answer = world.ask(dialect.path, question);
        CHECK(answer.status == 200);
        CHECK_FALSE(answer.whole);
        const std::string first = std::string(text).substr(0, 2);
        CHECK(answer.body.find('"' + first) != std::string::npos);
        for (const char* end : dialect.ends) CHECK(answer.body.find(end) == std::string::npos);
      }
    }
    const auto whole = world.ask(dialect.path, dialect.question("cut", "hi", false));
    CHECK_FALSE(whole.whole);
    CHECK(whole.status == 0);
  }
}

TEST_CASE("a tool is called when the user says so, with the arguments the user gave") {
  World world;
  Json chat = turns("echo", R"(call look {"at":"it"})", false);
  chat["tools"] = Json::array({Json{
      {"type", "function"}, {"function", {{"name", "look"}, {"parameters", Json::object()}}}}});
  const Json answered = parsed(world.ask("/v1/chat/completions", chat));
  const Json& call = answered["choices"][0]["message"]["tool_calls"][0];
  CHECK(call["function"]["name"] == "look");
  CHECK(call["function"]["arguments"] == R"({"at":"it"})");
  CHECK(answered["choices"][0]["finish_reason"] == "tool_calls");

  Json messages = turns("echo", R"(call look {"at":"it"})", false);
  messages["tools"] = Json::array({Json{{"name", "look"}, {"input_schema", {{"type", "object"}}}}});
  const Json used = parsed(world.ask("/v1/messages", messages));
  CHECK(used["content"].back()["type"] == "tool_use");
  CHECK(used["content"].back()["input"]["at"] == "it");
  CHECK(used["stop_reason"] == "tool_use");
}

TEST_CASE("embeddings, completions and counted tokens are answered too") {
  World world;
  const Json vectors = parsed(
      world.ask("/v1/embeddings", {{"model", "echo"}, {"input", Json::array({"a", "b c"})}}));
  CHECK(vectors["data"].size() == 2);
  CHECK(vectors["data"][1]["index"] == 1);
  CHECK_FALSE(vectors["data"][0]["embedding"].empty());
  const Json text = parsed(world.ask("/v1/completions", {{"model", "echo"}, {"prompt", "say it"}}));
  CHECK(text["choices"][0]["text"] == "say it");
  const Json counted =
      parsed(world.ask("/v1/messages/count_tokens", turns("echo", "four words are here", false)));
  CHECK(counted["input_tokens"] == 5);
}

TEST_CASE("nobody without the daemon's own credential is answered") {
  World world;
  const std::string body = turns("echo", "hi", false).dump();
  const std::string own(world.built_in().credential->reveal());
  CHECK(own.size() == 40);
  for (const std::string& key : {std::string("Bearer x"), std::string(""), own, "bearer " + own,
                                 "Bearer " + own.substr(1), "Bearer " + own + "x"}) {
    CHECK(world.post("/v1/chat/completions", body, key).status == 401);
  }
  CHECK(World().built_in().credential->reveal() != own);
}

TEST_CASE("what is no question is refused, and the next one is answered") {
  World world;
  CHECK(world.post("/v1/chat/completions", "{").status == 400);
  CHECK(world.post("/v1/chat/completions", "[]").status == 400);
  CHECK(world.post("/v1/chat/completions", "").status == 400);
  CHECK(world.ask("/v1/nowhere", turns("echo", "hi", false)).status == 404);
  CHECK(world.ask("/v1/messages", turns("no-such-model", "hi", false)).status == 404);
  CHECK(
      world.post("/v1/messages", R"({"model":"echo","messages":[7,{"content":[null]}]})").status ==
      200);
  CHECK(world.ask("/v1/messages", turns("echo", "hi", false)).status == 200);
}

TEST_CASE("its record says how the daemon reaches it, what it has and what that costs") {
  World world;
  const routing::BuiltIn& built_in = world.built_in();
  CHECK(built_in.record.id == "sandbox");
  CHECK(built_in.record.endpoints.size() == 3);
  for (const auto& endpoint : built_in.record.endpoints) {
    CHECK(endpoint.base_url.starts_with("http://127.0.0.1:"));
  }
  CHECK(built_in.models == std::vector<std::string>{"cut", "echo", "error-503", "flaky", "slow"});
  CHECK(catalog::parse_price(built_in.price_json).has_value());
}

}  // namespace
}  // namespace routerone
