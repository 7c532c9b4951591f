#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "../recordings.h"
#include "legal_messages.h"

using namespace routerone;
using namespace routerone::messages_test;
using namespace routerone::test;

namespace {

chat::Thinking thought(std::string origin = "", std::string state = "") {
  chat::Thinking out;
  out.origin = std::move(origin);
  out.state = std::move(state);
  return out;
}

void add(std::vector<chat::Event>& out, std::size_t part, chat::Part what,
         std::vector<std::string> deltas, chat::Part rest, std::vector<chat::Gap> gaps = {}) {
  out.push_back(chat::PartBegan{part, std::move(what)});
  for (std::string& each : deltas) out.push_back(chat::Delta{part, std::move(each)});
  out.push_back(chat::PartEnded{part, std::move(rest), std::move(gaps)});
}

chat::Ended ended(chat::Finish finish, Usage usage = {}) {
  chat::Ended out;
  out.ending.finish = finish;
  out.ending.usage = std::move(usage);
  return out;
}

Usage usage_of(std::int64_t input, std::int64_t output) {
  Usage out;
  out.input = input;
  out.output = output;
  return out;
}

/// The turn that all the examples show, as an upstream would have it.
std::vector<chat::Event> example(std::string id, chat::Thinking thinking,
                                 std::vector<std::string> ids) {
  std::vector<chat::Event> out;
  out.push_back(chat::Began{std::move(id), "up", {}});
  chat::Thinking beginning;
  beginning.origin = thinking.origin;
  const bool repeats = thinking.state.starts_with(R"({"reasoning_content":")");
  add(out, 0, beginning, {"Need both ", "cities."}, std::move(thinking),
      repeats ? std::vector<chat::Gap>{{22, 0, 17}} : std::vector<chat::Gap>{});
  add(out, 1, chat::Text{}, {"Checking ", "both."}, chat::Text{});
  const std::vector<std::string> cities = {":\"Paris\"}", ":\"Rome\"}"};
  for (std::size_t i = 0; i < 2; ++i) {
    add(out, 2 + i, call_part(ids[i], "get_weather", ""), {"{\"city\"", cities[i]},
        call_part(ids[i], "get_weather", ""));
  }
  Usage usage = usage_of(120, 60);
  usage.cache_read = 1000;
  usage.cache_write_5m = 80;
  usage.reasoning = 20;
  out.push_back(ended(chat::Finish::tool_calls, usage));
  return out;
}

std::string golden(const char* name) {
  return file_text(recordings().parent_path() / "examples" / name);
}
bool has_goldens() {
  if (!recordings().empty()) return true;
  MESSAGE("skipped: there are no examples beside this checkout");
  return false;
}

std::vector<std::string> kinds(std::string_view stream) {
  std::vector<std::string> out;
  for (const SseLine& each : sse_events(stream)) out.push_back(each.name);
  return out;
}

}  // namespace

TEST_CASE("the examples come out byte by byte") {
  if (!has_goldens()) return;
  CHECK(write_stream(example("chatcmpl-up1", thought("openai-chat", R"({"reasoning_content":""})"),
                             {"call_1", "call_2"})) == golden("messages_client.chat_upstream.sse"));
  CHECK(write_stream(example(
            "resp_0abc",
            thought("openai-responses",
                    R"({"type":"reasoning","summary":[],"encrypted_content":"gAAAAABo-real"})"),
            {"call_A1", "call_A2"})) == golden("messages_client.responses_upstream.sse"));
}

TEST_CASE("the examples of other endings come out byte by byte") {
  if (!has_goldens()) return;
  std::vector<chat::Event> empty = {chat::Began{"chatcmpl-e", "", {}},
                                    ended(chat::Finish::stop, usage_of(12, 5))};
  CHECK(write_stream(empty) == golden("messages_client.empty_turn.sse"));

  std::vector<chat::Event> truncated = {chat::Began{"chatcmpl-t", "", {}}};
  add(truncated, 0, chat::Text{}, {"One two"}, chat::Text{});
  truncated.push_back(ended(chat::Finish::length, usage_of(12, 5)));
  CHECK(write_stream(truncated) == golden("messages_client.truncated.sse"));

  std::vector<chat::Event> refused = {chat::Began{"chatcmpl-r", "", {}}};
  add(refused, 0, chat::Text{}, {"I can’t help with that."}, chat::Text{});
  refused.push_back(ended(chat::Finish::content_filter, usage_of(12, 5)));
  CHECK(write_stream(refused) == golden("messages_client.refusal.sse"));
}

