#include "daemon/dialect/json_scan.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "common/json/json.h"
#include "daemon/dialect/json_value.h"

namespace routerone {
namespace {

using dialect::pick;

constexpr std::array<std::string_view, 2> names = {"model", "stream"};

/// Empty: accepted.
std::string problem_of(std::string_view text) {
  const auto members = pick(text, names);
  return members ? "" : std::string(members.error().what);
}

TEST_CASE("only one whole JSON object is taken, and the problem is named") {
  CHECK(problem_of(R"( {"model":"m"} )").empty());
  CHECK(problem_of("{}").empty());
  CHECK(problem_of("") == "it is empty");
  CHECK(problem_of("  ") == "it is empty");
  CHECK(problem_of("[]") == "it is not an object");
  CHECK(problem_of("\"model\"") == "it is not an object");
  CHECK(problem_of("\xEF\xBB\xBF{}") == "it starts with a byte order mark");
  CHECK(problem_of("{} {}") == "something follows the object");
  CHECK(problem_of("{}x") == "something follows the object");
  CHECK(problem_of(R"({"a":1)") == "a comma or a closing bracket is expected here");
  CHECK(problem_of(R"({"a)") == "a string has no end");
  CHECK(problem_of(R"({"a":"\)") == "a string has no end");
  CHECK(problem_of(R"({"a":"\u12"})") == "a \\u in a string lacks its four hex digits");
  CHECK(problem_of(R"({"a":"\x"})") == "a string has an unknown escape");
  CHECK(problem_of("{\"a\":\"\n\"}") == "a string holds a raw control character");
  CHECK(problem_of(R"({'a':1})") == "a name in quotes is expected here");
  CHECK(problem_of(R"({"a":1,})") == "a name in quotes is expected here");
  CHECK(problem_of(R"({"a" 1})") == "a colon is expected here");
}

TEST_CASE("what some readers accept beyond JSON is refused") {
  for (const char* value : {"NaN", "Infinity", "-Infinity", "+1", "01", "1.", ".5", "0x1", "1e",
                            "'x'", "True", "nul", "truex", "/*x*/1", "undefined", "", "-"}) {
    CAPTURE(value);
    CHECK_FALSE(problem_of("{\"a\":" + std::string(value) + "}").empty());
  }
}

TEST_CASE("nesting is followed up to 512 levels and no further") {
  const auto nested = [](std::size_t levels) {
    return "{\"a\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  // The innermost, empty pair opens no level of its own to stand on.
  CHECK(problem_of(nested(512)).empty());
  CHECK(problem_of(nested(514)) == "it is nested too deep");
  CHECK(problem_of(nested(400'000)) == "it is nested too deep");
}

TEST_CASE("a name counts however it is escaped, and nested ones do not count") {
  const auto members =
      pick(R"({"x":{"model":"decoy"},"mod\u0065l":"right","y":["model","stream"]})", names);
  REQUIRE(members);
  CHECK((*members)[0].times == 1);
  CHECK((*members)[0].value == "\"right\"");
  CHECK((*members)[1].times == 0);
}

TEST_CASE("a name that a careless reader would take for ours is noticed") {
  for (const char* text : {R"({"Model":1})", R"({"MODEL":1})", R"({"\u004dodel":1})",
                           "{\"\xC5\xBFtream\":1}", R"({"\u017ftream":1})"}) {
    CAPTURE(text);
    const auto members = pick(text, names);
    REQUIRE(members);
    CHECK((*members)[0].respelled != (*members)[1].respelled);
    CHECK((*members)[0].times == 0);
  }
  const auto harmless = pick(R"({"models":1,"mode":2,"":3})", names);
  REQUIRE(harmless);
  CHECK_FALSE((*harmless)[0].respelled);
}

TEST_CASE("a name with capitals of its own is respelled by any other case") {
  static constexpr std::array<std::string_view, 1> wanted = {"maxTokens"};
  const auto members = dialect::pick(R"({"maxtokens":1,"MAXTOKENS":2})", wanted);
  REQUIRE(members);
  CHECK((*members)[0].respelled);
  CHECK_FALSE((*members)[0].there());
  CHECK_FALSE((*dialect::pick(R"({"maxTokens":1,"max_tokens":2})", wanted))[0].respelled);
}

TEST_CASE("strings are unescaped as JSON says") {
  CHECK(dialect::as_string(R"("a\n\"\\\/\b\f\r\t")") == "a\n\"\\/\b\f\r\t");
  CHECK(dialect::as_string(R"("\u00e9\ud83d\ude00")") == "\xC3\xA9\xF0\x9F\x98\x80");
  CHECK(dialect::as_string(R"("\ud800x")") == "\xEF\xBF\xBDx");
  CHECK_FALSE(dialect::as_string("1"));
  CHECK_FALSE(dialect::as_string(""));
}

TEST_CASE("whole numbers are whole, however they are written") {
  CHECK(dialect::as_whole("4096") == 4096);
  CHECK(dialect::as_whole("4e3") == 4000);
  CHECK(dialect::as_whole("7.0") == 7);
  CHECK(dialect::as_whole("-1") == -1);
  for (const char* text : {"1.5", "1e300", "99999999999999999999", "\"5\"", "null", "true"}) {
    CAPTURE(text);
    CHECK_FALSE(dialect::as_whole(text));
  }
}

/// Text that is JSON, or nearly.
rc::Gen<std::string> nearly_json() {
  const auto token = rc::gen::element<std::string>(
      "{", "}", "[", "]", ",", ":", "\"a\"", "\"model\"", "\"\\u0041\"", "\"\\\"\"", "1", "-0.5e+3",
      "true", "false", "null", " ", "\n", "\"", "\\", "x", "0", "{\"a\":[1,{}]}", "\"b\":\"c\"",
      "{\"model\":\"m\",", "\"stream\":true}");
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(token),
                      [](const std::vector<std::string>& tokens) {
                        std::string text = "{";
                        for (const std::string& each : tokens) text += each;
                        return text + "}";
                      });
}

/// A JSON value of at most `depth` levels.
std::string some_json(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 8 : 5);
  if (kind < 5) {
    return *rc::gen::element<std::string>("0", "-12.50", "3e-2", "true", "null", "\"\"", "\"a b\"",
                                          "\"\\u00e9\\n\\\\\"", "\"}]\\\",:\"", "{}", "[ ]");
  }
  const bool object = kind > 5;
  std::string out = object ? "{" : "[";
  const int size = *rc::gen::inRange(0, 4);
  for (int i = 0; i < size; ++i) {
    if (i > 0) out += *rc::gen::element<std::string>(",", " ,\n");
    if (object)
      out += "\"k" + std::to_string(i) + "\"" + *rc::gen::element<std::string>(":", " : ");
    out += some_json(depth - 1);
  }
  return out + (object ? "}" : "]");
}

void check_agrees(const std::string& text) {
  const Json parsed = Json::parse(text, nullptr, false);
  RC_CLASSIFY(!parsed.is_discarded(), "valid");
  RC_ASSERT(pick(text, names).has_value() == (!parsed.is_discarded() && parsed.is_object()));
}

TEST_CASE("the scan accepts exactly what a full parser accepts") {
  CHECK(rc::check([] { check_agrees(*nearly_json()); }));
  CHECK(rc::check([] { check_agrees("{\"a\":" + some_json(5) + "}"); }));
}

TEST_CASE("the scan and a full parser agree about an object with one byte changed") {
  CHECK(rc::check([] {
    std::string text = "{\"a\":" + some_json(5) + ",\"model\":\"m\"}";
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text[at] = *rc::gen::element('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '1', '-', '.', 'e',
                                 'u', 'n', 'x', '\n', '\0', '/', '\'');
    check_agrees(text);
  }));
}

TEST_CASE("a valid object that is cut anywhere is not accepted") {
  const std::string text =
      R"({"model":"m\u0041\"","a":[1,-2.5e3,true,null,{"b":{"c":[]}}],"stream":false})";
  REQUIRE(problem_of(text).empty());
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(problem_of(text.substr(0, size)).empty());
  }
}

}  // namespace
}  // namespace routerone
