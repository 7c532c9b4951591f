#include <doctest/doctest.h>

#include <map>
#include <string>

#include "common/core/text.h"
#include "common/json/json.h"
#include "daemon/dialect/registry.h"

namespace routerone {
namespace {

using dialect::WrittenRefusal;

WrittenRefusal write(std::string_view dialect, Refusal refusal, std::string_view program = "") {
  return dialect::find(dialect)->write_refusal(refusal, "trace-1", program);
}

WrittenRefusal write(std::string_view dialect, RefusalKind kind) {
  return write(dialect, Refusal{kind, "", "", {}});
}

std::string field(const WrittenRefusal& written, std::string_view name) {
  for (const auto& [known, value] : written.fields) {
    if (known == name) return value;
  }
  return "";
}

Json body(const WrittenRefusal& written) {
  auto parsed = parse_json(written.body);
  REQUIRE(parsed);
  return *parsed;
}

struct Row {
  RefusalKind kind;
  int openai_status;
  const char* type;
  const char* chat_code;
  const char* responses_code;
  int anthropic_status;
  const char* anthropic_type;
  bool pointless;
};

const Row rows[] = {
    {RefusalKind::bad_key, 401, "authentication_error", "invalid_api_key", "invalid_api_key", 401,
     "authentication_error", true},
    {RefusalKind::forbidden, 403, "permission_error", "forbidden", "forbidden", 403,
     "permission_error", true},
    {RefusalKind::limit_reached, 402, "billing_error", "insufficient_balance",
     "insufficient_balance", 402, "billing_error", true},
    {RefusalKind::rate_limited, 429, "rate_limit_error", "rate_limit_exceeded",
     "rate_limit_exceeded", 429, "rate_limit_error", false},
    {RefusalKind::bad_request, 400, "invalid_request_error", "", "", 400, "invalid_request_error",
     true},
    {RefusalKind::unprocessable, 422, "invalid_request_error", "", "", 400, "invalid_request_error",
     true},
    {RefusalKind::unknown_model, 404, "invalid_request_error", "model_not_found", "model_not_found",
     404, "not_found_error", true},
    {RefusalKind::unknown_path, 404, "invalid_request_error", "unknown_url", "unknown_url", 404,
     "not_found_error", true},
    {RefusalKind::method_not_allowed, 405, "invalid_request_error", "method_not_allowed",
     "method_not_allowed", 405, "invalid_request_error", true},
    {RefusalKind::too_large, 413, "invalid_request_error", "request_too_large", "request_too_large",
     413, "request_too_large", true},
    {RefusalKind::unsupported_media, 415, "invalid_request_error", "unsupported_media_type",
     "unsupported_media_type", 415, "invalid_request_error", true},
    {RefusalKind::upgrade_required, 426, "invalid_request_error", "upgrade_required",
     "upgrade_required", 426, "invalid_request_error", true},
    {RefusalKind::expectation_failed, 417, "invalid_request_error", "expectation_failed",
     "expectation_failed", 417, "invalid_request_error", true},
    {RefusalKind::upstream_failed, 503, "server_error", "upstream_failed", "server_is_overloaded",
     529, "overloaded_error", false},
    {RefusalKind::upstream_rate_limited, 429, "rate_limit_error", "rate_limit_exceeded",
     "rate_limit_exceeded", 429, "rate_limit_error", false},
    {RefusalKind::upstream_credential, 502, "server_error", "upstream_authentication_error",
     "upstream_authentication_error", 502, "api_error", true},
    {RefusalKind::shed, 503, "server_error", "overloaded", "server_is_overloaded", 529,
     "overloaded_error", false},
    {RefusalKind::internal, 500, "server_error", "internal_error", "internal_error", 500,
     "api_error", false},
};

TEST_CASE("every refusal has its status, type and code in the two OpenAI dialects") {
  for (const Row& row : rows) {
    for (const bool responses : {false, true}) {
      const auto written = write(responses ? "openai-responses" : "openai-chat", row.kind);
      CAPTURE(to_string(row.kind));
      CHECK(written.status == row.openai_status);
      const Json error = body(written)["error"];
      CHECK(error["type"] == row.type);
      const std::string code = responses ? row.responses_code : row.chat_code;
      CHECK(error["code"] == (code.empty() ? Json() : Json(code)));
      CHECK_FALSE(error["message"].get<std::string>().empty());
      CHECK(error.contains("param"));
    }
  }
}

TEST_CASE("every refusal has its status and type in Anthropic's dialect, and the trace's id") {
  for (const Row& row : rows) {
    const auto written = write("anthropic", row.kind);
    CAPTURE(to_string(row.kind));
    CHECK(written.status == row.anthropic_status);
    const Json all = body(written);
    CHECK(all["type"] == "error");
    CHECK(all["error"]["type"] == row.anthropic_type);
    CHECK(all["request_id"] == "trace-1");
  }
}

TEST_CASE("where trying again is pointless the answer says so, and nowhere else") {
  for (const Row& row : rows) {
    for (const dialect::Dialect* dialect : dialect::all()) {
      const auto written = write(dialect->id(), row.kind);
      CAPTURE(to_string(row.kind));
      CHECK(field(written, "x-should-retry") == (row.pointless ? "false" : ""));
      CHECK(field(written, "content-type") == "application/json");
    }
  }
}

TEST_CASE("a refusal that passes by itself never speaks of credit, balance or quota") {
  const RefusalKind transient[] = {
      RefusalKind::rate_limited,          RefusalKind::upstream_failed,     RefusalKind::shed,
      RefusalKind::upstream_rate_limited, RefusalKind::upstream_credential, RefusalKind::internal};
  for (const RefusalKind kind : transient) {
    for (const dialect::Dialect* dialect : dialect::all()) {
      for (const char* said : {"", "your Credit ran out", "low BALANCE", "insufficient_quota"}) {
        const std::string text =
            lower(std::string_view(write(dialect->id(), Refusal{kind, said, "", {}}).body));
        CAPTURE(text);
        for (const char* word : {"credit", "balance", "quota"}) {
          CHECK(text.find(word) == std::string::npos);
        }
      }
    }
  }
}

// One agent makes "please log in" of the provider's own words, and shows all others as they are.
TEST_CASE("a bad key is told in our words, to every dialect's programs") {
  for (const char* dialect : {"anthropic", "openai-chat", "openai-responses", "gemini"}) {
    const auto written = write(dialect, Refusal{RefusalKind::bad_key, "revoked", "", {}});
    CHECK(body(written)["error"]["message"] == "revoked");
  }
}

TEST_CASE("an SDK that keeps its conversation in a thread is told to go on without one") {
  const Refusal refused{RefusalKind::bad_request, "no threads there", "thread", {}};
  const Json details = body(write("anthropic", refused))["error"]["details"];
  CHECK(details["error_code"] == "thread_unsupported_request");
  CHECK(details["unsupported"] == Json::array({"thread"}));
  const Refusal other{RefusalKind::bad_request, "no", "container", {}};
  CHECK_FALSE(body(write("anthropic", other))["error"].contains("details"));
}

TEST_CASE("opencode is told of money in whole cents: it takes 502 in an amount for a status") {
  const Refusal refused{RefusalKind::limit_reached,
                        "1.195024 USD of the limit of 3 USD of k1 is spent and 0.5 USD reserved; "
                        "this request could cost 0.0985025 USD, or 0.000001",
                        "",
                        {}};
  const dialect::Dialect& chat = *dialect::find("openai-chat");
  const auto words = [&](std::string_view program) {
    return body(chat.write_refusal(refused, "t", program))["error"]["message"].get<std::string>();
  };
  CHECK(words("opencode/1.18.33 ai-sdk") ==
        "1.20 USD of the limit of 3 USD of k1 is spent and 0.5 USD reserved; this request could "
        "cost 0.10 USD, or 0.01");
  CHECK(words("another") == refused.message);
}

TEST_CASE("Codex is told of a reached limit in the one form it obeys and shows") {
  const Refusal limit{RefusalKind::limit_reached, "spend limit of key ci reached", "", {}};
  for (const char* dialect : {"openai-chat", "openai-responses"}) {
    const auto written = write(dialect, limit, "codex_exec/0.169.0 (Debian 12)");
    CHECK(written.status == 400);
    CHECK(body(written)["error"]["code"] == "invalid_prompt");
    CHECK(body(written)["error"]["message"] == "spend limit of key ci reached");
    CHECK(write(dialect, limit, "OpenAI/JS 7.55.0").status == 402);
    // Of a 400 without a code it would show the bare JSON.
    const Refusal wrong{RefusalKind::bad_request, "no such field", "x", {}};
    CHECK(body(write(dialect, wrong, "codex_exec/0.169.0"))["error"]["code"] == "invalid_prompt");
    CHECK(body(write(dialect, wrong, "OpenAI/JS 7.55.0"))["error"]["code"].is_null());
    const Refusal too_long{RefusalKind::bad_request, "prompt is too long: 9 > 8", "", {}};
    CHECK(body(write(dialect, too_long, "codex_exec/0.169.0"))["error"]["code"] ==
          "context_length_exceeded");
  }
  CHECK(write("openai-responses", Refusal{RefusalKind::bad_key, "", "", {}}, "codex").status ==
        401);
}

TEST_CASE("Retry-After is between one second and a minute") {
  using std::chrono::seconds;
  const auto after = [](RefusalKind kind, std::optional<seconds> wait) {
    return field(write("openai-chat", Refusal{kind, "", "", wait}), "retry-after");
  };
  CHECK(after(RefusalKind::rate_limited, std::nullopt) == "1");
  CHECK(after(RefusalKind::rate_limited, seconds{0}) == "1");
  CHECK(after(RefusalKind::upstream_rate_limited, seconds{17}) == "17");
  CHECK(after(RefusalKind::upstream_rate_limited, seconds{3600}) == "60");
  CHECK(after(RefusalKind::shed, std::nullopt) == "1");
  CHECK(after(RefusalKind::bad_request, std::nullopt).empty());
}

TEST_CASE("whatever a message holds, the body is JSON") {
  const std::string nasty = "a\"b\\c\n\x01 \xFF\xFE </script> \xE2\x80\xA8";
  for (const dialect::Dialect* dialect : dialect::all()) {
    const Refusal refusal{RefusalKind::bad_request, nasty, nasty, {}};
    CHECK(parse_json(dialect->write_refusal(refusal, nasty, nasty).body));
  }
}

}  // namespace
}  // namespace routerone
