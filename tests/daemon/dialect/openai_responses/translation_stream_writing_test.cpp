#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "daemon/dialect/carrier.h"
#include "legal_responses.h"

using namespace routerone;
using namespace routerone::test::responses;
using chat::Began;
using chat::Delta;
using chat::Ended;
using chat::Event;
using chat::Finish;
using chat::PartBegan;
using chat::PartEnded;

namespace {

Ended ended(Finish finish = Finish::stop) {
  Ended out;
  out.ending.finish = finish;
  out.ending.usage.input = 100;
  out.ending.usage.cache_read = 20;
  out.ending.usage.output = 7;
  return out;
}

chat::Thinking claude_thinking(std::string text) {
  chat::Thinking out;
  out.text = std::move(text);
  out.origin = "anthropic";
  out.state = R"({"type":"thinking","thinking":"","signature":"EqQB"})";
  return out;
}

/// The end of a part whose text came in deltas.
PartEnded end_of(std::size_t part, chat::Part rest) { return {part, std::move(rest), {}}; }

}  // namespace

TEST_CASE("thinking, text and a call become items one after another") {
  chat::ToolCall call = call_part("toolu_1", "f", "");
  const std::string stream =
      write_stream({Began{"msg_01Abc", "x", {}}, PartBegan{0, chat::Thinking{}}, Delta{0, "Need "},
                    Delta{0, "both."}, PartEnded{0, claude_thinking(""), {{31, 0, 10}}},
                    PartBegan{1, chat::Text{}}, Delta{1, "Checking."}, end_of(1, chat::Text{}),
                    PartBegan{2, call}, Delta{2, "{\"a\":"}, Delta{2, "1}"}, end_of(2, call),
                    ended(Finish::tool_calls)});
  CHECK(illegal(stream, true) == "");
  CHECK(types_of(stream) ==
        "created in_progress output_item.added reasoning_summary_part.added "
        "reasoning_summary_text.delta reasoning_summary_text.delta reasoning_summary_text.done "
        "reasoning_summary_part.done output_item.done output_item.added content_part.added "
        "output_text.delta output_text.done content_part.done output_item.done output_item.added "
        "function_call_arguments.delta function_call_arguments.delta function_call_arguments.done "
        "output_item.done completed");
  const Json response = of_type(stream, "response.completed")[0]["response"];
  chat::Thinking whole = claude_thinking("");
  whole.state = R"({"type":"thinking","thinking":"Need both.","signature":"EqQB"})";
  CHECK(response["id"] == "resp_01Abc");
  CHECK(response["output"][0]["id"] == "rs_01Abc_0");
  CHECK(response["output"][0]["encrypted_content"] == dialect::write_carrier(whole));
  CHECK(response["output"][2]["arguments"] == "{\"a\":1}");
  CHECK(response["usage"]["input_tokens"] == 120);
  CHECK(response["usage"]["total_tokens"] == 127);
}

TEST_CASE("the state of thinking comes with its end only") {
  const std::string stream =
      write_stream({Began{}, PartBegan{0, chat::Thinking{}}, end_of(0, claude_thinking("")),
                    PartBegan{1, chat::Text{}}, Delta{1, "a"}, end_of(1, chat::Text{}), ended()});
  CHECK(illegal(stream, true) == "");
  const Json begun = of_type(stream, "response.output_item.added")[0]["item"];
  CHECK(begun["type"] == "reasoning");
  CHECK_FALSE(begun.contains("encrypted_content"));
  const Json finished = of_type(stream, "response.output_item.done")[0]["item"];
  CHECK(finished["summary"] == Json::array());
  CHECK(finished.contains("encrypted_content"));
}

TEST_CASE("parts with nothing in them are no items") {
  const std::string stream =
      write_stream({Began{}, PartBegan{0, chat::Thinking{}}, end_of(0, chat::Thinking{}),
                    PartBegan{1, chat::Text{}}, end_of(1, chat::Text{}), ended()});
  CHECK(illegal(stream, true) == "");
  CHECK(types_of(stream) == "created in_progress completed");
}

