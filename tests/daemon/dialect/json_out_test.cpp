#include "daemon/dialect/json_out.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "common/json/json.h"
#include "daemon/dialect/dom.h"
#include "daemon/dialect/json_text.h"

namespace routerone {
namespace {

using dialect::JsonOut;

TEST_CASE("members and elements get their commas, nested ones too") {
  JsonOut out("data: ");
  out.object().text("a", "x").array("b").whole(1).object().end_object().null().end_array();
  out.object("c").flag("d", true).end_object().number("e", 0.5).text_if("f", "").raw("g", "[]");
  CHECK(std::move(out.end_object()).take() ==
        R"(data: {"a":"x","b":[1,{},null],"c":{"d":true},"e":0.5,"g":[]})");
}

TEST_CASE("any bytes become a string that every parser takes, text stays the text it was") {
  CHECK(rc::check([](const std::string& bytes) {
    std::string out;
    dialect::append_json_string(out, bytes);
    const Json parsed = Json::parse(out, nullptr, false);
    RC_ASSERT(parsed.is_string());
    RC_ASSERT(dialect::Dom(out).ok());
    if (simdjson::validate_utf8(bytes)) RC_ASSERT(parsed.get<std::string>() == bytes);
  }));
  CHECK(rc::check([] {
    const auto letters =
        *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
            "plain text of some length, ", "\"", "\\", "\n", "\x1f", "é", "\xf0\x9f\x98\x80"));
    std::string text, out;
    for (const std::string& each : letters) text += each;
    dialect::append_json_string(out, text);
    RC_ASSERT(Json::parse(out).get<std::string>() == text);
  }));
}

TEST_CASE("a number reads back as itself, and what is none is null") {
  CHECK(rc::check([](double value) {
    JsonOut out;
    out.number(value);
    RC_ASSERT(Json::parse(out.view()).get<double>() == value);
  }));
  JsonOut out;
  CHECK(out.number(1.0 / 0.0 * 0.0).view() == "null");
}

TEST_CASE("arguments become an object, whatever the model wrote, and an object stays as it is") {
  CHECK(dialect::as_arguments(R"({"b": 1.50, "a": {}})") == R"({"b": 1.50, "a": {}})");
  CHECK(dialect::as_arguments("") == "{}");
  CHECK(dialect::as_arguments(" \n") == "{}");
  CHECK(dialect::as_arguments("null") == "{}");
  CHECK(dialect::as_arguments("[1]") == R"({"value":[1]})");
  CHECK(dialect::as_arguments("{\"a\":") == R"({"_raw":"{\"a\":"})");
}

TEST_CASE("a value cut out of a tree keeps the order of its keys") {
  const dialect::Dom document(R"({"x": {"b": [1, 2.5, "\u00e9"], "a": null}})");
  CHECK(dialect::json_text(*dialect::member(document.root(), "x")) ==
        R"({"b":[1,2.5,"é"],"a":null})");
}

}  // namespace
}  // namespace routerone
