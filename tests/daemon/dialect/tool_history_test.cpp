#include "daemon/dialect/tool_history.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

#include "daemon/dialect/carrier.h"

namespace routerone {
namespace {

using chat::Part;
using chat::Role;
using chat::Text;
using chat::ToolCall;
using chat::ToolResult;
using chat::Turn;

Text text(std::string said) {
  Text out;
  out.text = std::move(said);
  return out;
}
ToolCall call(std::string id, std::string name = "f") {
  ToolCall out;
  out.id = std::move(id);
  out.name = std::move(name);
  return out;
}
ToolResult result(std::string id, std::string said, std::string name = "") {
  ToolResult out;
  out.call_id = std::move(id);
  out.name = std::move(name);
  out.content = {text(std::move(said))};
  return out;
}
Turn turn(Role role, std::vector<Part> parts) { return {role, false, std::move(parts), ""}; }

std::string short_of(const Part& part) {
  if (const auto* said = std::get_if<Text>(&part)) return said->text;
  if (const auto* called = std::get_if<ToolCall>(&part)) return "call " + called->id;
  if (const auto* got = std::get_if<ToolResult>(&part)) {
    return "result " + got->call_id + " " + dialect::joined_text(got->content);
  }
  return "other";
}

/// A history in short: `user: hello`, `assistant: call c1, call c2`.
using Short = std::vector<std::string>;
Short short_of(const std::vector<Turn>& turns) {
  static constexpr const char* roles[] = {"system", "user", "assistant"};
  Short out;
  for (const Turn& each : turns) {
    std::string line = roles[static_cast<int>(each.role)];
    const char* between = ": ";
    for (const Part& part : each.parts) {
      line += between + short_of(part);
      between = ", ";
    }
    out.push_back(std::move(line));
  }
  return out;
}

Short settled(std::vector<Turn> turns, dialect::HistoryRule rule = {}) {
  return short_of(dialect::settle_history(std::move(turns), rule));
}

TEST_CASE("results stand right behind their calls, in the order of the calls, before all else") {
  CHECK(settled({turn(Role::assistant, {text("Both."), call("a"), call("b")}),
                 turn(Role::user, {text("And?"), result("b", "two")}),
                 turn(Role::user, {result("a", "one")})}) ==
        Short{"assistant: Both., call a, call b", "user: result a one, result b two, And?"});
}

TEST_CASE("results are looked for across instructions that stand between") {
  CHECK(settled({turn(Role::assistant, {call("a")}), turn(Role::system, {text("Careful.")}),
                 turn(Role::user, {result("a", "one"), text("Go on.")})}) ==
        Short{"assistant: call a", "user: result a one", "system: Careful.", "user: Go on."});
}

TEST_CASE("of several results for one call the last counts") {
  CHECK(settled({turn(Role::assistant, {call("a")}),
                 turn(Role::user, {result("a", "old"), result("a", "new")})}) ==
        Short{"assistant: call a", "user: result a new"});
}

TEST_CASE("a call that got no result has one that says so, unless nothing follows it") {
  const auto turns = dialect::settle_history(
      {turn(Role::assistant, {call("a"), call("b")}), turn(Role::user, {result("b", "two")})}, {});
  CHECK(short_of(turns)[1] == "user: result a [no result: the call was interrupted], result b two");
  CHECK(std::get<ToolResult>(turns[1].parts[0]).is_error);
  CHECK(settled({turn(Role::user, {text("x")}), turn(Role::assistant, {call("a")})}) ==
        Short{"user: x", "assistant: call a"});
}

TEST_CASE("a result that answers no call is the user's text where it stands") {
  CHECK(settled({turn(Role::user, {result("gone", "late", "f"), text("x")}),
                 turn(Role::assistant, {call("a")}), turn(Role::user, {result("a", "one")}),
                 turn(Role::assistant, {text("ok")}), turn(Role::user, {result("a", "again")})}) ==
        Short{"user: Tool result (f): late, x", "assistant: call a", "user: result a one",
              "assistant: ok", "user: Tool result: again"});
}

TEST_CASE("an answer of which nothing can be told again is gone, and users on both sides are one") {
  chat::Thinking theirs, own;
  theirs.origin = "openai-responses";
  own.origin = "anthropic";
  theirs.state = own.state = "{}";
  const auto with = [&](Part part) {
    return std::vector<Turn>{turn(Role::user, {text("x")}), turn(Role::assistant, {part}),
                             turn(Role::user, {text("y")})};
  };
  const dialect::HistoryRule rule{.own = "anthropic"};
  CHECK(settled(with(theirs), rule) == Short{"user: x, y"});
  CHECK(settled(with(text(" \n")), rule) == Short{"user: x, y"});
  CHECK(settled(with(own), rule) == Short{"user: x", "assistant: other", "user: y"});
  CHECK(settled(with(theirs)) == Short{"user: x", "assistant: other", "user: y"});
}

TEST_CASE("a result carries its call's name, namespace and kind") {
  ToolCall patch = call("a", "patch");
  patch.group = "ns";
  patch.freeform = true;
  const auto turns = dialect::settle_history(
      {turn(Role::assistant, {patch}), turn(Role::user, {result("a", "ok")})}, {});
  const auto& got = std::get<ToolResult>(turns[1].parts[0]);
  CHECK(got.name == "patch");
  CHECK(got.group == "ns");
  CHECK(got.freeform);
}

TEST_CASE("ids that not everybody takes are changed, in the call and in its result") {
  const auto turns = dialect::settle_history({turn(Role::assistant, {call("functions.f:0")}),
                                              turn(Role::user, {result("functions.f:0", "one")})},
                                             {});
  const std::string id = std::get<ToolCall>(turns[0].parts[0]).id;
  CHECK(id == dialect::portable_call_id("functions.f:0"));
  CHECK(id.size() == 29);
  CHECK(std::get<ToolResult>(turns[1].parts[0]).call_id == id);
}

TEST_CASE("an id that was used before becomes another, and each result finds its own call") {
  CHECK(settled({turn(Role::assistant, {call("a")}), turn(Role::user, {result("a", "one")}),
                 turn(Role::assistant, {call("a")}), turn(Role::user, {result("a", "two")})}) ==
        Short{"assistant: call a", "user: result a one", "assistant: call a_2",
              "user: result a_2 two"});
}

TEST_CASE("without ids results belong to the calls of their name, in order") {
  CHECK(settled({turn(Role::assistant, {call("", "f"), call("", "g"), call("", "f")}),
                 turn(Role::user,
                      {result("", "g1", "g"), result("", "f1", "f"), result("", "f2", "f")})}) ==
        Short{"assistant: call call_0_0, call call_0_1, call call_0_2",
              "user: result call_0_0 f1, result call_0_1 g1, result call_0_2 f2"});
}

TEST_CASE("turns of the assistant side by side are one, those of the user if that is asked for") {
  const std::vector<Turn> turns = {turn(Role::user, {text("a")}), turn(Role::user, {text("b")}),
                                   turn(Role::assistant, {text("c")}),
                                   turn(Role::assistant, {call("d")})};
  CHECK(settled(turns) == Short{"user: a, b", "assistant: c, call d"});
  CHECK(settled(turns, {false, false}) == Short{"user: a", "user: b", "assistant: c, call d"});
}

TEST_CASE("later instructions are folded into the user's words where they stood") {
  CHECK(settled({turn(Role::system, {text("top")}), turn(Role::user, {text("a")}),
                 turn(Role::system, {text("later")}), turn(Role::assistant, {text("b")})},
                {true, true}) == Short{"system: top",
                                       "user: a, <system-reminder>\nlater\n</system-reminder>",
                                       "assistant: b"});
}

TEST_CASE("a folded instruction between a call and its result comes after the result") {
  CHECK(settled({turn(Role::assistant, {call("a")}), turn(Role::system, {text("later")}),
                 turn(Role::user, {result("a", "one")})},
                {true, true}) ==
        Short{"assistant: call a",
              "user: result a one, <system-reminder>\nlater\n</system-reminder>"});
}

TEST_CASE("empty text is gone, a turn that was empty or became so stays") {
  CHECK(settled({turn(Role::system, {text("")}), turn(Role::user, {text("")}),
                 turn(Role::assistant, {text(""), text("x")})}) == Short{"user", "assistant: x"});
}

TEST_CASE("a signature finds its call wherever an agent put the thinking that held it") {
  const auto holder = [](const char* signature) {
    ToolCall signed_call = call("");
    signed_call.signature = signature;
    return dialect::signature_holder(signed_call);
  };
  const auto settled = [](std::vector<Turn> turns) {
    std::string out;
    for (const Turn& each : dialect::settle_history(std::move(turns), {})) {
      for (const Part& part : each.parts) {
        const auto* called = std::get_if<ToolCall>(&part);
        out += called ? called->id + "=" + called->signature + " " : short_of(part) + " ";
      }
    }
    return out;
  };
  chat::Thinking merged = holder("s1");
  merged.text = "Hm.";
  CHECK(settled({turn(Role::assistant, {merged, text("I look."), call("a")})}) == "I look. a=s1 ");
  CHECK(settled({turn(Role::assistant, {holder("s1"), holder("s2"), call("a"), call("b")})}) ==
        "a=s1 b=s2 ");
  CHECK(settled({turn(Role::assistant, {holder("s1")}), turn(Role::assistant, {call("a")})}) ==
        "a=s1 ");
  CHECK(settled({turn(Role::assistant, {call("a"), call("b"), holder("s1")})}) == "a=s1 b= ");
  CHECK(settled({turn(Role::user, {text("x")}), turn(Role::assistant, {holder("s1")}),
                 turn(Role::user, {text("y")})}) == "x y ");
}

TEST_CASE("a signature that travelled before its call is in the call again") {
  ToolCall signed_call = call("a");
  signed_call.signature = "c2ln";
  const auto turns = dialect::settle_history(
      {turn(Role::assistant, {dialect::signature_holder(signed_call), call("a")})}, {});
  REQUIRE(turns[0].parts.size() == 1);
  CHECK(std::get<ToolCall>(turns[0].parts[0]).signature == "c2ln");
}

TEST_CASE(
    "whatever a history was, each call is answered once, right behind it, and once settled"
    " it stays as it is") {
  CHECK(rc::check([] {
    std::vector<Turn> turns;
    const int count = *rc::gen::inRange(0, 10);
    for (int i = 0; i < count; ++i) {
      Turn one;
      one.role = *rc::gen::element(Role::system, Role::user, Role::assistant);
      const int parts = *rc::gen::inRange(0, 4);
      for (int j = 0; j < parts; ++j) {
        const auto id = *rc::gen::element<std::string>("a", "b", "c/d", "", "a_2");
        if (one.role == Role::system || *rc::gen::inRange(0, 3) == 0) {
          one.parts.emplace_back(text(*rc::gen::element<std::string>("x", "")));
        } else if (one.role == Role::assistant) {
          one.parts.emplace_back(call(id, *rc::gen::element<std::string>("f", "g")));
        } else {
          one.parts.emplace_back(result(id, "r", *rc::gen::element<std::string>("", "f", "g")));
        }
      }
      turns.push_back(std::move(one));
    }
    const dialect::HistoryRule rule{*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
    const auto once = dialect::settle_history(turns, rule);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < once.size(); ++i) {
      std::vector<std::string> called;
      for (const Part& part : once[i].parts) {
        const auto* made = std::get_if<ToolCall>(&part);
        if (!made) continue;
        called.push_back(made->id);
        RC_ASSERT(ids.insert(made->id).second);
        RC_ASSERT(!made->id.empty());
        RC_ASSERT(dialect::portable_call_id(made->id) == made->id);
      }
      if (called.empty()) continue;
      if (i + 1 == once.size()) break;
      RC_ASSERT(once[i + 1].role == Role::user);
      for (std::size_t j = 0; j < called.size(); ++j) {
        RC_ASSERT(std::get<ToolResult>(once[i + 1].parts.at(j)).call_id == called[j]);
      }
    }
    RC_ASSERT(short_of(dialect::settle_history(once, rule)) == short_of(once));
  }));
}

}  // namespace
}  // namespace routerone
