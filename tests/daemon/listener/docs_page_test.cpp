#include "daemon/listener/docs_page.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

TEST_CASE("both pages name every path of every dialect, and the port") {
  const std::string docs = docs_page(4711);
  const auto spec = nlohmann::json::parse(openapi_page(4711));
  CHECK(docs.find("http://127.0.0.1:4711/v1") != std::string::npos);
  CHECK(spec["servers"][0]["url"] == "http://127.0.0.1:4711");
  for (const dialect::Dialect* dialect : dialect::all()) {
    for (const dialect::Operation& operation : dialect->operations()) {
      const std::string path(operation.path);
      INFO(path);
      CHECK(docs.find("| `POST " + path + "` | " + std::string(dialect->id())) !=
            std::string::npos);
      REQUIRE(spec["paths"].contains(path));
      const auto& post = spec["paths"][path]["post"];
      CHECK(post["responses"].contains("401"));
      CHECK(post["requestBody"]["content"].contains("multipart/form-data") == operation.takes_form);
    }
  }
}

TEST_CASE("each operation of the description has an id of its own") {
  const auto spec = nlohmann::json::parse(openapi_page(7411));
  std::vector<std::string> ids;
  for (const auto& [path, item] : spec["paths"].items())
    if (item.contains("post")) ids.push_back(item["post"]["operationId"]);
  std::sort(ids.begin(), ids.end());
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
}

TEST_CASE("the docs are short enough to be read by an agent at the start of its work") {
  CHECK(docs_page(7411).size() < 8'000);
}

TEST_CASE("a described error has the fields of the real one") {
  const auto spec = nlohmann::json::parse(openapi_page(7411));
  const auto& error = spec["components"]["schemas"]["openai-chat-error"]["properties"]["error"];
  CHECK(error["properties"].contains("message"));
  CHECK(error["properties"].contains("code"));
  CHECK(spec["components"]["schemas"]["anthropic-error"]["properties"].contains("request_id"));
}

}  // namespace
}  // namespace routerone
