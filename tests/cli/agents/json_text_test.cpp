#include "cli/agents/json_text.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

namespace routerone::cli {
namespace {

std::string set(std::string_view text, const Members& path, const Json& value) {
  const auto changed = set_member(text, path, value);
  REQUIRE_MESSAGE(changed, (changed ? "" : changed.error().message));
  return *changed;
}

TEST_CASE("A member is added behind the last, in the file's own indentation") {
  CHECK(set("{\n    \"a\": 1\n}\n", {"b"}, 2) == "{\n    \"a\": 1,\n    \"b\": 2\n}\n");
  CHECK(set("{\n\t\"env\": {\n\t\t\"A\": \"1\"\n\t}\n}", {"env", "B"}, "2") ==
        "{\n\t\"env\": {\n\t\t\"A\": \"1\",\n\t\t\"B\": \"2\"\n\t}\n}");
}

TEST_CASE("Objects on the way are made") {
  CHECK(set("{\n  \"a\": 1\n}", {"x", "y"}, true) ==
        "{\n  \"a\": 1,\n  \"x\": {\n    \"y\": true\n  }\n}");
  CHECK(set("", {"x", "y"}, 1) == "{\n  \"x\": {\n    \"y\": 1\n  }\n}\n");
}

TEST_CASE("A value is replaced where it stands, and left alone if it is the same") {
  CHECK(set("{ \"a\" : 1 , \"b\":2}", {"a"}, 7) == "{ \"a\" : 7 , \"b\":2}");
  CHECK(set("{\"a\":{ \"x\" :1.0 }}", {"a"}, Json::parse(R"({"x":1.0})")) ==
        "{\"a\":{ \"x\" :1.0 }}");
}

TEST_CASE("Of a name that stands twice the last is meant, as readers take it") {
  CHECK(set(R"({"a":1,"a":2})", {"a"}, 3) == R"({"a":1,"a":3})");
}

TEST_CASE("Comments stay, and a comment behind the last value does not swallow the comma") {
  CHECK(set("{\n  // mine\n  \"a\": 1 // last, and \"b\": none\n}\n", {"b"}, 2) ==
        "{\n  // mine\n  \"a\": 1, // last, and \"b\": none\n  \"b\": 2\n}\n");
  CHECK(set("{/* nothing, yet */}", {"b"}, 2) == "{/* nothing, yet */\n  \"b\": 2\n}");
}

TEST_CASE("A comma behind the last value is used, not doubled") {
  CHECK(set("{\n  \"a\": [1, 2,],\n}\n", {"b"}, 2) == "{\n  \"a\": [1, 2,],\n  \"b\": 2\n}\n");
  CHECK(set("{\n  \"a\": 1 /* , */, // x\n}\n", {"b"}, 2) ==
        "{\n  \"a\": 1 /* , */, // x\n  \"b\": 2\n}\n");
}

TEST_CASE("An object on one line stays on one line") {
  CHECK(set(R"({"a": {"x": 1}})", {"a", "y"}, 2) == R"({"a": {"x": 1, "y": 2}})");
}

TEST_CASE("Line ends and a byte order mark stay as they are") {
  CHECK(set("\xEF\xBB\xBF{\r\n  \"a\": 1\r\n}\r\n", {"b"}, 2) ==
        "\xEF\xBB\xBF{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}\r\n");
}

TEST_CASE("An element of an array is set by its number, or added behind the last") {
  CHECK(set("{\"l\": [1, 2]}", {"l", "1"}, 9) == "{\"l\": [1, 9]}");
  CHECK(set("{\n  \"l\": [\n    1 // one\n  ]\n}", {"l", "1"}, 9) ==
        "{\n  \"l\": [\n    1, // one\n    9\n  ]\n}");
}

TEST_CASE("What looks like a comment or a bracket inside a string is text") {
  CHECK(set(R"({"url": "http://x/*y*/", "b}": "\"}//"})", {"c"}, 1) ==
        R"({"url": "http://x/*y*/", "b}": "\"}//", "c": 1})");
}

TEST_CASE("Text that does not parse is refused with its line and column") {
  const auto broken = set_member("{\n  \"a\": 1\n  \"b\": 2\n}", {"c"}, 1);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().kind == ErrorKind::invalid);
  CHECK(broken.error().message == "not valid JSON at line 3, column 5");
  for (const char* text : {"{", "{\"a\":}", "[1 2]", "/*", "\"", "{\"a\" 1}", "nul", "{,}"})
    CHECK_FALSE(set_member(text, {"c"}, 1));
  CHECK_FALSE(set_member(std::string(5'000, '['), {"c"}, 1));
}

TEST_CASE("What stands in the way and is no object is refused with its place") {
  const auto blocked = set_member("{\n  \"env\": \"text\"\n}", {"env", "A"}, 1);
  REQUIRE_FALSE(blocked);
  CHECK(blocked.error().message == "line 2, column 10: env is no object");
  for (const char* text : {"[]", "7", "\"text\"", "[{}]"}) CHECK_FALSE(set_member(text, {"a"}, 1));
}

// --- For every file that parses ---

rc::Gen<std::string> any_name() {
  return rc::gen::element<std::string>("a", "b", "env", "x\"y", "//", "/*", "}", "");
}

/// JSON as text with what people and editors put between its parts.
std::string spelled(const Json& value, const std::vector<std::string>& gaps, std::size_t& next) {
  const auto gap = [&] { return gaps[next++ % gaps.size()]; };
  if (!value.is_structured() || value.empty()) return gap() + value.dump() + gap();
  std::string text = value.is_object() ? "{" : "[";
  std::size_t left = value.size();
  for (const auto& [name, part] : value.items()) {
    if (value.is_object()) text += gap() + Json(name).dump() + gap() + ":";
    text += spelled(part, gaps, next);
    if (--left > 0 || next % 3 == 0) text += ",";
  }
  return gap() + text + gap() + (value.is_object() ? "}" : "]") + gap();
}

rc::Gen<Json> any_json(int depth) {
  const auto leaf = rc::gen::map(any_name(), [](std::string text) { return Json(text); });
  if (depth == 0) return leaf;
  const auto object = rc::gen::map(rc::gen::container<std::vector<std::pair<std::string, Json>>>(
                                       rc::gen::pair(any_name(), any_json(depth - 1))),
                                   [](const std::vector<std::pair<std::string, Json>>& members) {
                                     Json whole = Json::object();
                                     for (const auto& [name, value] : members) whole[name] = value;
                                     return whole;
                                   });
  const auto list = rc::gen::map(rc::gen::container<std::vector<Json>>(any_json(depth - 1)),
                                 [](const std::vector<Json>& all) { return Json(all); });
  return rc::gen::oneOf(leaf, object, list);
}

TEST_CASE("Whatever the file says and however it is spelled, only the one value changes") {
  CHECK(rc::check([] {
    const auto members = *rc::gen::resize(12, rc::gen::container<std::vector<Json>>(any_json(2)));
    Json before = Json::object();
    for (const Json& member : members) before["m" + std::to_string(before.size())] = member;
    const auto gaps = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("", " ", "\n", "\r\n\t", " // c, }\n", "/* ] */", "\n  ")));
    std::size_t next = 0;
    const std::string text = spelled(before, gaps, next);
    const auto parsed = parse_settings(text);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == before);

    const auto name = *rc::gen::element<std::string>("m0", "m1", "new");
    const bool deep = *rc::gen::arbitrary<bool>();
    const Members path = deep ? Members{name, "in\"ner"} : Members{name};
    const auto changed = set_member(text, path, Json{{"v", 1}});
    const bool blocked =
        deep && before.contains(name) && !before[name].is_object() && !before[name].is_array();
    if (blocked || (deep && before.contains(name) && before[name].is_array())) return;
    RC_ASSERT(changed.has_value());
    Json wanted = before;
    if (deep)
      wanted[name]["in\"ner"] = Json{{"v", 1}};
    else
      wanted[name] = Json{{"v", 1}};
    const auto again = parse_settings(*changed);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == wanted);
    // Nothing of the text is lost but the value itself, and a second time nothing happens.
    RC_ASSERT(*set_member(*changed, path, Json{{"v", 1}}) == *changed);
  }));
}

}  // namespace
}  // namespace routerone::cli
