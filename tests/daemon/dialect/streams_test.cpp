#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "tests/daemon/dialect/scan_support.h"
#include "tests/support/source_tree.h"

namespace routerone {
namespace {

std::string stream(const std::string& name) {
  const auto file = test::source_tree() / "tests/daemon/dialect/streams" / name;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  REQUIRE_MESSAGE(!text.empty(), name);
  return text;
}

struct Wanted {
  const char* file;
  const char* dialect;
  const char* operation;
  const char* finish;
  std::int64_t input;
  std::int64_t output;
  bool terminal = true;
};

const Wanted streams[] = {
    {"chat_tools.sse", "openai-chat", "chat", "tool_calls", 20, 45},
    {"chat_reasoning.sse", "openai-chat", "chat", "stop", 9, 20},
    {"chat_awkward.sse", "openai-chat", "chat", "length", 3, 4},
    {"chat_unmarked.sse", "openai-chat", "chat", "stop", 1, 2, false},
    {"completions.sse", "openai-chat", "completions", "length", 4, 2},
    {"responses_tools.sse", "openai-responses", "responses", "completed", 44, 70},
    {"responses_incomplete.sse", "openai-responses", "responses", "max_output_tokens", 11, 16},
    {"messages_thinking.sse", "anthropic", "messages", "tool_use", 25, 89},
    {"messages_crlf.sse", "anthropic", "messages", "end_turn", 5, 9},
};

TEST_CASE("a whole stream passes byte for byte, however it is cut, and is understood on the way") {
  for (const Wanted& wanted : streams) {
    INFO(wanted.file);
    const std::string text = stream(wanted.file);
    std::vector<std::vector<std::string_view>> cuttings{{text}};
    for (std::uint64_t seed = 0; seed < 100; ++seed) cuttings.push_back(test::cut(text, seed));
    cuttings.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
      cuttings.back().push_back(std::string_view(text).substr(i, 1));
    }
    for (const auto& chunks : cuttings) {
      const auto got = test::scan(wanted.dialect, wanted.operation, chunks);
      REQUIRE(got.forwarded == text);
      REQUIRE(got.error == FailureClass::none);
      REQUIRE(got.terminal == wanted.terminal);
      REQUIRE(got.finish_seen);
      REQUIRE(got.reading.finish_reason == wanted.finish);
      REQUIRE(got.reading.usage.input == wanted.input);
      REQUIRE(got.reading.usage.output == wanted.output);
      if (wanted.terminal) REQUIRE(text.ends_with(got.last));
    }
  }
}

TEST_CASE("what comes behind the terminal event is dropped") {
  for (const Wanted& wanted : streams) {
    if (!wanted.terminal) continue;
    INFO(wanted.file);
    const std::string text = stream(wanted.file);
    const std::string more = text + "data: [DONE]\n\n: more\n\n" + text;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      CHECK(test::scan(wanted.dialect, wanted.operation, test::cut(more, seed)).forwarded == text);
    }
  }
}

TEST_CASE("a stream cut anywhere gives a prefix of whole events and no terminator") {
  for (const Wanted& wanted : streams) {
    INFO(wanted.file);
    const std::string text = stream(wanted.file);
    const auto whole = test::scan(wanted.dialect, wanted.operation, {text});
    for (std::size_t size = 0; size + whole.last.size() < text.size(); size += 7) {
      const std::string part = text.substr(0, size);
      const auto got = test::scan(wanted.dialect, wanted.operation, {part});
      REQUIRE(part.starts_with(got.forwarded));
      REQUIRE_FALSE(got.terminal);
    }
  }
}

TEST_CASE("Messages usage is folded from both ends of the stream, field by field") {
  const auto usage =
      test::scan("anthropic", "messages", {stream("messages_thinking.sse")}).reading.usage;
  CHECK(usage.cache_read == 1000);
  CHECK(usage.cache_write_5m == 1024);
  CHECK(usage.cache_write_1h == 1024);
  CHECK(usage.reasoning == 12);
  CHECK(usage.web_searches == 1);
  CHECK(usage.service_tier == "standard");
}

TEST_CASE("Responses count the searches that were done, and the tier that served") {
  const auto usage =
      test::scan("openai-responses", "responses", {stream("responses_tools.sse")}).reading.usage;
  CHECK(usage.web_searches == 1);
  CHECK(usage.cache_read == 256);
  CHECK(usage.reasoning == 32);
  CHECK(usage.service_tier == "default");
}

TEST_CASE("the usage chunk that we asked for is taken out, and nothing else") {
  const std::string text = stream("chat_tools.sse");
  const std::size_t end = text.rfind("data: [DONE]");
  const std::size_t begin = text.rfind("data: {", end);
  const std::string wanted = text.substr(0, begin) + text.substr(end);
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto got = test::scan("openai-chat", "chat", test::cut(text, seed), true);
    REQUIRE(got.forwarded == wanted);
    REQUIRE(got.reading.usage.output == 45);
    REQUIRE(got.reading.usage.service_tier == "default");
    REQUIRE(got.terminal);
  }
}

TEST_CASE("usage in a chunk that also carries a choice stays, even if we asked for it") {
  const std::string text = stream("chat_reasoning.sse");
  const auto got = test::scan("openai-chat", "chat", {text}, true);
  CHECK(got.forwarded == text);
  CHECK(got.reading.usage.output == 20);
}

}  // namespace
}  // namespace routerone
