#include "daemon/dialect/hosted_tools.h"

#include <doctest/doctest.h>

#include "tests/daemon/dialect/neutral_parts.h"

namespace routerone {
namespace {

using test::neutral::target_of;

chat::Tool hosted(std::string name, std::string origin) {
  chat::Tool out;
  out.kind = chat::Tool::Kind::hosted;
  out.name = std::move(name);
  out.origin = std::move(origin);
  return out;
}

TEST_CASE("a provider's own tool stays with it; a search that agents always declare is left out") {
  chat::Request asked;
  chat::Tool function;
  function.name = "f";
  asked.tools = {hosted("web_search_20250305", "anthropic"), function};
  std::vector<std::string> dropped;
  const auto here = dialect::tools_known_to("anthropic", asked, target_of("m"), dropped);
  REQUIRE(here);
  CHECK(here->size() == 2);
  CHECK(dropped.empty());
  const auto elsewhere = dialect::tools_known_to("openai-chat", asked, target_of("m"), dropped);
  REQUIRE(elsewhere);
  REQUIRE(elsewhere->size() == 1);
  CHECK(elsewhere->front().name == "f");
  CHECK(dropped == std::vector<std::string>{"tools.web_search_20250305"});
}

TEST_CASE("a search that must be called is refused where it is not known") {
  chat::Request asked;
  asked.tools = {hosted("web_search", "openai-responses")};
  std::vector<std::string> dropped;
  const auto refused = [&] {
    const auto tools = dialect::tools_known_to("anthropic", asked, target_of("m"), dropped);
    return tools ? "" : tools.error().param;
  };
  CHECK(refused() == "");
  asked.choice.mode = chat::ToolChoice::Mode::required;
  CHECK(refused() == "tool_choice");
  asked.choice.mode = chat::ToolChoice::Mode::one;
  asked.choice.name = "web_search";
  CHECK(refused() == "tool_choice");
  asked.choice.name = "f";
  CHECK(refused() == "");
}

TEST_CASE("a tool that would have done work is refused by its name") {
  chat::Request asked;
  asked.tools = {hosted("code_execution_20260120", "anthropic")};
  std::vector<std::string> dropped;
  const auto tools = dialect::tools_known_to("openai-responses", asked, target_of("m"), dropped);
  REQUIRE_FALSE(tools);
  CHECK(tools.error().kind == RefusalKind::bad_request);
  CHECK(tools.error().param == "tools");
  CHECK(tools.error().message.find("code_execution_20260120") != std::string::npos);
}

}  // namespace
}  // namespace routerone