TEST_CASE("a stream that dies ends with its error, the open block closed") {
  const chat::Request asked;
  const auto writer = messages_translation().write_events(asked, facts);
  std::string out = writer->write(chat::Began{"chatcmpl-d", "", {}});
  out += writer->write(chat::PartBegan{0, chat::Text{}});
  out += writer->write(chat::Delta{0, "Partial"});
  Refusal refusal;
  refusal.kind = RefusalKind::upstream_failed;
  refusal.message = "upstream closed the stream before its final event";
  out += writer->fail(refusal);
  if (has_goldens()) CHECK(out == golden("messages_client.upstream_died.sse"));
  CHECK(illegal(out, true) == "");
  CHECK(writer->fail(refusal).empty());
  CHECK(writer->write(ended(chat::Finish::stop)).empty());
  CHECK(writer->keepalive().empty());
}

TEST_CASE("calls that come interleaved go out one after another, whole") {
  std::vector<chat::Event> events = {chat::Began{}};
  events.push_back(chat::PartBegan{0, call_part("a", "f", "")});
  events.push_back(chat::PartBegan{1, call_part("b", "g", "")});
  events.push_back(chat::Delta{1, "{\"b\""});
  events.push_back(chat::Delta{0, "{\"a\""});
  events.push_back(chat::Delta{1, ":2}"});
  events.push_back(chat::Delta{0, ":1}"});
  events.push_back(chat::PartEnded{1, call_part("b", "g", ""), {}});
  events.push_back(chat::PartEnded{0, call_part("a", "f", ""), {}});
  events.push_back(ended(chat::Finish::stop));
  const std::string stream = write_stream(events);
  CHECK(illegal(stream, true) == "");
  const auto answer = collect(read_stream(stream));
  REQUIRE(answer.has_value());
  CHECK(std::get<chat::ToolCall>(answer->parts.at(0)).arguments == R"({"a":1})");
  CHECK(std::get<chat::ToolCall>(answer->parts.at(1)).arguments == R"({"b":2})");
  CHECK(answer->ending.finish == chat::Finish::tool_calls);
}

TEST_CASE("a call whose name comes late waits for it") {
  std::vector<chat::Event> events = {chat::Began{}};
  add(events, 0, call_part("", "", ""), {"{\"a\"", ":1}"}, call_part("c", "f", ""));
  events.push_back(ended(chat::Finish::stop));
  const auto answer = collect(read_stream(write_stream(events)));
  CHECK(std::get<chat::ToolCall>(answer->parts.at(0)).name == "f");
  CHECK(std::get<chat::ToolCall>(answer->parts.at(0)).arguments == R"({"a":1})");
}

TEST_CASE("a freeform call is written as the function that stands for it") {
  chat::ToolCall call = call_part("c", "exec", "");
  call.freeform = true;
  std::vector<chat::Event> events = {chat::Began{}};
  add(events, 0, call, {"say \"hi\"\n", "and go"}, call);
  events.push_back(ended(chat::Finish::stop));
  const auto answer = collect(read_stream(write_stream(events)));
  CHECK(json_of(std::get<chat::ToolCall>(answer->parts.at(0)).arguments) ==
        Json{{"input", "say \"hi\"\nand go"}});
}

TEST_CASE("thinking without text or state is no block, with state alone it is") {
  std::vector<chat::Event> none = {chat::Began{}};
  add(none, 0, chat::Thinking{}, {}, thought());
  none.push_back(ended(chat::Finish::stop));
  CHECK(kinds(write_stream(none)) ==
        std::vector<std::string>{"message_start", "message_delta", "message_stop"});

  std::vector<chat::Event> state = {chat::Began{}};
  add(state, 0, chat::Thinking{}, {}, thought("openai-responses", R"({"type":"reasoning"})"));
  state.push_back(ended(chat::Finish::stop));
  const std::string stream = write_stream(state);
  CHECK(illegal(stream, true) == "");
  CHECK(stream.find("r1.r.") != std::string::npos);
}

