#include "daemon/dialect/openai_responses/conversation.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "common/json/json.h"
#include "daemon/dialect/openai_responses/message_body.h"

using namespace routerone;
using dialect::Conversation;
using namespace dialect::openai_responses;

namespace {

constexpr std::size_t roomy = 1 << 20;
const Conversation::Moment now{"n1", 1'700'000'000};

/// The body that a message comes to, with nothing said before.
std::string body_of(const std::string& message, const std::string& before = "") {
  const auto read = read_message(message);
  REQUIRE(read);
  return write_body(message, *read, before);
}

std::string create(const std::string& rest) {
  return R"({"type":"response.create","model":"m")" + (rest.empty() ? "" : "," + rest) + "}";
}

std::string done(int index, const std::string& item) {
  return R"({"type":"response.output_item.done","output_index":)" + std::to_string(index) +
         R"(,"item":)" + item + "}";
}
std::string completed(const std::string& id, const std::string& output = "[]") {
  return R"({"type":"response.completed","response":{"id":")" + id + R"(","output":)" + output +
         "}}";
}

/// A conversation in which r1 asked for [1] and said [2,3].
std::unique_ptr<Conversation> after_one() {
  auto talk = converse(roomy);
  REQUIRE(talk->hear(create(R"("input":[1])"), now).body);
  talk->note(R"({"type":"response.created","response":{"id":"r1"}})");
  talk->note(done(1, R"({"n":3})"));
  talk->note(done(0, R"({"n": 2.0})"));
  talk->note(completed("r1"));
  return talk;
}

Json input_of(const Conversation::Heard& heard) {
  return Json::parse(heard.body.value_or("null")).value("input", Json());
}

}  // namespace

TEST_CASE("a body is the message without what only the connection knows, streamed") {
  CHECK(body_of(R"({"type":"response.create","model":"m"})") == R"({"stream":true,"model":"m"})");
  CHECK(body_of(R"({"model":"m","type":"response.create"})") == R"({"stream":true,"model":"m"})");
  CHECK(body_of(R"({"a":1, "generate" : true , "b":2})") == R"({"stream":true,"a":1 , "b":2})");
  CHECK(body_of(R"({"type":"x","generate":true,"previous_response_id":null})") ==
        R"({"stream":true})");
  CHECK(body_of(R"( { "type" : "x" , "a" : "type" } )") == R"( {"stream":true,  "a" : "type" } )");
  CHECK(body_of(R"({"stream":false,"a":1})") == R"({"stream":true,"a":1})");
  CHECK(body_of(R"({"a":{"type":"deep","generate":1},"stream":null})") ==
        R"({"a":{"type":"deep","generate":1},"stream":true})");
  CHECK(body_of(R"({"ty\u0070e":"x","a":1})") == R"({"stream":true,"a":1})");
  CHECK(body_of("{}") == R"({"stream":true})");
}

TEST_CASE("what was said before stands first in the input, as it came") {
  const std::string before = R"({"n": 1.0},{"n":2})";
  CHECK(body_of(R"({"stream":true,"input":[ 3 , 4 ]})", before) ==
        R"({"stream":true,"input":[{"n": 1.0},{"n":2},3 , 4]})");
  CHECK(body_of(R"({"stream":true,"input":[]})", before) ==
        R"({"stream":true,"input":[{"n": 1.0},{"n":2}]})");
  CHECK(body_of(R"({"stream":true,"input":"a\"b"})", before) ==
        R"({"stream":true,"input":[{"n": 1.0},{"n":2},)"
        R"({"type":"message","role":"user","content":"a\"b"}]})");
  CHECK(Json::parse(body_of(R"({"stream":true})", before))["input"].size() == 2);
  CHECK(body_of(R"({"stream":true,"input":"alone"})") == R"({"stream":true,"input":"alone"})");
}

TEST_CASE("a name that is acted on may stand once, in one spelling") {
  for (const char* message :
       {R"({"type":"a","type":"b"})", R"({"input":[],"input":[]})", R"({"Generate":false})",
        R"({"previous_response_id":1})", R"({"stream_id":"x"})", R"({"model":1,"model":2})"}) {
    INFO(message);
    CHECK_FALSE(read_message(message));
  }
  CHECK_FALSE(read_message("[1]")->parsed);
  CHECK_FALSE(read_message("{\"a\":")->parsed);
}

