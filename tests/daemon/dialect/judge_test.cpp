#include <doctest/doctest.h>

#include <string>

#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

using dialect::Verdict;
using std::chrono::seconds;

Verdict judge(std::string_view id, int status, std::string_view body,
              std::vector<http::Field> fields = {}, std::size_t operation = 0) {
  const dialect::Dialect& found = *dialect::find(id);
  return found.judge(found.operations()[operation], status, fields, body);
}
FailureClass chat(int status, std::string_view body) {
  return judge("openai-chat", status, body).failure;
}

constexpr const char* answer =
    R"({"id":"x","object":"chat.completion","model":"m-1","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"say \"finish_reason\":\"length\""},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":10,"completion_tokens":5},"service_tier":"flex","error":null})";

TEST_CASE("a good answer is none of a failure, and is read") {
  const Verdict verdict = judge("openai-chat", 200, answer);
  CHECK(verdict.failure == FailureClass::none);
  CHECK(verdict.reading.finish_reason == "stop");
  CHECK(verdict.reading.model == "m-1");
  CHECK(verdict.reading.usage.input == 10);
  CHECK(verdict.reading.usage.output == 5);
  CHECK(verdict.reading.usage.service_tier == "flex");
}

TEST_CASE("a service tier that nobody knows is kept as other, never in the provider's words") {
  for (const char* id : {"openai-chat", "openai-responses"}) {
    const std::string body =
        R"({"choices":[{"finish_reason":"stop"}],"output":[],"status":"completed",)"
        R"("service_tier":"words of a prompt"})";
    CHECK(judge(id, 200, body).reading.usage.service_tier == "other");
  }
}

TEST_CASE("each operation has its own good answer") {
  CHECK(judge("openai-chat", 200, R"({"choices":[{"text":"x","finish_reason":"length"}]})", {}, 1)
            .reading.finish_reason == "length");
  const Verdict embeddings =
      judge("openai-chat", 200,
            R"({"data":[{"embedding":[1]}],"usage":{"prompt_tokens":8,"total_tokens":8}})", {}, 2);
  CHECK(embeddings.failure == FailureClass::none);
  CHECK(embeddings.reading.usage.input == 8);
  CHECK_FALSE(embeddings.reading.usage.output);

  const Verdict response = judge(
      "openai-responses", 200,
      R"({"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"model":"m",)"
      R"("output":[{"type":"web_search_call","status":"completed"},{"type":"web_search_call",)"
      R"("status":"completed"},{"type":"web_search_call","status":"failed"}],"error":null,)"
      R"("usage":{"input_tokens":4,"output_tokens":2}})");
  CHECK(response.failure == FailureClass::none);
  CHECK(response.reading.finish_reason == "max_output_tokens");
  CHECK(response.reading.usage.web_searches == 2);
  CHECK(response.reading.usage.output == 2);

  const Verdict message = judge(
      "anthropic", 200,
      R"({"type":"message","model":"m","content":[],"stop_reason":"end_turn","usage":{"input_tokens":4,"output_tokens":2}})");
  CHECK(message.failure == FailureClass::none);
  CHECK(message.reading.finish_reason == "end_turn");
  CHECK(message.reading.usage.input == 4);

  const Verdict count = judge("anthropic", 200, R"({"input_tokens":2095})", {}, 1);
  CHECK(count.failure == FailureClass::none);
  CHECK_FALSE(count.reading.usage.known());
}

TEST_CASE("words that no dialect knows are told as other, never as they came") {
  CHECK(judge("openai-chat", 200, R"({"choices":[{"finish_reason":"my secret prompt"}]})")
            .reading.finish_reason == "other");
  CHECK(
      judge("anthropic", 200, R"({"content":[],"stop_reason":"x\u0000"})").reading.finish_reason ==
      "other");
  CHECK(judge("openai-chat", 200, "{\"choices\":[],\"model\":\"a\\u001b[31mb\"}")
            .reading.model.find('\x1b') == std::string::npos);
}