TEST_CASE("a freeform call streams its bare text, and a namespace stays with its name") {
  chat::ToolCall call = call_part("1", "exec", "");
  call.freeform = true;
  call.group = "functions";
  const std::string stream = write_stream(
      {Began{}, PartBegan{0, call}, Delta{0, "text"}, Delta{0, "(1)"}, end_of(0, call), ended()});
  CHECK(illegal(stream, true) == "");
  CHECK(types_of(stream).find("custom_tool_call_input.delta custom_tool_call_input.delta "
                              "custom_tool_call_input.done") != std::string::npos);
  const Json item = of_type(stream, "response.output_item.done")[0]["item"];
  CHECK(item["type"] == "custom_tool_call");
  CHECK(item["namespace"] == "functions");
  CHECK(item["input"] == "text(1)");
}

TEST_CASE("calls may be open at once, each piece goes to its own") {
  const std::string stream = write_stream(
      {Began{}, PartBegan{0, call_part("1", "f", "")}, PartBegan{1, call_part("2", "g", "")},
       Delta{0, "{"}, Delta{1, "{\"b\""}, Delta{0, "}"}, Delta{1, ":2}"},
       end_of(1, call_part("2", "g", "")), end_of(0, call_part("1", "f", "")), ended()});
  CHECK(illegal(stream, true) == "");
  const Json output = of_type(stream, "response.completed")[0]["response"]["output"];
  CHECK(output[0]["arguments"] == "{}");
  CHECK(output[1]["arguments"] == "{\"b\":2}");
}

TEST_CASE("a call whose name comes with its end is said then; without one it is none") {
  const std::string stream =
      write_stream({Began{}, PartBegan{0, call_part("1", "", "")}, Delta{0, "{}"},
                    end_of(0, call_part("1", "late", "")), PartBegan{1, call_part("2", "", "")},
                    Delta{1, "{}"}, end_of(1, call_part("2", "", "")), ended()});
  CHECK(illegal(stream, true) == "");
  const Json output = of_type(stream, "response.completed")[0]["response"]["output"];
  REQUIRE(output.size() == 1);
  CHECK(output[0]["name"] == "late");
  CHECK(output[0]["arguments"] == "{}");
}

TEST_CASE("an answer that was cut ends incomplete, and so does the item it was cut in") {
  const std::string stream = write_stream({Began{}, PartBegan{0, chat::Text{}}, Delta{0, "One two"},
                                           end_of(0, chat::Text{}), ended(Finish::length)});
  CHECK(illegal(stream, true) == "");
  CHECK(of_type(stream, "response.output_item.done")[0]["item"]["status"] == "incomplete");
  CHECK(of_type(stream, "response.incomplete")[0]["response"]["incomplete_details"]["reason"] ==
        "max_output_tokens");
}

TEST_CASE("a refusal told beside the answer is a refusal in it") {
  Ended end = ended(Finish::refusal);
  end.ending.explanation = "declined";
  const std::string stream = write_stream({Began{}, end});
  CHECK(illegal(stream, true) == "");
  CHECK(types_of(stream) ==
        "created in_progress output_item.added content_part.added refusal.delta refusal.done "
        "content_part.done output_item.done completed");
}

TEST_CASE("sources are told before their text is done") {
  chat::Text text;
  text.citations = {{"https://a.example", "A", 0, 1, ""}};
  const std::string stream =
      write_stream({Began{}, PartBegan{0, chat::Text{}}, Delta{0, "a"}, end_of(0, text), ended()});
  CHECK(illegal(stream, true) == "");
  CHECK(of_type(stream, "response.output_text.annotation.added")[0]["annotation"]["url"] ==
        "https://a.example");
}