TEST_CASE("removing members leaves every other one as it was, wherever they stand") {
  CHECK(rc::check([] {
    const auto order = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 8));
    std::string message = "{", kept = "{";
    std::vector<bool> used(8);
    const std::vector<std::string> members = {R"("type":"response.create")",
                                              R"("generate": true)",
                                              R"("previous_response_id" :null)",
                                              R"("a":[1,{"type":"x"}])",
                                              R"("b":"\"type\":\"")",
                                              R"("c":{})",
                                              R"( "d" : 1.50 )",
                                              R"("e":null)"};
    for (const int i : order) {
      const auto n = static_cast<std::size_t>(i);
      if (used[n]) continue;
      used[n] = true;
      message += (message.size() > 1 ? "," : "") + members[n];
      if (n >= 3) kept += (kept.size() > 1 ? "," : "") + members[n];
    }
    const Json got = Json::parse(body_of(message + "}"));
    Json wanted = Json::parse(kept + "}");
    wanted["stream"] = true;
    RC_ASSERT(got.size() == wanted.size());
    for (const auto& [name, value] : wanted.items()) RC_ASSERT(got.at(name).dump() == value.dump());
  }));
}

TEST_CASE("a request that names a response goes on behind all that was said up to it") {
  auto talk = after_one();
  const auto heard = talk->hear(create(R"("input":[4],"previous_response_id":"r1")"), now);
  REQUIRE(heard.body);
  CHECK(heard.body->find(R"("input":[1,{"n": 2.0},{"n":3},4])") != std::string::npos);
  talk->note(completed("r2", R"([ {"n":5} ])"));
  CHECK(input_of(talk->hear(create(R"("input":[6],"previous_response_id":"r2")"), now)).dump() ==
        R"([1,{"n":2.0},{"n":3},4,{"n":5},6])");
}

TEST_CASE("a request that failed changes nothing: the one before it may be gone on from again") {
  auto talk = after_one();
  REQUIRE(talk->hear(create(R"("input":[4],"previous_response_id":"r1")"), now).body);
  talk->note(done(0, R"({"n":9})"));
  talk->note(R"({"type":"response.failed","response":{"id":"r2"}})");
  const auto again = talk->hear(create(R"("input":[4],"previous_response_id":"r1")"), now);
  CHECK(input_of(again).dump() == R"([1,{"n":2.0},{"n":3},4])");
}

TEST_CASE(
    "reasoning that only its provider could fill is not sent back to one that keeps nothing") {
  const std::string hollow = R"({"type":"reasoning","id":"rs_1","summary":[],"content":[]})";
  const std::string sealed = R"({"type":"reasoning","id":"rs_2","encrypted_content":"x"})";
  const std::string open = R"({"type":"reasoning","id":"rs_3","content":[{"text":"t"}]})";
  const std::string text = R"({"type":"message"})";
  const auto sent_back = [&](const std::string& store) {
    auto talk = converse(roomy);
    talk->hear(create(store + R"("input":[])"), now);
    int index = 0;
    for (const auto& item : {hollow, sealed, open, text}) talk->note(done(index++, item));
    talk->note(completed("r1"));
    return input_of(talk->hear(create(R"("input":[],"previous_response_id":"r1")"), now)).dump();
  };
  CHECK(sent_back(R"("store":false,)") == "[" + sealed + "," + open + "," + text + "]");
  CHECK(sent_back("") == "[" + hollow + "," + sealed + "," + open + "," + text + "]");
}

TEST_CASE("going on from an earlier response gives up what was said behind it") {
  auto talk = after_one();
  talk->hear(create(R"("input":[4],"previous_response_id":"r1")"), now);
  talk->note(completed("r2"));
  talk->hear(create(R"("input":[7],"previous_response_id":"r1")"), now);
  talk->note(completed("r3"));
  CHECK(talk->hear(create(R"("previous_response_id":"r2","input":[])"), now).body == std::nullopt);
  CHECK(input_of(talk->hear(create(R"("previous_response_id":"r3","input":[])"), now)).dump() ==
        R"([1,{"n":2.0},{"n":3},7])");
}