TEST_CASE("another's state is never the last block of a stream that says something") {
  const auto types = [](const std::string& kinds) {
    std::vector<chat::Event> events = {chat::Began{}};
    std::size_t part = 0;
    for (const char kind : kinds) {
      if (kind == 't') add(events, part++, chat::Text{}, {"t"}, chat::Text{});
      if (kind == 'c')
        add(events, part++, call_part("c", "f", ""), {"{}"}, call_part("c", "f", ""));
      if (kind == 's') {
        add(events, part++, thought("gemini"), {},
            thought("gemini", R"({"text":"","thoughtSignature":"U2ln"})"));
      }
    }
    events.push_back(ended(chat::Finish::stop));
    const std::string stream = write_stream(events);
    CHECK(illegal(stream, true) == "");
    std::string out;
    const auto answer = collect(read_stream(stream));
    for (const chat::Part& each : answer->parts) out += "tm.c"[each.index()];
    return out;
  };
  CHECK(types("ts") == "t");
  CHECK(types("tsc") == "t.c");
  CHECK(types("sts") == ".t");
  CHECK(types("stss") == ".t");
  CHECK(types("tsst") == "t..t");
  CHECK(types("s") == ".");
}

TEST_CASE("state at a call goes out before the call") {
  chat::ToolCall call = call_part("c", "f", "");
  call.signature = "EuYC";
  std::vector<chat::Event> events = {chat::Began{}};
  add(events, 0, chat::Text{}, {"t"}, chat::Text{});
  add(events, 1, call, {"{}"}, call);
  events.push_back(ended(chat::Finish::stop));
  const std::string stream = write_stream(events);
  CHECK(illegal(stream, true) == "");
  const auto answer = collect(read_stream(stream));
  REQUIRE(answer->parts.size() == 3);
  CHECK(std::holds_alternative<chat::Thinking>(answer->parts[1]));
}

TEST_CASE("the start has the usage as far as it is known, and the model that was asked for") {
  const std::string stream =
      write_stream({chat::Began{"x", "up", usage_of(700, 0)}, ended(chat::Finish::stop)});
  const Json message = json_of(sse_events(stream).at(0).data).at("message");
  CHECK(message.at("usage").at("input_tokens") == 700);
  CHECK(message.at("model") == "r1/model");
}

TEST_CASE("silence is filled with pings until the end") {
  const chat::Request asked;
  const auto writer = messages_translation().write_events(asked, facts);
  CHECK(writer->keepalive().starts_with("event: ping\n"));
  writer->write(ended(chat::Finish::stop));
  CHECK(writer->keepalive().empty());
}

TEST_CASE("an overload in the middle is not called one: an agent would start over") {
  Refusal refusal;
  refusal.kind = RefusalKind::upstream_failed;
  const chat::Request asked;
  const auto begun = messages_translation().write_events(asked, facts);
  begun->write(chat::Began{});
  CHECK(begun->fail(refusal).find("api_error") != std::string::npos);
  CHECK(messages_translation().write_events(asked, facts)->fail(refusal).find("overloaded_error") !=
        std::string::npos);
}

namespace {

/// Events as no upstream should send them.
rc::Gen<chat::Event> any_event() {
  using rc::gen::element;
  using rc::gen::inRange;
  const auto part = inRange<std::size_t>(0, 4);
  const auto what = element<chat::Part>(
      chat::Part(chat::Text{}), chat::Part(text_part("whole")), chat::Part(chat::Thinking{}),
      chat::Part(thought("openai-chat", R"({"reasoning_content":"hm"})")),
      chat::Part(call_part("c", "f", "")), chat::Part(call_part("", "", "{}")),
      chat::Part(call_part("c", "f", R"({"a":1})")));
  const auto text = element<std::string>("", "a", "{\"a\":", "ü", "\n\n", "event: x");
  return rc::gen::oneOf(rc::gen::just(chat::Event(chat::Began{"id", "m", {}})),
                        rc::gen::map(rc::gen::pair(part, what),
                                     [](const auto& made) {
                                       return chat::Event(chat::PartBegan{made.first, made.second});
                                     }),
                        rc::gen::map(rc::gen::pair(part, text),
                                     [](const auto& made) {
                                       return chat::Event(chat::Delta{made.first, made.second});
                                     }),
                        rc::gen::map(rc::gen::pair(part, what), [](const auto& made) {
                          return chat::Event(chat::PartEnded{made.first, made.second, {{2, 0, 9}}});
                        }));
}

}  // namespace

TEST_CASE("whatever comes in, what goes out is a legal stream") {
  CHECK(rc::check("legal at any point, and ended by the end", [] {
    auto events = *rc::gen::container<std::vector<chat::Event>>(any_event());
    RC_ASSERT(illegal(write_stream(events), false) == "");
    events.push_back(
        ended(*rc::gen::element(chat::Finish::stop, chat::Finish::unknown, chat::Finish::length)));
    RC_ASSERT(illegal(write_stream(events), true) == "");
  }));
}
