#include "daemon/dialect/registry.h"

#include <doctest/doctest.h>

#include <string>

#include "common/json/json.h"

namespace routerone {
namespace {

struct Found {
  std::string dialect, operation;
  bool operator==(const Found&) const = default;
};

Found match(std::string_view path, std::vector<http::Field> fields = {}) {
  const dialect::Match match = dialect::match(path, fields);
  return {std::string(match.dialect->id()),
          match.operation == nullptr ? "" : std::string(match.operation->name)};
}

TEST_CASE("every relayed path is found, also behind /api") {
  for (const std::string prefix : {"", "/api"}) {
    CHECK(match(prefix + "/v1/chat/completions") == Found{"openai-chat", "chat"});
    CHECK(match(prefix + "/v1/completions") == Found{"openai-chat", "completions"});
    CHECK(match(prefix + "/v1/embeddings") == Found{"openai-chat", "embeddings"});
    CHECK(match(prefix + "/v1/responses") == Found{"openai-responses", "responses"});
    CHECK(match(prefix + "/v1/messages") == Found{"anthropic", "messages"});
    CHECK(match(prefix + "/v1/messages/count_tokens") == Found{"anthropic", "count_tokens"});
  }
}

TEST_CASE("a path that is nearly one is none, and its error is told in its own dialect") {
  CHECK(match("/v1/messages/batches") == Found{"anthropic", ""});
  CHECK(match("/v1/v1/messages") == Found{"anthropic", ""});
  CHECK(match("/v1/responses/compact") == Found{"openai-responses", ""});
  CHECK(match("/v1/chat/completions/") == Found{"openai-chat", ""});
  CHECK(match("/api/chat/completions") == Found{"openai-chat", ""});
  CHECK(match("/V1/messages") == Found{"anthropic", ""});
  CHECK(match("/") == Found{"openai-chat", ""});
  CHECK(match("") == Found{"openai-chat", ""});
}

TEST_CASE("where paths are shared a header tells whose words to use") {
  CHECK(match("/v1/models") == Found{"openai-chat", ""});
  CHECK(match("/v1/models", {{"Anthropic-Version", "2023-06-01"}}) == Found{"anthropic", ""});
  CHECK(match("/v1/chat/completions", {{"anthropic-version", "x"}}) ==
        Found{"openai-chat", "chat"});
}

TEST_CASE("dialects are found by their ids and by the catalog's other word") {
  CHECK(dialect::find("openai-chat")->id() == "openai-chat");
  CHECK(dialect::find("anthropic-messages") == dialect::find("anthropic"));
  CHECK(dialect::find("gemini")->id() == "gemini");
  CHECK(dialect::find("bedrock-converse") == nullptr);
  CHECK(dialect::find("") == nullptr);
  CHECK(dialect::all().front()->id() == "openai-chat");
}

TEST_CASE("a base URL written wrong is recognised and the right one named") {
  const auto says = [](std::string_view path, std::string_view words) {
    const auto slip = dialect::base_url_slip(path, 7411);
    REQUIRE_MESSAGE(slip, std::string(path));
    INFO(*slip);
    return slip->find(words) != std::string::npos;
  };
  const char* const with = "http://127.0.0.1:7411/v1";
  const char* const without = "http://127.0.0.1:7411 (without /v1)";
  CHECK(says("/v1/v1/messages", without));
  CHECK(says("/messages", without));
  CHECK(says("/api/messages/count_tokens", without));
  CHECK(says("/v1/messages/v1/messages", without));
  CHECK(says("/chat/completions", with));
  CHECK(says("/v1/v1/chat/completions", with));
  CHECK(says("/v1/chat/completions/chat/completions", with));
  CHECK(says("/responses", with));
  CHECK(says("/models", with));
  CHECK(says("/audio/transcriptions", with));
  CHECK(says("/v1/v1/images/edits", with));
}

TEST_CASE("a path that is right, or nobody's, is no slip") {
  for (const char* path :
       {"/v1/messages", "/api/v1/chat/completions", "/v1/models", "/healthz", "/", "", "/v1/files",
        "/v1/chat/completions/", "/wp-admin/messages", "/v1/audio/responses"}) {
    CAPTURE(path);
    CHECK_FALSE(dialect::base_url_slip(path, 7411));
  }
}

bool sends(std::string_view dialect, std::string_view name) {
  return dialect::find(dialect)->forwards_request_header(name);
}
bool returns(std::string_view dialect, std::string_view name) {
  return dialect::find(dialect)->forwards_response_header(name);
}

TEST_CASE("the headers that agents and SDKs send go upstream") {
  for (const char* name :
       {"Accept", "content-type", "User-Agent", "originator", "session-id", "thread-id",
        "x-client-request-id", "x-codex-window-id", "x-codex-turn-metadata", "X-Codex-Turn-State",
        "x-openai-internal-codex-responses-lite", "x-openai-subagent", "version", "openai-beta",
        "OpenAI-Organization", "openai-project", "x-stainless-lang", "HTTP-Referer", "X-Title"}) {
    CAPTURE(name);
    CHECK(sends("openai-responses", name));
    CHECK(sends("openai-chat", name));
  }
  for (const char* name :
       {"anthropic-version", "Anthropic-Beta", "anthropic-dangerous-direct-browser-access", "x-app",
        "x-claude-code-session-id", "x-claude-code-agent-id", "x-stainless-timeout", "accept"}) {
    CAPTURE(name);
    CHECK(sends("anthropic", name));
  }
}

TEST_CASE("what belongs to the hop, the caller or routerone goes nowhere") {
  for (const dialect::Dialect* dialect : dialect::all()) {
    for (const char* name : {"host",
                             "connection",
                             "transfer-encoding",
                             "content-length",
                             "accept-encoding",
                             "authorization",
                             "x-api-key",
                             "api-key",
                             "x-goog-api-key",
                             "cookie",
                             "origin",
                             "referer",
                             "x-routerone-tag",
                             "x-forwarded-for",
                             "forwarded",
                             "via",
                             "expect",
                             "te",
                             "upgrade",
                             "x-team",
                             "proxy-authorization"}) {
      CAPTURE(name);
      CHECK_FALSE(dialect->forwards_request_header(name));
    }
    for (const char* name :
         {"set-cookie", "content-length", "content-encoding", "connection", "transfer-encoding",
          "server", "x-request-id", "request-id", "access-control-allow-origin",
          "x-routerone-provider", "location", "strict-transport-security", "alt-svc"}) {
      CAPTURE(name);
      CHECK_FALSE(dialect->forwards_response_header(name));
    }
  }
}

TEST_CASE("what clients read of an answer's head comes back") {
  for (const dialect::Dialect* dialect : dialect::all()) {
    for (const char* name : {"Content-Type", "retry-after", "retry-after-ms", "x-should-retry",
                             "x-ratelimit-remaining-tokens", "cache-control"}) {
      CAPTURE(name);
      CHECK(dialect->forwards_response_header(name));
    }
  }
  CHECK(returns("anthropic", "anthropic-ratelimit-requests-remaining"));
  CHECK(returns("anthropic", "anthropic-ratelimit-unified-status"));
  CHECK(returns("openai-responses", "x-codex-turn-state"));
  CHECK(returns("openai-responses", "openai-processing-ms"));
  CHECK_FALSE(returns("openai-responses", "openai-model"));
  CHECK_FALSE(returns("openai-chat", "OpenAI-Organization"));
}

const dialect::ListedModel listed[] = {{"openai/gpt-5", "GPT-5", "openai", 1754524800},
                                       {"anthropic/claude", "", "anthropic", 0}};

TEST_CASE("the model list has each dialect's shape, and OpenAI's can be read by both") {
  const Json openai = *parse_json(dialect::find("openai-chat")->write_model_list(listed));
  CHECK(openai["object"] == "list");
  CHECK(openai["data"][0]["object"] == "model");
  CHECK(openai["data"][0]["created"] == 1754524800);
  CHECK(openai["data"][0]["owned_by"] == "openai");
  const Json anthropic = *parse_json(dialect::find("anthropic")->write_model_list(listed));
  for (const Json& list : {openai, anthropic}) {
    CHECK(list["has_more"] == false);
    CHECK(list["first_id"] == "openai/gpt-5");
    CHECK(list["last_id"] == "anthropic/claude");
    CHECK(list["data"].size() == 2);
    CHECK(list["data"][0]["type"] == "model");
    CHECK(list["data"][0]["display_name"] == "GPT-5");
    CHECK(list["data"][1]["display_name"] == "anthropic/claude");
    CHECK(list["data"][0]["created_at"].get<std::string>().starts_with("2025-08-07T00:00:00"));
  }
  CHECK_FALSE(anthropic["data"][0].contains("object"));
}

TEST_CASE("an empty list is a list, and one model stands alone") {
  for (const char* id : {"openai-chat", "openai-responses", "anthropic"}) {
    const dialect::Dialect* const dialect = dialect::find(id);
    const Json none = *parse_json(dialect->write_model_list({}));
    CHECK(none["data"] == Json::array());
    CHECK(none["first_id"].is_null());
    CHECK((*parse_json(dialect->write_model(listed[0])))["id"] == "openai/gpt-5");
  }
}

}  // namespace
}  // namespace routerone
