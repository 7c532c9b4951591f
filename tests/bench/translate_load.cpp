#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/translating_scanner.h"

namespace {
std::size_t live_bytes = 0;
}

// All that C++ allocates is counted.
void* operator new(std::size_t size) {
  void* const made = std::malloc(size);
  if (!made) throw std::bad_alloc();
  live_bytes += malloc_usable_size(made);
  return made;
}
void operator delete(void* made) noexcept {
  live_bytes -= malloc_usable_size(made);
  std::free(made);
}
void operator delete(void* made, std::size_t) noexcept { operator delete(made); }

namespace routerone {
namespace {

using dialect::Dialect;
using dialect::Operation;
using dialect::StreamScanner;

/// Median microseconds of one call; CPU and wall time are the same here.
double median_us(int times, const std::function<void()>& what) {
  std::vector<double> seen;
  for (int i = 0; i < times; ++i) {
    const auto began = std::chrono::steady_clock::now();
    what();
    seen.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began)
            .count());
  }
  std::nth_element(seen.begin(), seen.begin() + times / 2, seen.end());
  return seen[static_cast<std::size_t>(times) / 2];
}

const Operation& operation_of(const Dialect& dialect, std::string_view path) {
  const auto match = dialect::match(path, {});
  if (match.dialect != &dialect || !match.operation) std::abort();
  return *match.operation;
}

struct Way {
  std::string_view id, path;
};
constexpr Way ways[] = {{"openai-chat", "/v1/chat/completions"},
                        {"anthropic", "/v1/messages"},
                        {"openai-responses", "/v1/responses"},
                        {"gemini", "/v1beta/models/m:streamGenerateContent"}};

/// A request as a coding agent sends it: instructions, tools, and a history of calls and results
/// that makes it `bytes` long.
std::string agent_request(std::size_t bytes) {
  std::string out =
      R"({"model":"r1/m","max_tokens":32000,"stream":true,"system":[{"type":"text","text":")";
  for (int i = 0; i < 150; ++i) out += "You are an agent that edits files with care.\\n";
  out += R"(","cache_control":{"type":"ephemeral"}}],"tools":[)";
  for (int i = 0; i < 20; ++i) {
    out +=
        R"({"name":"tool_)" + std::to_string(i) +
        R"(","description":"Reads a file from the local filesystem, or a part of it. The path must be absolute.","input_schema":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"file_path":{"type":"string","description":"The path"},"offset":{"type":"number","minimum":0,"maximum":1.50},"limit":{"type":"number"},"edits":{"type":"array","items":{"type":"object","properties":{"old":{"type":"string"},"new":{"type":"string"}},"required":["old","new"]}}},"required":["file_path"],"additionalProperties":false}},)";
  }
  out.back() = ']';
  out += R"(,"messages":[{"role":"user","content":"Mend the parser."})";
  for (int call = 0; out.size() < bytes; ++call) {
    const std::string id = "toolu_" + std::to_string(call);
    out +=
        R"(,{"role":"assistant","content":[{"type":"text","text":"I look at it."},{"type":"tool_use","id":")" +
        id + R"(","name":"tool_3","input":{"file_path":"/src/a.cpp","offset":)" +
        std::to_string(call) +
        R"(}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":")" + id +
        R"(","content":")";
    for (int line = 0; line < 40; ++line)
      out += "  12\\tif (text[at] == '\\\"') return \\\"x\\\";\\n";
    out += R"("}]})";
  }
  return out + "]}";
}

void measure_request(std::size_t bytes, double aim_us) {
  const std::string body = agent_request(bytes);
  const Dialect& from = *dialect::find("anthropic");
  const Operation& operation = operation_of(from, "/v1/messages");
  const int times = bytes > 500'000 ? 51 : 301;
  const double base = median_us(times, [&body] {
    const dialect::Dom tree(body);
    if (dialect::json_text(tree.root()).empty()) std::abort();
  });
  for (const Way& to : ways) {
    if (to.id == "anthropic") continue;
    Endpoint endpoint;
    endpoint.dialect = to.id;
    Target target;
    target.endpoint = &endpoint;
    target.name = name_target({"", "", "m", "m"});
    std::size_t written = 0;
    const double took = median_us(times, [&] {
      const auto asked = from.translation()->read_request(operation, "/v1/messages", body);
      if (!asked) std::abort();
      const auto out = dialect::find(to.id)->translation()->write_request(*asked, target);
      if (!out) std::abort();
      written = out->body.size();
    });
    std::printf("request %4zu KB anthropic -> %-16s %8.0f us (%4.1f x reading and printing it)",
                body.size() / 1000, std::string(to.id).c_str(), took, took / base);
    std::printf(to.id == "openai-chat" ? "  aim %.0f us, %zu bytes out\n" : "\n", aim_us, written);
  }
}

