#include "daemon/dialect/translating_scanner.h"

#include <doctest/doctest.h>

#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

using dialect::StreamScanner;

/// A Chat upstream's stream on its way to a caller of another dialect.
struct Translated {
  explicit Translated(std::string_view caller) {
    const dialect::Dialect& chat = *dialect::find("openai-chat");
    const auto match = dialect::match("/v1/chat/completions", {});
    scanner = std::make_unique<dialect::TranslatingScanner>(
        chat.scan_stream(*match.operation, false), chat.translation()->read_events(),
        dialect::find(caller)->translation()->write_events(asked, {"1", 1, "m"}), written, 100);
  }
  StreamScanner::Step feed(std::string_view delta) {
    event = R"(data: {"id":"c","choices":[{"index":0,"delta":)" + std::string(delta) +
            R"(,"finish_reason":null}]})" + "\n\n";
    return scanner->feed(event);
  }

  chat::Request asked;
  dialect::WrittenRequest written;
  std::unique_ptr<StreamScanner> scanner;
  std::string event;
};

std::string said(const StreamScanner::Step& step) {
  std::string out;
  for (const std::string_view piece : step.forward) out += piece;
  return out;
}

/// Feeds 33 MiB of text; the step that ended it, or the last one.
StreamScanner::Step feed_much(Translated& stream) {
  const std::string delta = R"({"content":")" + std::string(128 << 10, 'x') + R"("})";
  StreamScanner::Step step;
  for (int i = 0; i < 33 * 8 && !step.terminal; ++i) step = stream.feed(delta);
  return step;
}

TEST_CASE("a stream that has to be said twice fails in the caller's words when it is too long") {
  Translated stream("openai-responses");
  const StreamScanner::Step step = feed_much(stream);
  CHECK(step.terminal);
  CHECK(step.error == FailureClass::bad_answer);
  CHECK(said(step).find("event: response.failed\n") != std::string::npos);
  CHECK(said(stream.feed(R"({"content":"more"})")).empty());
}

TEST_CASE("an end that only one of judge and reader takes for one is an end") {
  const dialect::Dialect& responses = *dialect::find("openai-responses");
  const chat::Request asked;
  const dialect::WrittenRequest written;
  dialect::TranslatingScanner scanner(
      responses.scan_stream(responses.operations().front(), false),
      responses.translation()->read_events(),
      dialect::find("anthropic")->translation()->write_events(asked, {"1", 1, "m"}), written, 100);
  (void)scanner.feed(
      "data: {\"type\":\"response.output_text.delta\",\"output_index\":0,\"delta\":\"Hi\"}\n\n");
  const StreamScanner::Step step = scanner.feed("event: response.completed\ndata:\n\n");
  CHECK(step.terminal);
  CHECK(said(step).find("event: error\n") != std::string::npos);
}

TEST_CASE("a stream that is only said once may be as long as it likes") {
  for (const std::string_view caller : {"anthropic", "gemini"}) {
    Translated stream(caller);
    CHECK_FALSE(feed_much(stream).terminal);
  }
}

TEST_CASE("an answer of more parts than any has fails") {
  Translated stream("anthropic");
  StreamScanner::Step step;
  int parts = 0;
  while (!step.terminal && parts < 100'000) {
    step = stream.feed(R"({"reasoning_content":"a"})");
    if (!step.terminal) step = stream.feed(R"({"content":"b"})");
    parts += 2;
  }
  CHECK(step.error == FailureClass::bad_answer);
  CHECK(said(step).find("event: error\n") != std::string::npos);
}

TEST_CASE("sources in a Chat stream are numbered on through all of it") {
  const chat::Request asked;
  const auto writer =
      dialect::find("openai-chat")->translation()->write_events(asked, {"1", 1, "m"});
  std::string stream = writer->write(chat::Began{});
  for (std::size_t part = 0; part < 2; ++part) {
    chat::Text rest;
    rest.citations = {{"https://a.example", "A", 0, 1, ""}};
    stream += writer->write(chat::PartBegan{part, chat::Text{}});
    stream += writer->write(chat::Delta{part, "a"});
    stream += writer->write(chat::PartEnded{part, rest, {}});
  }
  CHECK(stream.find(R"("annotations":[{"index":0,)") != std::string::npos);
  CHECK(stream.find(R"("annotations":[{"index":1,)") != std::string::npos);
}

TEST_CASE("calls that come by turns are items one after another in a Responses stream") {
  const chat::Request asked;
  const auto writer =
      dialect::find("openai-responses")->translation()->write_events(asked, {"1", 1, "m"});
  chat::ToolCall first, second;
  first.id = "a";
  second.id = "b";
  first.name = second.name = "f";
  std::string stream = writer->write(chat::Began{});
  stream += writer->write(chat::PartBegan{0, first});
  stream += writer->write(chat::PartBegan{1, second});
  stream += writer->write(chat::Delta{1, "{\"b\":2}"});
  stream += writer->write(chat::Delta{0, "{}"});
  stream += writer->write(chat::PartEnded{1, second, {}});
  stream += writer->write(chat::PartEnded{0, first, {}});
  stream += writer->write(chat::Ended{});
  const std::size_t done = stream.find(R"("output_index":0,"item":{)", stream.find("item.done"));
  CHECK(done != std::string::npos);
  CHECK(stream.find(R"("output_index":1)") > done);
  CHECK(stream.find("response.completed") != std::string::npos);
}

}  // namespace
}  // namespace routerone