TEST_CASE("a 200 that is no answer is a failure that another target may mend") {
  for (const char* body : {"", " ", "OK", "<html><body>Sign in</body></html>", "{", "[]", "null",
                           "{\"choices\":[", "{}", R"({"usage":{"prompt_tokens":1}})",
                           "data: {\"choices\":[]}\n\n", R"({"choices":[]}x)"}) {
    CAPTURE(body);
    CHECK(chat(200, body) == FailureClass::bad_answer);
  }
  CHECK(chat(200, "{\"choices\":" + std::string(400'000, '[')) == FailureClass::bad_answer);
  CHECK(chat(204, "") == FailureClass::bad_answer);
}

TEST_CASE("an error inside a 200 is what it says") {
  CHECK(chat(200, R"({"error":{"message":"m","code":"rate_limit_exceeded"}})") ==
        FailureClass::rate_limited);
  CHECK(chat(200, R"({"choices":[],"error":{"message":"m","code":502}})") ==
        FailureClass::server_error);
  CHECK(chat(200, R"({"object":"error","message":"m","type":"BadRequestError","code":400})") ==
        FailureClass::caller_fault);
  CHECK(chat(200, R"({"error":"something"})") == FailureClass::bad_answer);
  CHECK(
      judge("anthropic", 200, R"({"type":"error","error":{"type":"overloaded_error"}})").failure ==
      FailureClass::overloaded);
  CHECK(judge("openai-responses", 200,
              R"({"status":"failed","output":[],"error":{"code":"server_error","message":"m"}})")
            .failure == FailureClass::server_error);
}

TEST_CASE("a status means the same whatever body came with it") {
  struct Row {
    int status;
    FailureClass means;
  };
  for (const Row& row :
       {Row{301, FailureClass::bad_answer}, Row{307, FailureClass::bad_answer},
        Row{400, FailureClass::caller_fault}, Row{401, FailureClass::credential_refused},
        Row{402, FailureClass::credential_refused}, Row{403, FailureClass::credential_refused},
        Row{404, FailureClass::caller_fault}, Row{405, FailureClass::caller_fault},
        Row{408, FailureClass::request_timeout}, Row{409, FailureClass::caller_fault},
        Row{413, FailureClass::caller_fault}, Row{422, FailureClass::caller_fault},
        Row{429, FailureClass::rate_limited}, Row{500, FailureClass::server_error},
        Row{502, FailureClass::server_error}, Row{503, FailureClass::server_error},
        Row{504, FailureClass::server_error}, Row{529, FailureClass::overloaded}}) {
    CAPTURE(row.status);
    for (const char* body :
         {"", "<html>", "{\"error\":{\"message\":\"m\"}}", "{\"detail\":\"m\"}"}) {
      CHECK(chat(row.status, body) == row.means);
    }
  }
}

TEST_CASE("a 404 that names the model marks the model; another does not") {
  CHECK(chat(404, R"({"error":{"message":"gone","code":"model_not_found"}})") ==
        FailureClass::model_missing);
  CHECK(chat(404, R"({"error":{"message":"m","code":"DeploymentNotFound"}})") ==
        FailureClass::model_missing);
  CHECK(judge("anthropic", 404,
              R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}})")
            .failure == FailureClass::model_missing);
  CHECK(judge("anthropic", 404,
              R"({"type":"error","error":{"type":"not_found_error","message":"Not Found"}})")
            .failure == FailureClass::caller_fault);
  CHECK(chat(400, R"({"error":{"message":"m","code":"model_not_found"}})") ==
        FailureClass::model_missing);
}

TEST_CASE("an account without money is our credential's fault, whatever status says so") {
  const char* quota =
      R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}})";
  CHECK(chat(429, quota) == FailureClass::credential_refused);
  CHECK(chat(400, quota) == FailureClass::credential_refused);
  CHECK(
      judge(
          "anthropic", 400,
          R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}})")
          .failure == FailureClass::credential_refused);
  CHECK(chat(400, R"({"code":"invalid-argument","error":"Incorrect API key provided."})") ==
        FailureClass::credential_refused);
  // Rate limits that only speak of a quota are rate limits.
  CHECK(
      chat(
          429,
          R"({"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED"}})") ==
      FailureClass::rate_limited);
}

TEST_CASE("overload is told from other failures of a server") {
  CHECK(chat(503, R"({"error":{"code":"server_is_overloaded"}})") == FailureClass::overloaded);
  CHECK(chat(503, R"({"error":{"message":"The engine is currently Overloaded"}})") ==
        FailureClass::overloaded);
  CHECK(chat(429, R"({"error":{"type":"engine_overloaded_error"}})") == FailureClass::overloaded);
}

std::optional<seconds> wait(std::vector<http::Field> fields, std::string_view body = "") {
  return judge("openai-chat", 429, body, std::move(fields)).retry_after;
}

TEST_CASE("Retry-After is read in every form, against the answer's own date") {
  CHECK(wait({{"Retry-After", "20"}}) == seconds{20});
  CHECK(wait({{"retry-after", "1.2"}}) == seconds{2});
  CHECK(wait({{"retry-after-ms", "1500"}, {"retry-after", "9"}}) == seconds{2});
  CHECK(wait({{"retry-after", "0"}}) == seconds{0});
  CHECK(wait({{"retry-after", "99999999"}}) == seconds{3600});
  CHECK(wait({{"retry-after", "99999999999999999999999"}}) == seconds{3600});
  CHECK(wait({{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
              {"retry-after", "Sun, 06 Nov 1994 08:51:07 GMT"}}) == seconds{90});
  CHECK(wait({{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
              {"retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"}}) == seconds{0});
  for (const char* junk : {"", "soon", "-5x", "Sun, 06 Nov 1994 08:51:07 GMT", "nan", "inf"}) {
    CAPTURE(junk);
    CHECK_FALSE(wait({{"retry-after", junk}}));
  }
  CHECK_FALSE(wait({}));
}

TEST_CASE("without the header the words of a rate limit tell how long") {
  CHECK(
      wait({},
           R"({"error":{"message":"Please try again in 300ms.","code":"rate_limit_exceeded"}})") ==
      seconds{1});
  CHECK(wait({}, R"({"error":{"message":"Please try again in 2m30s."}})") == seconds{120});
}

TEST_CASE("the kept end of a long answer still gives its usage") {
  const Verdict tail =
      judge("openai-chat", 200, R"({"usage":{"prompt_tokens":3,"completion_tokens":4}})");
  CHECK(tail.reading.usage.output == 4);
  const Verdict broken =
      judge("openai-responses", 200, R"({"usage":{"input_tokens":3,"output_tokens":4},"x":1}}})");
  CHECK(broken.reading.usage.output == 4);
}

}  // namespace
}  // namespace routerone