/// A Chat stream as one part a call: begins, `events` deltas of `text`, its end.
std::vector<std::string> chat_stream(std::size_t events, const std::string& text) {
  const std::string head =
      R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)";
  std::vector<std::string> out = {
      head + R"({"role":"assistant","content":""},"finish_reason":null}]})" + "\n\n"};
  for (std::size_t i = 0; i < events; ++i) {
    out.push_back(head + R"({"content":")" + text + R"("},"finish_reason":null}]})" + "\n\n");
  }
  out.push_back(head + R"({},"finish_reason":"stop"}]})" + "\n\n");
  out.push_back("data: [DONE]\n\n");
  return out;
}

/// A caller's request and the scanner that answers it from a Chat upstream.
struct Translated {
  explicit Translated(std::string_view caller) {
    asked.stream = true;
    facts.id = "1";
    facts.model = "r1/m";
    const Dialect& chat = *dialect::find("openai-chat");
    auto judge = chat.scan_stream(operation_of(chat, "/v1/chat/completions"), false);
    if (caller == "openai-chat") {
      scanner = std::move(judge);
      return;
    }
    scanner = std::make_unique<dialect::TranslatingScanner>(
        std::move(judge), chat.translation()->read_events(),
        dialect::find(caller)->translation()->write_events(asked, facts), written, 100);
  }
  std::size_t feed(const std::string& bytes) {
    std::size_t out = 0;
    for (const std::string_view piece : scanner->feed(bytes).forward) out += piece.size();
    return out;
  }

  chat::Request asked;
  dialect::AnswerFacts facts;
  dialect::WrittenRequest written;
  std::unique_ptr<StreamScanner> scanner;
};

void measure_events(double aim_us) {
  constexpr std::size_t events = 2'000;
  const std::vector<std::string> stream = chat_stream(events, "some words ");
  double base = 0;
  for (const Way& to : ways) {
    const double took = median_us(51, [&] {
      Translated one(to.id);
      std::size_t out = 0;
      for (const std::string& event : stream) out += one.feed(event);
      if (out == 0) std::abort();
    });
    if (to.id == "openai-chat") base = took;
    std::printf("event openai-chat -> %-16s %6.2f us (%4.1f x passing it on)  aim %.0f us\n",
                std::string(to.id).c_str(), took / events, took / base, aim_us);
  }
}

/// What is on the heap for one stream after its last delta.
double kept_kib(std::string_view caller, std::size_t events, const std::string& text) {
  const std::vector<std::string> stream = chat_stream(events, text);
  const std::size_t before = live_bytes;
  Translated one(caller);
  for (std::size_t i = 0; i + 2 < stream.size(); ++i) one.feed(stream[i]);
  return static_cast<double>(live_bytes - before) / 1024;
}

void measure_memory() {
  const std::string text(100, 'x');
  for (const Way& to : ways) {
    std::printf(
        "heap of a stream openai-chat -> %-16s %8.1f KiB after 20 KB, %8.1f KiB after 2 MB\n",
        std::string(to.id).c_str(), kept_kib(to.id, 200, text), kept_kib(to.id, 20'000, text));
  }
}

}  // namespace
}  // namespace routerone

/// Prints what translating costs: requests beside reading and printing the same JSON, events beside
/// passing them on, and what a stream keeps by its length.
int main() {
  routerone::measure_request(100'000, 1'500);
  routerone::measure_request(1'000'000, 15'000);
  routerone::measure_events(3);
  routerone::measure_memory();
}
