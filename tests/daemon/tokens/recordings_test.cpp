#include "tests/daemon/dialect/recordings.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "daemon/tokens/bound.h"
#include "daemon/tokens/estimate.h"
#include "tests/daemon/dialect/scan_support.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;

/// A recorded request and what its provider said that it counted.
struct Counted {
  std::string file, request, model;
  const dialect::Dialect* dialect = nullptr;
  dialect::Reading answer;
  std::string answer_text;
};

std::int64_t input_of(const Usage& usage) {
  std::int64_t sum = 0;
  for (const auto& part : {usage.input, usage.cache_read, usage.cache_write_5m,
                           usage.cache_write_1h, usage.input_audio, usage.cache_read_audio}) {
    sum += part.value_or(0);
  }
  return sum;
}

/// Every string under one of these names in an event or answer is what the model wrote.
void collect(const Json& value, std::string& text, bool& plain) {
  if (value.is_array()) {
    for (const Json& one : value) collect(one, text, plain);
  } else if (value.is_object()) {
    for (const auto& [name, inside] : value.items()) {
      const bool said = inside.is_string() && !inside.get<std::string>().empty();
      if (said && (name == "text" || name == "content")) text += inside.get<std::string>();
      for (const char* other : {"tool_calls", "reasoning", "thinking", "partial_json", "signature",
                                "reasoning_content", "input", "arguments", "encrypted_content"}) {
        if (name == other && !inside.is_null() && !inside.empty()) plain = false;
      }
      collect(inside, text, plain);
    }
  }
}

/// The text of an answer that is nothing but text; empty if there is more to it, or none.
std::string text_of_answer(const Json& entry, const std::string& body) {
  std::string text;
  bool plain = true;
  if (!entry["stream"].get<bool>()) {
    const auto answer = parse_json(body);
    if (answer) collect(*answer, text, plain);
    return plain ? text : "";
  }
  for (std::size_t at = body.find("data: "); at != std::string::npos;
       at = body.find("data: ", at + 1)) {
    const auto event = parse_json(body.substr(at + 6, body.find('\n', at) - at - 6));
    if (!event || !event->is_object()) continue;
    // Of Responses only the deltas: the rest says all of it again.
    const bool again = event->contains("response") || event->contains("item") ||
                       event->contains("part") || test::text_of(*event, "type").ends_with(".done");
    const auto delta = event->find("delta");
    if (delta != event->end() && delta->is_string()) {
      text += delta->get<std::string>();
      plain = plain && event->contains("content_index");
    } else if (!again) {
      collect(*event, text, plain);
    }
  }
  return plain ? text : "";
}

dialect::Reading read_answer(const Json& entry, const std::string& body) {
  const std::string name = entry["dialect"];
  if (entry["stream"].get<bool>())
    return test::scan(name, test::operation_of(name), {body}).reading;
  const dialect::Dialect& dialect = *dialect::find(name);
  return dialect.judge(dialect.operations()[0], 200, {}, body).reading;
}

std::vector<Counted> counted(const fs::path& folder) {
  std::vector<Counted> out;
  for (const char* manifest : {"manifest.json", "parallel/manifest.json"}) {
    for (const Json& entry : test::recorded(folder, manifest)) {
      const std::string asked = test::text_of(entry, "request_file");
      if (asked.empty() || entry["status"].get<int>() != 200) continue;
      const std::string body = test::read_recording(folder / test::text_of(entry, "file"));
      Counted one{test::text_of(entry, "file"),
                  test::read_recording(folder / asked),
                  "",
                  dialect::find(entry["dialect"].get<std::string>()),
                  read_answer(entry, body),
                  text_of_answer(entry, body)};
      auto parsed = parse_json(one.request);
      if (!parsed || !one.answer.usage.input) continue;
      one.model = test::text_of(*parsed, "model");
      // These were recorded as an SDK takes them; on the wire the model stands in the path.
      if (entry["dialect"] == "gemini" && parsed->erase("model") > 0) one.request = parsed->dump();
      out.push_back(std::move(one));
    }
  }
  return out;
}

