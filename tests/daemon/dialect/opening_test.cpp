#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "daemon/dialect/registry.h"
#include "tests/daemon/dialect/recordings.h"

namespace routerone {
namespace {

std::string opening_of(std::string_view dialect, const std::string& body) {
  const dialect::Dialect& found = *dialect::find(dialect);
  const auto envelope = found.read_envelope(found.operations()[0], body);
  REQUIRE_MESSAGE(envelope, body);
  std::string out;
  for (const auto& [at, size] : envelope->opening) {
    REQUIRE(at <= body.size());
    REQUIRE(size <= body.size() - at);
    out += body.substr(at, size);
  }
  return out;
}

/// The words that a body's conversation began with, one after the other.
std::string opening(std::string_view dialect, const std::string& members) {
  return opening_of(dialect, (dialect == "gemini" ? "{" : R"({"model":"m",)") + members + "}");
}

/// Two turns of one conversation, and the first of another.
struct Talk {
  const char *dialect, *first, *second, *other;
};

const Talk talks[] = {
    {"openai-chat",
     R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is 2+2?"}])",
     R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"What is 2+2?"},)"
     R"({"role":"assistant","content":"4"},{"role":"user","content":"And 3+3?"}])",
     R"("messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"And 3+3?"}])"},
    {"anthropic", R"("system":"Be brief.","messages":[{"role":"user","content":"What is 2+2?"}])",
     R"("messages":[{"role":"user","content":"What is 2+2?"},{"role":"assistant","content":"4"},)"
     R"({"role":"user","content":"And 3+3?"}],"system":"Be brief.")",
     R"("system":"Be brief.","messages":[{"role":"user","content":"And 3+3?"}])"},
    {"openai-responses", R"("instructions":"Be brief.","input":"What is 2+2?")",
     R"("instructions":"Be brief.","input":[{"role":"user","content":"What is 2+2?"},)"
     R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"4"}]},)"
     R"({"role":"user","content":"And 3+3?"}])",
     R"("instructions":"Be brief.","input":"And 3+3?")"},
    {"gemini",
     R"("systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"parts":[{"text":"What is 2+2?"}]}])",
     R"("contents":[{"role":"user","parts":[{"text":"What is 2+2?"}]},{"role":"model","parts":[)"
     R"({"text":"4"}]},{"parts":[{"text":"And 3+3?"}]}],"system_instruction":{"parts":{"text":"Be brief."}})",
     R"("systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":{"parts":{"text":"And 3+3?"}})"},
};

TEST_CASE("all turns of a conversation begin alike, and no other one does") {
  for (const Talk& talk : talks) {
    CAPTURE(talk.dialect);
    CHECK(opening(talk.dialect, talk.first) == "Be brief.What is 2+2?");
    CHECK(opening(talk.dialect, talk.second) == "Be brief.What is 2+2?");
    CHECK(opening(talk.dialect, talk.other) == "Be brief.And 3+3?");
  }
}

TEST_CASE("a mark that moves on to a later turn changes nothing, nor what it left behind") {
  const std::string marked =
      R"("system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],)"
      R"("messages":[{"role":"user","content":[{"type":"text","text":"Look:"},)"
      R"({"type":"image","source":{"data":"QUJD"},"cache_control":{"type":"ephemeral"}}]}])";
  const std::string moved =
      R"("system":"Be brief.","messages":[{"role":"user","content":[{"type":"text","text":"Look:"},)"
      R"({"type":"image","source":{"data":"QUJD"}}]},{"role":"assistant","content":"A cat."},)"
      R"({"role":"user","content":[{"type":"text","text":"Sure?","cache_control":{}}]}])";
  const std::string word =
      R"("messages":[{"role":"user","content":[{"cache_control":{"a":1},"type":"text","text":"hi"}]}])";
  CHECK(opening("anthropic", marked) == opening("anthropic", moved));
  CHECK(opening("anthropic", moved) !=
        opening("anthropic", std::string(moved).replace(moved.find("QUJD"), 4, "QUJE")));
  CHECK(opening("openai-chat", word) ==
        opening("openai-chat", R"("messages":[{"role":"user","content":"hi"}])"));
}

