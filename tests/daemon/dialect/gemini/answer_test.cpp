#include <doctest/doctest.h>

#include <string>

#include "common/json/json.h"
#include "daemon/dialect/registry.h"
#include "tests/daemon/dialect/scan_support.h"

namespace routerone {
namespace {

const dialect::Dialect& gemini() { return *dialect::find("gemini"); }

dialect::Verdict judged(int status, std::string_view body, std::size_t operation = 0) {
  return gemini().judge(gemini().operations()[operation], status, {}, body);
}

std::string chunk(const std::string& parts, const std::string& more = "") {
  return R"({"candidates":[{"content":{"role":"model","parts":[)" + parts + "]}" + more +
         R"(,"index":0}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,)" +
         R"("totalTokenCount":7},"modelVersion":"gemini-3-x","responseId":"r"})";
}
std::string event(const std::string& json) { return "data: " + json + "\r\n\r\n"; }
const std::string text = R"({"text":"hi"})";
const std::string stop = R"(,"finishReason":"STOP")";
const std::string failed =
    R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})";

test::Scanned scanned(const std::string& stream, std::uint64_t seed = 0) {
  return test::scan("gemini", "generate", test::cut(stream, seed));
}

TEST_CASE("a whole answer is read for usage, finish and model") {
  const auto verdict = judged(200, chunk(text, stop));
  CHECK(verdict.failure == FailureClass::none);
  CHECK(verdict.reading.usage.input == 5);
  CHECK(verdict.reading.usage.output == 2);
  CHECK(verdict.reading.finish_reason == "STOP");
  CHECK(verdict.reading.model == "gemini-3-x");
}

TEST_CASE("a prompt that was blocked is an answer, junk is none") {
  const auto blocked = judged(200, R"({"promptFeedback":{"blockReason":"SAFETY"}})");
  CHECK(blocked.failure == FailureClass::none);
  CHECK(blocked.reading.finish_reason == "SAFETY");
  CHECK(judged(200, "{}").failure == FailureClass::bad_answer);
  CHECK(judged(200, failed).failure == FailureClass::overloaded);
  CHECK(judged(200, R"({"totalTokens":5})", 4).failure == FailureClass::none);
  CHECK(judged(200, R"({"totalTokens":5})").failure == FailureClass::bad_answer);
}

TEST_CASE("errors fall into their classes, and tell how long to wait") {
  const auto missing = judged(
      404, R"({"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}})");
  CHECK(missing.failure == FailureClass::model_missing);
  const auto key = judged(
      400,
      R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}})");
  CHECK(key.failure == FailureClass::credential_refused);
  const auto rate = judged(
      429,
      R"({"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x"},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"48.2s"}]}})");
  CHECK(rate.failure == FailureClass::rate_limited);
  CHECK(rate.retry_after == std::chrono::seconds(49));
  CHECK(judged(429, R"([{"error":{"code":429,"details":[{"retryDelay":"999999999s"}]}}])")
            .retry_after == std::chrono::seconds(3600));
  CHECK_FALSE(judged(429, R"({"error":{"details":[{"retryDelay":"soon"}]}})").retry_after);
}

TEST_CASE("searches of the provider are counted; before Gemini 3 an answer's are one") {
  const auto grounded = [](const std::string& model) {
    return judged(200, R"({"candidates":[{"content":{},"finishReason":"STOP","groundingMetadata":)"
                       R"({"webSearchQueries":["a","b"]}}],"modelVersion":")" +
                           model + "\"}")
        .reading.usage.web_searches;
  };
  CHECK(grounded("gemini-3-flash") == 2);
  CHECK(grounded("gemini-2.5-flash") == 1);
}

TEST_CASE("a stream passes byte for byte, and its clean end behind a finish is its mark") {
  const std::string stream = event(chunk(text)) + event(chunk(text, stop)) +
                             event(R"({"usageMetadata":{)"
                                   R"("promptTokenCount":5,)"
                                   R"("candidatesTokenCount":9}})");
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto got = scanned(stream, seed);
    CHECK(got.forwarded == stream);
    CHECK(got.content);
    CHECK(got.finish_seen);
    CHECK(got.terminal);
    CHECK(got.last.empty());
    CHECK(got.error == FailureClass::none);
    CHECK(got.reading.usage.output == 9);
    CHECK(got.reading.model == "gemini-3-x");
  }
}

TEST_CASE("a stream without a finish reason has no mark of its end") {
  const auto got = scanned(event(chunk(text)));
  CHECK(got.content);
  CHECK_FALSE(got.finish_seen);
  CHECK_FALSE(got.terminal);
}

TEST_CASE("a chunk without parts is no content, one with a reason is") {
  CHECK_FALSE(scanned(event(R"({"candidates":[{"content":{}}]})")).content);
  CHECK(scanned(event(R"({"candidates":[{"finishReason":"STOP"}]})")).content);
  const auto blocked = scanned(event(R"({"promptFeedback":{"blockReason":"OTHER"}})"));
  CHECK(blocked.content);
  CHECK(blocked.finish_seen);
}

TEST_CASE("an error inside a stream ends it, and is told before content as after it") {
  const auto first = scanned(event(failed));
  CHECK(first.error == FailureClass::overloaded);
  CHECK_FALSE(first.content_at_error);
  const auto later = scanned(event(chunk(text)) + event(failed) + event(chunk(text)));
  CHECK(later.error == FailureClass::overloaded);
  CHECK(later.content_at_error);
  CHECK(later.terminal);
  CHECK(later.forwarded == event(chunk(text)) + event(failed));
}

