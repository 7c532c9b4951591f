#include <doctest/doctest.h>

#include <string>

#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

/// Of a body that has these members besides what every body has.
RequestNeeds needs(std::string_view dialect, std::string_view members) {
  const dialect::Dialect& found = *dialect::find(dialect);
  const std::string start = dialect == "gemini" ? "{" : R"({"model":"m",)";
  const std::string body = start + std::string(members) + "}";
  const auto envelope = found.read_envelope(found.operations()[0], body);
  REQUIRE_MESSAGE(envelope, body);
  return envelope->needs;
}

RequestNeeds tools() { return {.tools = true}; }
RequestNeeds structured() { return {.structured = true}; }
RequestNeeds reasoning() { return {.reasoning = true}; }

struct Case {
  const char* members;
  RequestNeeds wanted;
};

void check(const char* dialect, std::initializer_list<Case> cases) {
  for (const auto& [members, wanted] : cases) {
    CAPTURE(dialect);
    CAPTURE(members);
    CHECK(needs(dialect, members) == wanted);
  }
}

TEST_CASE("what a Chat Completions request needs stands at the top of its body") {
  check("openai-chat",
        {{R"("messages":[{"tools":[1],"thinking":{"type":"enabled"}}])", {}},
         {R"("tools":[{"type":"function"}])", tools()},
         {R"("functions":[{"name":"f"}])", tools()},
         {R"("tools":[ ],"functions":null)", {}},
         {R"("tools":"x")", {}},
         {R"("response_format":{"type":"json_schema","json_schema":{}})", structured()},
         {R"("response_format":{"type":"json_object"})", structured()},
         {R"("response_format":{"type":"text"})", {}},
         {R"("response_format":"json_object")", {}},
         {R"("reasoning_effort":"low")", reasoning()},
         {R"("reasoning_effort":"xhigh")", reasoning()},
         {R"("reasoning_effort":"none")", {}},
         {R"("reasoning_effort":"minimal")", {}},
         {R"("reasoning_effort":null)", {}},
         {R"("reasoning":{"effort":"high"})", reasoning()},
         {R"("reasoning":{"max_tokens":2000})", reasoning()},
         {R"("reasoning":{"enabled":true})", reasoning()},
         {R"("reasoning":{"enabled":false})", {}},
         {R"("reasoning":{"exclude":true})", {}},
         {R"("thinking":{"type":"enabled"})", reasoning()}});
}

TEST_CASE("what a Responses request needs stands at the top of its body") {
  check("openai-responses",
        {{R"("input":"hi","tool_choice":"auto")", {}},
         {R"("tools":[{"type":"function","name":"f"}])", tools()},
         {R"("text":{"format":{"type":"json_schema","schema":{}}})", structured()},
         {R"("text":{"format":{"type":"text"},"verbosity":"low"})", {}},
         {R"("text":{"verbosity":"low"})", {}},
         {R"("reasoning":{"effort":"medium","summary":"auto"})", reasoning()},
         {R"("reasoning":{"effort":"none"})", {}},
         {R"("reasoning":{"effort":null,"summary":"auto"})", {}},
         {R"("reasoning":null)", {}}});
}

TEST_CASE("what a Messages request needs stands at the top of its body") {
  check("anthropic",
        {{R"("max_tokens":5)", {}},
         {R"("tools":[{"name":"f"}])", tools()},
         {R"("output_format":{"type":"json_schema","schema":{}})", structured()},
         {R"("output_config":{"effort":"high","format":{"type":"json_schema"}})", structured()},
         {R"("output_config":{"effort":"high"})", {}},
         {R"("thinking":{"type":"enabled","budget_tokens":1024})", reasoning()},
         {R"("thinking":{"type":"adaptive"})", reasoning()},
         {R"("thinking":{"type":"disabled"})", {}}});
}

TEST_CASE("what a Gemini request needs stands at the top of its body and in its config") {
  check("gemini",
        {{R"("contents":[])", {}},
         {R"("tools":[{"functionDeclarations":[{"name":"f"}]}])", tools()},
         {R"("tools":[])", {}},
         {R"("generationConfig":{"responseSchema":{"type":"OBJECT"}})", structured()},
         {R"("generation_config":{"response_json_schema":{"type":"object"}})", structured()},
         {R"("generationConfig":{"responseMimeType":"application/json"})", structured()},
         {R"("generationConfig":{"response_mime_type":"text/x.enum"})", structured()},
         {R"("generationConfig":{"responseMimeType":"text/plain","responseSchema":null})", {}},
         {R"("generationConfig":{"thinkingConfig":{"thinkingBudget":1024}})", reasoning()},
         {R"("generationConfig":{"thinkingConfig":{"thinkingBudget":-1}})", reasoning()},
         {R"("generationConfig":{"thinkingConfig":{"thinkingBudget":"8"}})", reasoning()},
         {R"("generationConfig":{"thinkingConfig":{"thinkingBudget":0}})", {}},
         {R"("generationConfig":{"thinking_config":{"thinking_level":"HIGH"}})", reasoning()},
         {R"("generationConfig":{"thinkingConfig":{"thinkingLevel":"minimal"}})", {}},
         {R"("generationConfig":{"thinkingConfig":{"thinkingLevel":"THINKING_LEVEL_UNSPECIFIED"}})",
          {}},
         {R"("generationConfig":{"thinkingConfig":{"includeThoughts":true}})", {}}});
}

TEST_CASE("only what makes an answer has needs: embeddings and a count have none") {
  const dialect::Dialect& chat = *dialect::find("openai-chat");
  const dialect::Dialect& messages = *dialect::find("anthropic");
  constexpr std::string_view body =
      R"({"model":"m","tools":[{"name":"f"}],"messages":[{"role":"user","content":"hi"}]})";
  for (const auto& envelope : {chat.read_envelope(chat.operations()[2], body),
                               messages.read_envelope(messages.operations()[1], body)}) {
    REQUIRE(envelope);
    CHECK(envelope->needs == RequestNeeds{});
    CHECK(envelope->opening.empty());
  }
}

}  // namespace
}  // namespace routerone