TEST_CASE("no recorded request counted more than its bound") {
  const fs::path folder = test::recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return;
  }
  int bounded = 0, refused = 0, whole_context = 0;
  double tightest = 1e9;
  for (const Counted& one : counted(folder)) {
    INFO(one.file);
    const auto demand = one.dialect->measure(one.dialect->operations()[0], one.request);
    REQUIRE_MESSAGE(demand, (demand ? "" : demand.error().message));
    if (!demand->unbounded_tool.empty()) {
      ++refused;
      continue;
    }
    ++bounded;
    whole_context += demand->refers_to.empty() ? 0 : 1;
    const auto bound = tokens::input_bound(*demand, one.model, 128'000);
    REQUIRE(bound);
    const std::int64_t said = input_of(one.answer.usage);
    CHECK(said <= *bound);
    tightest = std::min(tightest, static_cast<double>(*bound) / static_cast<double>(said));
  }
  CHECK(bounded >= 350);
  MESSAGE(
      fmt::format("{} bounded ({} by the whole context), {} refused under a limit; the "
                  "tightest bound is {:.2f} times what was counted",
                  bounded, whole_context, refused, tightest));
}

/// What most of a text is; rough, but by rules that can be read.
std::string class_of(std::string_view text) {
  std::size_t wide = 0, frame = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    wide += byte >= 0xE3 && byte <= 0xED ? 1 : 0;
    frame += std::string_view("{}[]\":,").find(c) != std::string_view::npos ? 1 : 0;
  }
  if (wide * 10 > text.size()) return "Chinese";
  if (text.find("```") != std::string_view::npos || text.find("def ") != std::string_view::npos ||
      text.find("#include") != std::string_view::npos) {
    return "code";
  }
  return frame * 10 > text.size() ? "JSON" : "prose";
}

std::string report(std::vector<double> errors) {
  std::sort(errors.begin(), errors.end());
  const auto at = [&](double part) {
    const auto last = static_cast<double>(errors.size() - 1);
    return 100 * errors[static_cast<std::size_t>(std::lround(part * last))];
  };
  return fmt::format("n {:4}   median {:3.0f} %   p99 {:4.0f} %", errors.size(), at(0.5), at(0.99));
}

TEST_CASE("the guess is near what providers counted, more often than not") {
  const fs::path folder = test::recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return;
  }
  std::map<std::string, std::vector<double>> guessed, by_size;
  for (const Counted& one : counted(folder)) {
    const auto demand = one.dialect->measure(one.dialect->operations()[0], one.request);
    if (!demand || !demand->unbounded_tool.empty() || !demand->refers_to.empty() ||
        demand->server_turns > 0) {
      continue;
    }
    const auto said = static_cast<double>(input_of(one.answer.usage));
    const auto error = [said](std::int64_t guess) {
      return std::abs(static_cast<double>(guess) - said) / said;
    };
    const bool media = !demand->images.empty() || demand->document_pages > 0;
    const std::string kind = media ? "request, media" : "request, text";
    guessed[kind].push_back(error(tokens::guess_input(one.request)));
    by_size[kind].push_back(error(static_cast<std::int64_t>(one.request.size() + 3) / 4));
    if (one.answer_text.empty() || one.answer.usage.reasoning.value_or(0) > 0) continue;
    const auto written = static_cast<double>(one.answer.usage.output.value_or(0));
    if (written < 20) continue;
    const std::string text = "answer, " + class_of(one.answer_text);
    const auto off = [written](std::int64_t guess) {
      return std::abs(static_cast<double>(guess) - written) / written;
    };
    guessed[text].push_back(off(tokens::guess_input(one.answer_text)));
    by_size[text].push_back(off(static_cast<std::int64_t>(one.answer_text.size() + 3) / 4));
  }
  for (auto& [kind, errors] : guessed) {
    MESSAGE(
        fmt::format("{:18} guess {}   bytes / 4 {}", kind, report(errors), report(by_size[kind])));
  }
  auto& requests = guessed["request, text"];
  REQUIRE(requests.size() >= 200);
  std::sort(requests.begin(), requests.end());
  CHECK(requests[requests.size() / 2] < 0.5);
}

}  // namespace
}  // namespace routerone
