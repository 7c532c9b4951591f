#include <doctest/doctest.h>

#include <string>

#include "daemon/dialect/registry.h"
#include "daemon/dialect/splice.h"
#include "tests/daemon/dialect/scan_support.h"

using namespace routerone;
using dialect::AnswerForm;
using dialect::Operation;
using dialect::Verdict;

namespace {

const dialect::Dialect& chat() { return *dialect::find("openai-chat"); }

const Operation& operation(std::string_view path) { return *dialect::match(path, {}).operation; }

Verdict judge(std::string_view path, std::string_view body, std::string_view type,
              int status = 200) {
  const std::vector<http::Field> fields = {{"content-type", type}};
  return chat().judge(operation(path), status, fields, body);
}

constexpr const char* images = "/v1/images/generations";
constexpr const char* edits = "/v1/images/edits";
constexpr const char* speech = "/v1/audio/speech";
constexpr const char* transcripts = "/v1/audio/transcriptions";
constexpr const char* rerank = "/v1/rerank";
constexpr const char* moderations = "/v1/moderations";

constexpr const char* form_type = "multipart/form-data; boundary=b";
std::string part(const std::string& disposition, const std::string& value) {
  return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
}
std::string named(const std::string& name, const std::string& value) {
  return part("name=\"" + name + "\"", value);
}
const std::string file = part("name=\"file\"; filename=\"a.mp3\"", std::string(5'000, '\xff'));

tl::expected<dialect::Envelope, Refusal> form_envelope(std::string_view path,
                                                       const std::string& body) {
  const auto form = dialect::read_form(form_type, body);
  REQUIRE(form);
  return chat().read_form_envelope(operation(path), *form, body);
}
std::string refused(std::string_view path, const std::string& body) {
  const auto envelope = form_envelope(path, body + "--b--");
  return envelope ? "" : envelope.error().param + ": " + envelope.error().message;
}

}  // namespace

TEST_CASE("every path beside conversation is known, and none of them is free") {
  for (const char* path : {images, edits, "/v1/images/variations", speech, transcripts,
                           "/v1/audio/translations", rerank, moderations}) {
    const dialect::Match match = dialect::match(path, {});
    REQUIRE(match.operation != nullptr);
    CHECK(match.dialect->id() == "openai-chat");
    CHECK(match.operation->kind != dialect::OperationKind::count);
    CHECK(dialect::translatable_to(*match.dialect, *match.operation).empty());
    CHECK(match.operation->upstream_path == std::string(path).substr(3));
  }
}

TEST_CASE("forms are taken where something is uploaded, and nowhere else") {
  for (const Operation& one : chat().operations()) {
    const bool uploads = one.name == "image_edits" || one.name == "image_variations" ||
                         one.name == "transcriptions" || one.name == "translations";
    CHECK(one.takes_form == uploads);
  }
}

TEST_CASE("a form's model is found and can be spliced without touching another byte") {
  const std::string body =
      file + named("model", "a/whisper") + named("stream", "true") + "--b--\r\n";
  const auto envelope = form_envelope(transcripts, body);
  REQUIRE(envelope);
  CHECK(envelope->model == "a/whisper");
  CHECK(envelope->stream);
  CHECK(envelope->bare_model);
  const std::vector<dialect::Splice> change = {
      {envelope->model_at, envelope->model_size, "whisper-1"}};
  std::string sent;
  for (const std::string_view piece : dialect::splice(body, change)) sent += piece;
  CHECK(sent == file + named("model", "whisper-1") + named("stream", "true") + "--b--\r\n");
}

TEST_CASE("a form whose model is in doubt is refused by name") {
  const std::string model = named("model", "m");
  CHECK(refused(transcripts, file + model).empty());
  CHECK(refused(transcripts, file).find("missing") != std::string::npos);
  CHECK(refused(transcripts, model + model).find("more than once") != std::string::npos);
  CHECK(refused(transcripts, model + named("Model", "x")).find("spelling") != std::string::npos);
  CHECK(refused(transcripts, model + named("model[]", "x")).find("spelling") != std::string::npos);
  CHECK(refused(transcripts, model + named(" model", "x")).find("spelling") != std::string::npos);
  CHECK(refused(transcripts, part("name=\"model\"; filename=\"m\"", "m")).find("not a file") !=
        std::string::npos);
  CHECK(refused(transcripts, part("name=\"model\"\r\nContent-Transfer-Encoding: base64", "bQ=="))
            .find("encoding") != std::string::npos);
  CHECK(refused(transcripts, named("model", "")).find("empty") != std::string::npos);
  CHECK(refused(transcripts, named("model", "a\r\nb")).find("one line") != std::string::npos);
  CHECK(refused(transcripts, model + named("stream", "maybe")).starts_with("stream: "));
  CHECK(refused(transcripts, model + named("stream", "true") + named("stream", "false"))
            .starts_with("stream: "));
  CHECK(refused(edits, model + named("n", "-1")).starts_with("n: "));
}

TEST_CASE("JSON tells whether a stream is wanted, each operation in its own word") {
  const auto streams = [](std::string_view path, std::string_view body) {
    const auto envelope = chat().read_envelope(operation(path), body);
    return envelope && envelope->stream;
  };
  CHECK(streams(images, R"({"model":"m","stream":true})"));
  CHECK_FALSE(streams(images, R"({"model":"m"})"));
  CHECK(streams(speech, R"({"model":"m","stream_format":"sse"})"));
  CHECK_FALSE(streams(speech, R"({"model":"m","stream_format":"audio"})"));
  CHECK_FALSE(streams(rerank, R"({"model":"m","stream":true})"));
  CHECK_FALSE(chat().read_envelope(operation(images), R"({"model":"m","n":1,"n":9})").has_value());
  CHECK_FALSE(chat().read_envelope(operation(images), R"({"model":"m","n":"9"})").has_value());
}

TEST_CASE("what images may cost is told by how many are asked for") {
  const auto demand = chat().measure(
      operation(images), R"({"model":"m","n":4,"prompt":"x","background":"transparent"})");
  REQUIRE(demand);
  CHECK(demand->choices == 4);
  CHECK(demand->images_made == 4);
  CHECK_FALSE(demand->background);
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0", 24);
  const std::string body = named("model", "m") + named("n", "3") +
                           part("name=\"image[]\"; filename=\"a.png\"", png) + "--b--";
  const Demand form = chat().measure_form(operation(edits), *dialect::read_form(form_type, body));
  CHECK(form.choices == 3);
  CHECK(form.images_made == 3);
  REQUIRE(form.images.size() == 1);
  CHECK(form.images[0].width == 640);
  CHECK(form.images[0].height == 480);
  CHECK(form.text_bytes < 100);
}

TEST_CASE("what only the provider can fetch is named") {
  const auto refers = [](std::string_view path, std::string_view body) {
    return chat().measure(operation(path), body)->refers_to;
  };
  CHECK(refers(edits, R"({"model":"m","images":[{"file_id":"f"}]})") == "images");
  CHECK(refers(edits, R"({"model":"m","images":[{"image_url":"https://x"}]})") == "images");
  CHECK(refers(edits, R"({"model":"m","images":[{"image_url":"data:image/png;base64,AAAA"}]})")
            .empty());
  CHECK(refers(transcripts, R"({"model":"m","url":"https://x"})") == "url");
  const std::string body = named("model", "m") + named("url", "https://x") + "--b--";
  CHECK(
      chat().measure_form(operation(transcripts), *dialect::read_form(form_type, body)).refers_to ==
      "url");
}

TEST_CASE("a file of sound counts as sound, and its fields as text") {
  const std::string body = named("model", "m") + file + named("prompt", "hello") + "--b--";
  const Demand demand =
      chat().measure_form(operation(transcripts), *dialect::read_form(form_type, body));
  CHECK(demand.audio_bytes == 5'000);
  CHECK(demand.text_bytes >= 6);
  CHECK(demand.text_bytes < 50);
}

TEST_CASE("a reranker reads its question once a document, and is billed by the search") {
  std::string documents;
  for (int i = 0; i < 250; ++i) documents += (i == 0 ? "\"" : ",\"") + std::string(9, 'd') + '"';
  const std::string body = R"({"model":"m","query":"01234567","documents":[)" + documents + "]}";
  const auto demand = chat().measure(operation(rerank), body);
  REQUIRE(demand);
  CHECK(demand->text_bytes == static_cast<std::int64_t>(body.size()));
  CHECK(demand->repeated_bytes == 250 * 10);
  CHECK(demand->requests >= 3);
}

TEST_CASE("sound is an answer, and goes on as it comes") {
  CHECK(judge(speech, "\xff\xfb\x90", "audio/mpeg").failure == FailureClass::none);
  CHECK(judge(speech, "", "audio/mpeg").failure == FailureClass::bad_answer);
  CHECK(judge(speech, "<html>sign in</html>", "text/html").failure == FailureClass::bad_answer);
  CHECK(
      judge(speech, R"({"error":{"message":"m","code":"rate_limit_exceeded"}})", "application/json")
          .failure == FailureClass::rate_limited);
  CHECK(judge(speech, "gone", "audio/mpeg", 503).failure == FailureClass::server_error);

  const auto form = [](std::string_view path, std::string_view type, bool stream) {
    dialect::Envelope asked;
    asked.stream = stream;
    const std::vector<http::Field> fields = {{"content-type", type}};
    return chat().answer_form(operation(path), asked, fields);
  };
  CHECK(form(speech, "audio/mpeg", false) == AnswerForm::bytes);
  CHECK(form(speech, "Audio/WAV; rate=24000", false) == AnswerForm::bytes);
  CHECK(form(speech, "application/json", false) == AnswerForm::whole);
  CHECK(form(speech, "text/event-stream", true) == AnswerForm::events);
  CHECK(form(transcripts, "application/json", true) == AnswerForm::whole);  // it cannot stream
  CHECK(form(images, "audio/mpeg", false) == AnswerForm::whole);
}

TEST_CASE("a transcript may be text in any form, also that of silence") {
  CHECK(judge(transcripts, "Hello.\n", "text/plain; charset=utf-8").failure == FailureClass::none);
  CHECK(judge(transcripts, "1\n00:00:00,000 --> 00:00:01,000\nHi\n", "text/plain").failure ==
        FailureClass::none);
  CHECK(judge(transcripts, "", "text/plain").failure == FailureClass::none);
  CHECK(judge(transcripts, "", "application/json").failure == FailureClass::bad_answer);
  CHECK(judge(transcripts, "<!DOCTYPE html>", "text/html").failure == FailureClass::bad_answer);
  CHECK(judge(transcripts, R"({"text":""})", "application/json").failure == FailureClass::none);
  CHECK(judge(transcripts, R"({"text":"cut)", "application/json").failure ==
        FailureClass::bad_answer);
}

TEST_CASE("usage of each operation lands in the class it is billed by") {
  const Usage image =
      judge(
          images,
          R"({"created":1,"data":[{"b64_json":"a,[]"},{"b64_json":"b"}],"usage":{"input_tokens":50,)"
          R"("input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens":1000,)"
          R"("total_tokens":1050}})",
          "application/json")
          .reading.usage;
  CHECK(image.input == 10);
  CHECK(image.input_image == 40);
  CHECK(image.output == 0);
  CHECK(image.output_image == 1000);
  CHECK(image.images_made == 2);

  const Usage heard =
      judge(transcripts,
            R"({"text":"x","usage":{"type":"tokens","input_tokens":14,"input_token_details":)"
            R"({"text_tokens":4,"audio_tokens":10},"output_tokens":7,"total_tokens":21}})",
            "application/json")
          .reading.usage;
  CHECK(heard.input == 4);
  CHECK(heard.input_audio == 10);
  CHECK(heard.output == 7);

  const Usage timed = judge(transcripts, R"({"text":"x","usage":{"type":"duration","seconds":9}})",
                            "application/json")
                          .reading.usage;
  CHECK_FALSE(timed.known());

  const Usage ranked =
      judge(rerank, R"({"results":[],"usage":{"total_tokens":38}})", "application/json")
          .reading.usage;
  CHECK(ranked.input == 38);
  const Usage billed = judge(rerank, R"({"results":[],"meta":{"billed_units":{"search_units":3}}})",
                             "application/json")
                           .reading.usage;
  CHECK(billed.requests == 3);
  CHECK_FALSE(billed.known());
}

TEST_CASE("a moderation or reranking without its results is no answer") {
  CHECK(judge(moderations, R"({"id":"x","results":[]})", "application/json").failure ==
        FailureClass::none);
  CHECK(judge(moderations, R"({"id":"x"})", "application/json").failure ==
        FailureClass::bad_answer);
  CHECK(judge(rerank, R"({"data":[]})", "application/json").failure == FailureClass::none);
  CHECK(judge(rerank, R"({"id":"x"})", "application/json").failure == FailureClass::bad_answer);
}

TEST_CASE("streams of images, sound and transcripts pass unchanged and are counted") {
  const std::string transcript =
      "event: transcript.text.delta\ndata: "
      "{\"type\":\"transcript.text.delta\",\"delta\":\"Hi\"}\n\n"
      "event: transcript.text.done\ndata: {\"type\":\"transcript.text.done\",\"text\":\"Hi\","
      "\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":2}}\n\n";
  const std::string picture(300'000, 'A');
  const std::string drawing =
      "event: image_generation.partial_image\n"
      "data: {\"type\":\"image_generation.partial_image\",\"b64_json\":\"AA\"}\n\n"
      "event: image_generation.completed\n"
      "data: {\"type\":\"image_generation.completed\",\"b64_json\":\"" +
      picture + "\",\"usage\":{\"input_tokens\":9,\"output_tokens\":500}}\n\n";
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const test::Scanned heard =
        test::scan("openai-chat", "transcriptions", test::cut(transcript, seed));
    CHECK(heard.forwarded == transcript);
    CHECK(heard.content);
    CHECK(heard.terminal);  // a clean end behind `.done`
    CHECK(heard.reading.usage.input_audio == 14);
    const test::Scanned drawn = test::scan("openai-chat", "images", test::cut(drawing, seed));
    CHECK(drawn.forwarded == drawing);
    CHECK(drawn.finish_seen);
    CHECK(drawn.reading.usage.output_image == 500);
    CHECK(drawn.reading.usage.images_made == 1);
  }
}

TEST_CASE("a stream that stops before it is done has not finished, and errors are what they say") {
  const auto spoken = [](const std::string& text) {
    return test::scan("openai-chat", "speech", {text});
  };
  CHECK_FALSE(spoken("data: {\"type\":\"speech.audio.delta\",\"audio\":\"AA\"}\n\n").finish_seen);
  CHECK(spoken("data: {\"type\":\"speech.audio.done\"}\n\ndata: [DONE]\n\n").terminal);
  const test::Scanned failed = spoken(
      "event: error\ndata: {\"type\":\"error\",\"error\":{\"code\":\"rate_limit_exceeded\"}}\n\n");
  CHECK(failed.error == FailureClass::rate_limited);
  CHECK_FALSE(failed.content_at_error);
}