TEST_CASE("a stream framed as an array passes byte for byte and ends with its bracket") {
  const std::string stream =
      " [" + chunk(text) + "\r\n,\r\n" + chunk(R"({"text":"}],\" ["})", stop) + "\n]\n";
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto got = scanned(stream, seed);
    CHECK(got.forwarded == stream.substr(0, stream.size() - 1));
    CHECK(got.terminal);
    CHECK(got.last == "\n]");
    CHECK(got.finish_seen);
    CHECK(got.error == FailureClass::none);
    CHECK(got.reading.usage.input == 5);
  }
}

TEST_CASE("an array without a finish reason is closed by an error, and stays sound") {
  const auto got = scanned("[" + chunk(text) + "]");
  CHECK(got.error == FailureClass::cut);
  CHECK(got.terminal);
  const auto parsed = parse_json(got.forwarded);
  REQUIRE(parsed);
  CHECK((*parsed)[1]["error"]["code"] == 503);
}

TEST_CASE("an error inside an array is the last of it") {
  const auto got = scanned("[" + chunk(text) + ",\n" + failed + ",\n" + chunk(text, stop) + "]");
  CHECK(got.error == FailureClass::overloaded);
  const auto parsed = parse_json(got.forwarded);
  REQUIRE(parsed);
  CHECK(parsed->size() == 2);
}

TEST_CASE("our own error fits wherever an array was broken off") {
  const std::string stream = "[" + chunk(text) + ",\n" + chunk(text);
  for (std::size_t size = 0; size < stream.size(); ++size) {
    const auto scanner = gemini().scan_stream(gemini().operations()[1], false);
    auto got = test::scan(*scanner, {"[", std::string_view(stream).substr(1, size)});
    got.forwarded += scanner->error_event({RefusalKind::upstream_failed, "gone", "", {}});
    const auto parsed = parse_json(got.forwarded);
    REQUIRE(parsed);
    CHECK(parsed->back()["error"]["status"] == "UNAVAILABLE");
  }
}

TEST_CASE("an element too long to hold passes, and its usage is read from its end") {
  const std::string huge =
      R"({"inlineData":{"mimeType":"image/png","data":")" + std::string(600'000, 'A') + R"("}})";
  for (const std::string& stream : {"[" + chunk(huge, stop) + "]", event(chunk(huge, stop))}) {
    const auto got = scanned(stream, 11);
    CHECK(got.forwarded == stream);
    CHECK(got.finish_seen);
    CHECK(got.reading.usage.input == 5);
  }
}

TEST_CASE("nothing is said into the silence: its readers take nothing for life") {
  CHECK(gemini().early_keepalive().empty());
  const auto scanner = gemini().scan_stream(gemini().operations()[1], false);
  CHECK(scanner->keepalive().empty());
  scanner->feed(event(chunk(text)));
  CHECK(scanner->keepalive().empty());
}

TEST_CASE("a refusal has the API's form, and details that help") {
  const auto body = [](const Refusal& why) {
    return *parse_json(gemini().write_refusal(why, "trace", "").body);
  };
  struct Row {
    RefusalKind kind;
    int status;
    const char* name;
  };
  const Row rows[] = {{RefusalKind::bad_key, 401, "UNAUTHENTICATED"},
                      {RefusalKind::forbidden, 403, "PERMISSION_DENIED"},
                      {RefusalKind::limit_reached, 402, "FAILED_PRECONDITION"},
                      {RefusalKind::rate_limited, 429, "RESOURCE_EXHAUSTED"},
                      {RefusalKind::upstream_rate_limited, 429, "RESOURCE_EXHAUSTED"},
                      {RefusalKind::bad_request, 400, "INVALID_ARGUMENT"},
                      {RefusalKind::unknown_model, 404, "NOT_FOUND"},
                      {RefusalKind::unknown_path, 404, "NOT_FOUND"},
                      {RefusalKind::too_large, 413, "INVALID_ARGUMENT"},
                      {RefusalKind::upstream_failed, 503, "UNAVAILABLE"},
                      {RefusalKind::shed, 503, "UNAVAILABLE"},
                      {RefusalKind::upstream_credential, 502, "INTERNAL"},
                      {RefusalKind::internal, 500, "INTERNAL"}};
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Json error = body({row.kind, "", "", {}})["error"];
    CHECK(error["code"] == row.status);
    CHECK(error["status"] == row.name);
    CHECK_FALSE(error["message"].get<std::string>().empty());
    CHECK_FALSE(error.contains("details"));
    CHECK(gemini().write_refusal({row.kind, "", "", {}}, "", "").status == row.status);
  }
  const Json field = body({RefusalKind::bad_request, "no", "contents", {}})["error"]["details"][0];
  CHECK(field["fieldViolations"][0]["field"] == "contents");
  const Json wait =
      body({RefusalKind::rate_limited, "", "", std::chrono::seconds(3)})["error"]["details"][0];
  CHECK(wait["retryDelay"] == "3s");
}

TEST_CASE("models are listed by the names that paths take") {
  const dialect::ListedModel model{"lab/m", "M", "lab", 0};
  const Json list = *parse_json(gemini().write_model_list({&model, 1}));
  CHECK(list["models"][0]["name"] == "models/lab/m");
  CHECK(list["models"][0]["displayName"] == "M");
  CHECK(*parse_json(gemini().write_model(model)) == list["models"][0]);
}

}  // namespace
}  // namespace routerone
