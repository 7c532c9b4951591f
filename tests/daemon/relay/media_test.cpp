#include <doctest/doctest.h>

#include "tests/support/relay_fixture.h"

using namespace routerone;
using namespace routerone::test;

namespace {

constexpr const char* speech = "/v1/audio/speech";
constexpr const char* transcripts = "/v1/audio/transcriptions";
constexpr const char* form_type = "multipart/form-data; boundary=b";
constexpr const char* spoken = R"({"model":"lab/m","input":"hi","voice":"v"})";

std::string form(const std::string& model) {
  return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" +
         std::string("\0\xff{", 3) +
         "\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n" + model +
         "\r\n--b--\r\n";
}

Script sound(std::vector<std::string> pieces,
             std::optional<upstream::FaultKind> broken_by = std::nullopt) {
  return {{}, 200, {{"content-type", "audio/mpeg"}}, std::move(pieces), broken_by};
}
Script json_of(int status, std::string body) {
  return {{}, status, {{"content-type", "application/json"}}, {std::move(body)}, {}};
}

struct Media : RelayFixture {
  void limit(Money amount) {
    Limits limits;
    limits.spend = SpendLimit{amount};
    use(data.snapshot(limits));
  }
  Seen upload(const std::string& body) { return ask(transcripts, body, nullptr, form_type); }
};

}  // namespace

TEST_CASE_FIXTURE(Media, "a form goes to each target with that target's name of the model in it") {
  upstream.scripts = {json_of(503, "{\"error\":{}}"), json_of(200, R"({"text":"hello"})")};
  const Seen seen = upload(form("lab/m"));
  CHECK(seen.status == 200);
  CHECK(seen.got == R"({"text":"hello"})");
  REQUIRE(upstream.asked.size() == 2);
  CHECK(upstream.asked[0].body == form("m-a"));
  CHECK(upstream.asked[1].body == form("m-b"));
  CHECK(upstream.asked[1].path == "/audio/transcriptions");
  CHECK(rows().back().operation == "transcriptions");
}

TEST_CASE_FIXTURE(Media, "a part that tells its own length tells the new one") {
  upstream.scripts = {json_of(200, R"({"text":"hello"})")};
  const auto body = [](const std::string& length, const std::string& model) {
    return "--b\r\nContent-Disposition: form-data; name=\"model\"\r\nContent-Length: " + length +
           "\r\n\r\n" + model + "\r\n--b--\r\n";
  };
  CHECK(upload(body("5", "lab/m")).status == 200);
  CHECK(upstream.asked[0].body == body("3", "m-a"));
}

TEST_CASE_FIXTURE(Media, "a form is refused where none is taken, before its body is looked at") {
  CHECK(ask("/v1/chat/completions", form("lab/m"), nullptr, form_type).status == 415);
  CHECK(ask(speech, form("lab/m"), nullptr, form_type).status == 415);
  CHECK(ask(transcripts, form("lab/m"), nullptr, "text/plain").status == 415);
  CHECK(ask(transcripts, form("lab/m"), nullptr, "multipart/form-data; boundary=c").status == 400);
  CHECK(upstream.asked.empty());
}

TEST_CASE_FIXTURE(Media, "sound goes on as it comes, and only its last byte waits for the trace") {
  upstream.scripts = {sound({"one", "two", "three"})};
  std::vector<std::string> had;
  upstream.before_read = [&] { had.push_back(exchange->got); };
  const Seen seen = ask(speech, spoken);
  CHECK(seen.got == "onetwothree");
  CHECK(seen.ended);
  CHECK(had == std::vector<std::string>{"", "on", "onetw", "onetwothre"});
  CHECK(seen_at_commit().back() == "onetwothre");
  CHECK(rows().back().bytes_out == 11);
}

TEST_CASE_FIXTURE(Media, "sound that never begins is another provider's to make") {
  upstream.scripts = {sound({}), sound({"x"})};
  CHECK(ask(speech, spoken).got == "x");
  CHECK(rows().back().route == Route::fallback);
}

TEST_CASE_FIXTURE(Media, "sound that breaks off is not ended like a whole one") {
  upstream.scripts = {sound({"one", "two"}, upstream::FaultKind::closed_in_body)};
  const Seen seen = ask(speech, spoken);
  CHECK(seen.aborted);
  CHECK_FALSE(seen.ended);
  CHECK(upstream.asked.size() == 1);
  CHECK(rows().back().state == FinalState::upstream_failed);
}

TEST_CASE_FIXTURE(Media,
                  "what nobody counted has no known cost, and under a limit costs what was held") {
  upstream.scripts = {sound({"x"}), sound({"x"})};
  ask(speech, spoken);
  CHECK_FALSE(rows().back().cost);
  CHECK(rows().back().usage_source == UsageSource::none);
  limit({1'000'000'000'000});
  ask(speech, spoken);
  CHECK(rows().back().cost == rows().back().reserved);
  CHECK(rows().back().cost > Money{100 * 2'000'000});  // the model's longest answer, and its input
  CHECK(rows().back().usage_source == UsageSource::estimate);
  CHECK(admission.state("key:k1").spent == *rows().back().cost);
  CHECK(admission.state("key:k1").reserved == Money{});
}

TEST_CASE_FIXTURE(Media, "what was counted is charged as counted, in a limit and out of it") {
  const char* const told =
      R"({"text":"x","usage":{"input_tokens":14,"output_tokens":7,"total_tokens":21}})";
  upstream.scripts = {json_of(200, told), json_of(200, told)};
  upload(form("lab/m"));
  CHECK(rows().back().cost == Money{14 * 1'000'000 + 7 * 2'000'000});
  limit({1'000'000'000'000});
  upload(form("lab/m"));
  CHECK(rows().back().cost == Money{14 * 1'000'000 + 7 * 2'000'000});
  CHECK_FALSE(rows().back().clamped);
}

TEST_CASE_FIXTURE(Media,
                  "nothing is sent that a limit could not cover, and no cap is put into it") {
  limit({100 * 2'000'000});
  CHECK(upload(form("lab/m")).status == 400);  // can never fit
  CHECK(ask("/v1/images/generations", R"({"model":"lab/m","prompt":"x","n":9})").status == 400);
  CHECK(upstream.asked.empty());
}

TEST_CASE_FIXTURE(Media, "a wish for a stream that is answered whole is passed on whole") {
  upstream.scripts = {json_of(200, R"({"text":"hello"})")};
  const std::string body =
      "--b\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n" + form("lab/m");
  const Seen seen = upload(body);
  CHECK(seen.status == 200);
  CHECK(seen.got == R"({"text":"hello"})");
  CHECK(seen.field("content-type") == "application/json");
  CHECK(rows().back().state == FinalState::completed);
}