TEST_CASE("a failure is told twice, for both kinds of readers, and is the end") {
  const chat::Request nothing;
  const auto writer = translation().write_events(nothing, facts);
  std::string stream = writer->write(Began{"resp_d", "x", {}});
  stream += writer->write(PartBegan{0, chat::Text{}});
  stream += writer->write(Delta{0, "Partial"});
  stream += writer->write(end_of(0, chat::Text{}));
  Refusal refusal;
  refusal.kind = RefusalKind::upstream_failed;
  refusal.message = "upstream closed the stream before its final event";
  stream += writer->fail(refusal);
  CHECK(illegal(stream, true) == "");
  const Json error = of_type(stream, "error")[0];
  CHECK(error["message"] == error["error"]["message"]);
  const Json response = of_type(stream, "response.failed")[0]["response"];
  CHECK(response["status"] == "failed");
  CHECK(response["error"]["code"] == "server_error");
  CHECK(response["output"][0]["content"][0]["text"] == "Partial");
  CHECK(response["usage"].is_null());
  CHECK(writer->fail(refusal).empty());
  CHECK(writer->write(ended()).empty());
  CHECK(writer->keepalive().empty());
}

TEST_CASE("a failure before anything else is a legal stream, too") {
  const chat::Request nothing;
  const auto writer = translation().write_events(nothing, facts);
  CHECK(writer->keepalive().empty());
  Refusal refusal;
  refusal.kind = RefusalKind::upstream_rate_limited;
  const std::string stream = writer->fail(refusal);
  CHECK(illegal(stream, true) == "");
  CHECK(of_type(stream, "response.failed")[0]["response"]["error"]["code"] ==
        "rate_limit_exceeded");
}

TEST_CASE("a sign of life takes a number of the sequence") {
  const chat::Request nothing;
  const auto writer = translation().write_events(nothing, facts);
  std::string stream = writer->write(Began{});
  stream += writer->keepalive();
  stream += writer->write(ended());
  CHECK(illegal(stream, true) == "");
  CHECK(types_of(stream) == "created in_progress keepalive completed");
}

namespace {

/// Any events that readers may give: parts begin, several may be open, each ends, the answer ends.
std::vector<Event> any_events() {
  using rc::gen::element;
  using rc::gen::inRange;
  std::vector<Event> out;
  if (*inRange(0, 4) != 0) out.emplace_back(Began{"msg_1", "m", {}});
  std::map<std::size_t, chat::Part> open;
  std::size_t next = 0;
  for (int steps = *inRange(0, 25); steps > 0; --steps) {
    const int what = *inRange(0, 4);
    if (open.empty() || what == 0) {
      chat::Part part = *element<chat::Part>(chat::Text{}, text_part("", true), chat::Thinking{},
                                             claude_thinking(""), call_part("1", "f", ""),
                                             call_part("2", "", ""));
      open[next] = part;
      out.emplace_back(PartBegan{next++, part});
      continue;
    }
    auto at = std::next(open.begin(), *inRange<int>(0, static_cast<int>(open.size())));
    if (what == 3) {
      out.emplace_back(end_of(at->first, at->second));
      open.erase(at);
      continue;
    }
    const std::string piece = *element<std::string>("", "a", "ü", "\"\n", "{}");
    out.emplace_back(Delta{at->first, piece});
  }
  const bool closes = *inRange(0, 3) != 0;
  for (auto& [part, rest] : open) {
    if (closes) out.emplace_back(end_of(part, rest));
  }
  out.emplace_back(ended(*element(Finish::stop, Finish::length, Finish::refusal)));
  return out;
}

}  // namespace

TEST_CASE("whatever events come, the stream is legal") {
  CHECK(rc::check("legal", [] {
    const std::vector<Event> events = any_events();
    const std::string stream = write_stream(events);
    RC_LOG() << stream;
    RC_ASSERT(illegal(stream, true) == "");
  }));
}
