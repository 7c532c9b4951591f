#include "tests/daemon/dialect/recordings.h"

#include <doctest/doctest.h>

#include "tests/daemon/dialect/scan_support.h"

namespace routerone {
namespace {

using test::read_recording;
using test::recorded;
using test::recordings;
using test::text_of;
namespace fs = std::filesystem;

/// What the official SDK's own accumulator made of the stream.
void check_against_sdk(const Json& entry, const test::Scanned& got) {
  const auto summary = entry.find("sdk_summary");
  if (summary == entry.end() || !summary->is_object()) return;
  const std::string dialect = entry["dialect"];
  const std::string finish = text_of(*summary, dialect == "anthropic"          ? "stop"
                                               : dialect == "openai-responses" ? "status"
                                                                               : "finish");
  if (!finish.empty()) CHECK(got.reading.finish_reason == finish);
  const auto usage = summary->find("usage");
  if (usage == summary->end() || !usage->is_object()) return;
  const Usage wanted = dialect::read_usage_json(dialect, usage->dump());
  CHECK(got.reading.usage.input == wanted.input);
  CHECK(got.reading.usage.output == wanted.output);
  CHECK(got.reading.usage.cache_read == wanted.cache_read);
  CHECK(got.reading.usage.cache_write_5m == wanted.cache_write_5m);
  CHECK(got.reading.usage.stated_cost == wanted.stated_cost);
}

/// Where the stream's own terminal event ends.
std::size_t wanted_size(const std::string& dialect, const std::string& stream) {
  if (dialect != "openai-responses") return stream.size();
  const std::size_t done = stream.rfind("data: [DONE]");  // Not of this dialect: behind the end.
  return done == std::string::npos ? stream.size() : done;
}

TEST_CASE("recorded streams pass byte for byte at any chunking, with their usage and finish read") {
  const fs::path folder = recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return;
  }
  int streams = 0;
  for (const Json& entry : recorded(folder, "manifest.json")) {
    if (!entry["stream"].get<bool>() || !text_of(entry, "malformed").empty()) continue;
    const std::string dialect = entry["dialect"];
    const std::string stream = read_recording(folder / entry["file"].get<std::string>());
    INFO(entry["file"].get<std::string>());
    ++streams;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      CAPTURE(seed);
      const auto got = test::scan(dialect, test::operation_of(dialect), test::cut(stream, seed));
      REQUIRE(got.forwarded.size() == wanted_size(dialect, stream));
      REQUIRE(stream.starts_with(got.forwarded));
      REQUIRE(got.error == FailureClass::none);
      REQUIRE(got.content);
      REQUIRE(got.finish_seen);
      if (seed == 0) check_against_sdk(entry, got);
    }
  }
  CHECK(streams >= 100);
}

TEST_CASE("recorded streams that break their dialect never end with a forged terminator") {
  const fs::path folder = recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return;
  }
  for (const Json& entry : recorded(folder, "manifest.json")) {
    if (!entry["stream"].get<bool>() || text_of(entry, "malformed").empty()) continue;
    const std::string dialect = entry["dialect"];
    const std::string stream = read_recording(folder / entry["file"].get<std::string>());
    INFO(entry["file"].get<std::string>());
    const auto whole = test::scan(dialect, test::operation_of(dialect), {stream});
    // Two answers, the second begun before the first had ended; behind its end nothing counts.
    const std::size_t first = stream.find("event: message_start");
    const std::size_t second = stream.find("event: message_start", first + 1);
    const bool spliced = second != std::string::npos && second < stream.find("event: message_stop");
    CHECK((whole.error == FailureClass::bad_answer) == spliced);
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const auto got = test::scan(dialect, test::operation_of(dialect), test::cut(stream, seed));
      REQUIRE(got.forwarded == whole.forwarded);
      REQUIRE(got.error == whole.error);
    }
    if (spliced) {
      CHECK(stream.starts_with(
          whole.forwarded.substr(0, whole.forwarded.size() - whole.last.size())));
      CHECK(whole.last.starts_with("event: error\n"));
    } else {
      CHECK(stream.starts_with(whole.forwarded));
    }
  }
}

TEST_CASE("recorded whole answers and errors are judged for what they are") {
  const fs::path folder = recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return;
  }
  int answers = 0;
  for (const Json& entry : recorded(folder, "manifest.json")) {
    if (entry["stream"].get<bool>()) continue;
    const std::string body = read_recording(folder / entry["file"].get<std::string>());
    const std::string name = entry["dialect"];
    const dialect::Dialect& dialect = *dialect::find(name);
    const auto verdict =
        dialect.judge(dialect.operations()[0], entry["status"].get<int>(), {}, body);
    INFO(entry["file"].get<std::string>());
    const auto parsed = parse_json(body);
    REQUIRE(parsed);
    const bool says_error = parsed->contains("error") && !(*parsed)["error"].is_null();
    if (entry["status"].get<int>() != 200 || says_error) {
      CHECK(verdict.failure != FailureClass::none);
      continue;
    }
    ++answers;
    CHECK(verdict.failure == FailureClass::none);
    CHECK_FALSE(verdict.reading.finish_reason.empty());
    const auto usage = parsed->find("usage");
    if (usage != parsed->end() && usage->is_object()) {
      CHECK(verdict.reading.usage.input == dialect::read_usage_json(name, usage->dump()).input);
      CHECK(verdict.reading.usage.output == dialect::read_usage_json(name, usage->dump()).output);
    }
  }
  CHECK(answers >= 50);
}

}  // namespace
}  // namespace routerone