TEST_CASE("a request without a response before it starts anew") {
  auto talk = after_one();
  CHECK(input_of(talk->hear(create(R"("input":[8])"), now)).dump() == "[8]");
  talk->note(completed("r9"));
  CHECK_FALSE(talk->hear(create(R"("previous_response_id":"r1","input":[])"), now).body);
  CHECK(talk->hear(create(R"("previous_response_id":"r9","input":[])"), now).body);
}

TEST_CASE("preparing is answered at once, and can be gone on from with what it said") {
  auto talk = converse(roomy);
  const auto heard = talk->hear(create(R"("input":[1],"generate":false)"), now);
  CHECK_FALSE(heard.body);
  REQUIRE(heard.answers.size() == 2);
  const Json start = Json::parse(heard.answers[0]), end = Json::parse(heard.answers[1]);
  CHECK(start["type"] == "response.created");
  CHECK(start["response"]["status"] == "in_progress");
  CHECK(end["type"] == "response.completed");
  CHECK(end["response"]["id"] == "resp_n1");
  CHECK(end["response"]["model"] == "m");
  CHECK(end["response"]["created_at"] == 1'700'000'000);
  CHECK(end["response"]["usage"]["input_tokens_details"]["cached_tokens"] == 0);
  CHECK(
      input_of(talk->hear(create(R"("input":[2],"previous_response_id":"resp_n1")"), now)).dump() ==
      "[1,2]");
}

TEST_CASE("what is no request is refused, or passed over where a client may say it") {
  auto talk = converse(roomy);
  CHECK(talk->hear(R"({"type":"response.cancel"})", now).refused->param == "type");
  CHECK(talk->hear(R"({"model":"m"})", now).refused->param == "type");
  const auto passed = talk->hear(R"({"type":"response.processed","response_id":"r"})", now);
  CHECK_FALSE((passed.body || passed.refused));
  CHECK(passed.answers.empty());
  CHECK(talk->hear("nonsense", now).body == "nonsense");
}

TEST_CASE("what is kept is bounded, and forgotten as a whole") {
  auto talk = converse(50);
  const std::string large(60, 'x');
  CHECK(talk->hear(create(R"("input":[")" + large + "\"]"), now).refused->kind ==
        RefusalKind::too_large);
  REQUIRE(talk->hear(create(R"("input":[1])"), now).body);
  talk->note(done(0, "{\"t\":\"" + large + "\"}"));
  talk->note(completed("r1"));
  CHECK(talk->held() < 50);  // given up already while it was told
  CHECK_FALSE(talk->hear(create(R"("input":[],"previous_response_id":"r1")"), now).body);
}

TEST_CASE("so many responses are remembered that no conversation is held up, and no more") {
  auto talk = converse(roomy);
  const auto name = [](int i) { return "n" + std::to_string(i); };
  for (int i = 0; i < 1001; ++i) {
    const std::string own = name(i);
    talk->hear(create(R"("input":[],"generate":false)"), {own, 1});
  }
  const auto known = [&](int i) {
    const std::string from = R"("input":[],"previous_response_id":"resp_)" + name(i) + "\"";
    return talk->hear(create(from), now).body.has_value();
  };
  CHECK_FALSE(known(0));
  CHECK(known(1));
  CHECK(known(1000));
}

TEST_CASE("a refusal as a message has its status, its error as it came, and its fields") {
  const auto talk = converse(roomy);
  const std::vector<http::Field> fields = {{"Content-Type", "application/json"},
                                           {"Retry-After", "7"}};
  CHECK(talk->write_refusal(429, fields, R"({"error": {"code": "x"} })") ==
        R"({"type":"error","status":429,"error":{"code": "x"},"headers":{"retry-after":"7"}})");
  const Json odd = Json::parse(talk->write_refusal(502, {}, "<html>"));
  CHECK(odd["status"] == 502);
  CHECK(odd["error"]["message"].is_string());
}

TEST_CASE("the fields of the opening that are the connection's own belong to no request") {
  const auto talk = converse(roomy);
  CHECK_FALSE(talk->is_of_requests({"OpenAI-Beta", "responses_websockets=2026-02-06"}));
  CHECK_FALSE(talk->is_of_requests({"x-codex-turn-metadata", "{}"}));
  CHECK(talk->is_of_requests({"openai-beta", "assistants=v2"}));
  CHECK(talk->is_of_requests({"session-id", "1"}));
}