TEST_CASE("each place holds the same in every turn, as a reader may put something between them") {
  const auto places = [](const std::string& part) {
    const dialect::Dialect& chat = *dialect::find("openai-chat");
    const auto envelope = chat.read_envelope(
        chat.operations()[0],
        R"({"model":"m","messages":[{"role":"user","content":[)" + part + "]}]}");
    REQUIRE(envelope);
    return envelope->opening.size();
  };
  CHECK(places(R"({"cache_control":{"x":1},"type":"image_url","image_url":{"url":"u"}})") == 1);
  CHECK(places(R"({"type":"image_url","image_url":{"url":"u"}})") == 1);
  CHECK(places(R"({"type":"text","text":"a"},{"type":"text","text":""},{"type":"new"})") == 2);
}

TEST_CASE("of media its own bytes count, of an unknown part all that there is") {
  const auto said = [](const std::string& part) {
    return opening("openai-chat", R"("messages":[{"role":"user","content":[)" + part + "]}]");
  };
  CHECK(said(R"({"type":"image_url","image_url":{"url":"u"}})") == R"({"url":"u"})");
  CHECK(said(R"({"type":"input_image","image_url":"data:u"})") == "data:u");
  CHECK(said(R"({"type":"new","x":1})") == R"({"type":"new","x":1})");
}

TEST_CASE("the opening ends with the user's first words, whatever stands before and behind them") {
  CHECK(opening("openai-responses",
                R"("input":[{"role":"developer","content":[{"type":"input_text","text":"d"}]},)"
                R"({"type":"item_reference","id":"i"},)"
                R"({"role":"user","content":[{"type":"input_text","text":"u"}]},)"
                R"({"role":"developer","content":"later"}])") == "du");
  CHECK(opening("openai-chat", R"("messages":[{"role":"system","content":"s"},)"
                               R"({"role":"assistant","content":"a"},)"
                               R"({"role":"user","content":"u"}])") == "s");
  CHECK(opening("anthropic", R"("messages":[{"role":"user","content":"u"},)"
                             R"({"role":"system","content":"later"}])") == "u");
}

TEST_CASE("of a conversation that cannot be read there is no opening") {
  for (const char* members :
       {R"("messages":[])", R"("messages":null)", R"("messages":3)", R"("messages":[1,[],"x"])",
        R"("messages":[{"role":"user","content":null}])", R"("messages":[{"role":1}])",
        R"("messages":[{"role":"user","content":""}])", R"("x":1)"}) {
    CAPTURE(members);
    CHECK(opening("openai-chat", members).empty());
  }
}

/// Does the second request go on where the first one was?
bool goes_on(const Json& first, const Json& second) {
  for (const char* system : {"system", "instructions", "systemInstruction"}) {
    if (first.value(system, Json()) != second.value(system, Json())) return false;
  }
  for (const char* name : {"messages", "input", "contents"}) {
    const Json before = first.value(name, Json()), after = second.value(name, Json());
    if (!before.is_array() || !after.is_array() || before.size() >= after.size()) continue;
    return std::equal(before.begin(), before.end(), after.begin());
  }
  return false;
}

TEST_CASE("recorded conversations begin alike in each of their requests") {
  const auto folder = test::recordings();
  if (folder.empty()) {
    MESSAGE("skipped: no recordings here");
    return;
  }
  std::map<std::string, std::string> requests;  // in the order of their numbers
  for (const Json& entry : test::recorded(folder, "manifest.json")) {
    const std::string file = entry["file"];
    const std::string body =
        test::read_recording(folder / (file.substr(0, file.rfind('.')) + ".req.json"));
    if (!body.empty()) requests[std::string(entry["dialect"]) + " " + file] = body;
  }
  int followed = 0;
  for (auto one = requests.begin(); one != requests.end(); ++one) {
    const auto next = std::next(one);
    if (next == requests.end()) break;
    const std::string dialect = one->first.substr(0, one->first.find(' '));
    const auto first = parse_json(one->second), second = parse_json(next->second);
    if (!first || !second || !next->first.starts_with(dialect) || !goes_on(*first, *second)) {
      continue;
    }
    CAPTURE(next->first);
    ++followed;
    CHECK(!opening_of(dialect, one->second).empty());
    CHECK(opening_of(dialect, one->second) == opening_of(dialect, next->second));
  }
  MESSAGE(followed << " recorded requests go on with a conversation");
  CHECK(followed >= 20);
}

}  // namespace
}  // namespace routerone
