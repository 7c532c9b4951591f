#include "daemon/dialect/tool_names.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <set>

namespace routerone {
namespace {

using chat::Request;
using chat::Tool;
using dialect::ToolNames;

Tool tool(std::string name, std::string group = "", Tool::Kind kind = Tool::Kind::function) {
  Tool out;
  out.kind = kind;
  out.name = std::move(name);
  out.group = std::move(group);
  return out;
}

Request request_of(std::vector<Tool> tools) {
  Request out;
  out.tools = std::move(tools);
  return out;
}

TEST_CASE("a name that a dialect takes stays as it is") {
  const ToolNames names(request_of({tool("get_weather")}), dialect::openai_names);
  CHECK(names.written("", "get_weather") == "get_weather");
  CHECK(names.renamed(true).empty());
}

TEST_CASE("a namespace goes before the name, and comes off again") {
  const ToolNames names(request_of({tool("run", "shell")}), dialect::openai_names);
  CHECK(names.written("shell", "run") == "shell__run");
  const auto renamed = names.renamed(true);
  REQUIRE(renamed.size() == 1);
  CHECK(renamed[0].written == "shell__run");
  CHECK(renamed[0].means.name == "run");
  CHECK(renamed[0].means.group == "shell");
}

TEST_CASE("what a dialect does not take becomes its first letters and a digest") {
  const ToolNames names(request_of({tool("mcp/files.read")}), dialect::openai_names);
  const std::string written = names.written("", "mcp/files.read");
  CHECK(written.starts_with("mcp_files_read_"));
  CHECK(dialect::openai_names.allows(written));
  const ToolNames dotted(request_of({tool("files.read")}), dialect::gemini_names);
  CHECK(dotted.written("", "files.read") == "files.read");
  CHECK(dialect::gemini_names.allows(
      ToolNames(request_of({}), dialect::gemini_names).written("", "1st")));
}

TEST_CASE("a flat name that is taken by a tool of that name is not given twice") {
  const ToolNames names(request_of({tool("run", "shell"), tool("shell__run")}),
                        dialect::openai_names);
  CHECK(names.written("", "shell__run") == "shell__run");
  CHECK(names.written("shell", "run") != "shell__run");
  const ToolNames both(request_of({tool("c", "a__b"), tool("b__c", "a")}), dialect::openai_names);
  CHECK(both.written("a__b", "c") != both.written("a", "b__c"));
}

TEST_CASE("a call in the conversation is spelled as its tool is, defined or not") {
  const Request with_tool = request_of({tool("a/b")});
  Request without;
  chat::ToolCall call;
  call.name = "a/b";
  without.turns.push_back({chat::Role::assistant, false, {call}, ""});
  CHECK(ToolNames(with_tool, dialect::openai_names).written("", "a/b") ==
        ToolNames(without, dialect::openai_names).written("", "a/b"));
  CHECK(ToolNames(request_of({}), dialect::openai_names).written("", "a/b") ==
        ToolNames(without, dialect::openai_names).written("", "a/b"));
}

TEST_CASE("a freeform tool is told to whoever writes the answer, unless the dialect has them") {
  const ToolNames names(request_of({tool("patch", "", Tool::Kind::freeform)}),
                        dialect::openai_names);
  CHECK(names.renamed(true).empty());
  REQUIRE(names.renamed(false).size() == 1);
  CHECK(names.renamed(false)[0].means.freeform);
}

TEST_CASE("whatever the tools are called, each is spelled legally, differently, and comes back") {
  CHECK(rc::check([] {
    const auto word = rc::gen::element<std::string>(
        "a", "b", "a__b", "a.b", "a/b", "", "_", "1", "\xc3\xa9", "a b", std::string(70, 'x'),
        std::string(69, 'x') + "y", std::string(130, 'z'));
    std::vector<Tool> tools;
    std::set<std::pair<std::string, std::string>> different;
    const int count = *rc::gen::inRange(1, 12);
    for (int i = 0; i < count; ++i) {
      Tool one = tool(*word, *word);
      if (one.name.empty()) one.name = "n";
      different.insert({one.group, one.name});
      tools.push_back(std::move(one));
    }
    const dialect::NameRule rule =
        *rc::gen::element(dialect::openai_names, dialect::anthropic_names, dialect::gemini_names);
    const ToolNames names(request_of(tools), rule);
    std::set<std::string> written;
    for (const auto& [group, name] : different) {
      const std::string spelled = names.written(group, name);
      RC_ASSERT(rule.allows(spelled));
      written.insert(spelled);
      for (const auto& each : names.renamed(true)) {
        if (each.written != spelled) continue;
        RC_ASSERT(each.means.name == name);
        RC_ASSERT(each.means.group == group);
      }
    }
    RC_ASSERT(written.size() == different.size());
  }));
}

TEST_CASE("the same tool twice is one, two of a name are refused") {
  auto twice = dialect::distinct_tools({tool("f"), tool("g"), tool("f")});
  REQUIRE(twice);
  CHECK(twice->size() == 2);
  Tool other = tool("f");
  other.schema = "{}";
  CHECK_FALSE(dialect::distinct_tools({tool("f"), other}));
  CHECK(dialect::distinct_tools({tool("f"), tool("f", "ns")})->size() == 2);
}

TEST_CASE("a freeform tool's schema tells its grammar, in either dialect's form of it") {
  Tool nested = tool("p", "", Tool::Kind::freeform);
  nested.schema = R"({"type":"grammar","grammar":{"syntax":"lark","definition":"start: \"x\""}})";
  Tool flat = nested;
  flat.schema = R"({"type":"grammar","syntax":"lark","definition":"start: \"x\""})";
  CHECK(dialect::freeform_schema(nested) == dialect::freeform_schema(flat));
  CHECK(dialect::freeform_schema(flat).find("lark grammar:\\nstart: \\\"x\\\"") !=
        std::string::npos);
}

TEST_CASE("what wraps a text unwraps it, and other arguments stay as they are") {
  CHECK(rc::check([](const std::string& bytes) {
    std::string text;  // Any text; bytes that are none would be replaced.
    for (const char c : bytes) text += static_cast<char>(c & 0x7f);
    RC_ASSERT(dialect::unwrap_freeform(dialect::wrap_freeform(text)) == text);
  }));
  CHECK(dialect::unwrap_freeform(R"({"other":1})") == R"({"other":1})");
  CHECK(dialect::unwrap_freeform("not JSON") == "not JSON");
}

}  // namespace
}  // namespace routerone
