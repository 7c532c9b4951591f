#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "common/json/json.h"
#include "daemon/dialect/registry.h"
#include "daemon/dialect/splice.h"

namespace routerone {
namespace {

using dialect::Envelope;

tl::expected<Envelope, Refusal> read(std::string_view body,
                                     std::string_view dialect = "openai-chat",
                                     std::size_t operation = 0) {
  const dialect::Dialect& found = *dialect::find(dialect);
  return found.read_envelope(found.operations()[operation], body);
}

std::string spliced(std::string_view body, std::vector<dialect::Splice> splices) {
  std::sort(splices.begin(), splices.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  std::string out;
  for (const std::string_view piece : dialect::splice(body, splices)) out += piece;
  return out;
}

Refusal refusal_of(std::string_view body, std::string_view dialect = "openai-chat") {
  const auto envelope = read(body, dialect);
  return envelope ? Refusal{} : envelope.error();
}

TEST_CASE("the envelope holds what routing needs, and where the model's name stands") {
  const std::string body =
      R"({"messages":[{"model":"no"}], "model" : "gpt-\u0035" ,"stream":true,"max_tokens":7,)"
      R"("stream_options":{"include_usage":true},"prompt_cache_key":"thread-1"})";
  const auto envelope = read(body);
  REQUIRE(envelope);
  CHECK(envelope->model == "gpt-5");
  CHECK(body.substr(envelope->model_at, envelope->model_size) == R"("gpt-\u0035")");
  CHECK(envelope->stream);
  CHECK(envelope->output_cap == 7);
  CHECK(envelope->session == "thread-1");
  CHECK_FALSE(envelope->ask_usage);
}

TEST_CASE("a body that is no JSON object is refused with the place of the problem") {
  CHECK(refusal_of("").kind == RefusalKind::bad_request);
  CHECK(refusal_of("{\"model\":\"m\",\"x\":tru}").message ==
        "the body is not a JSON object we can read: a value is expected here, at byte 17");
  for (const char* body : {"[]", "null", "{\"model\":\"m\"", "{\"model\":\"m\"}}", "\xEF\xBB\xBF{}",
                           "{\"model\":\"m\",\"t\":NaN}", "model=m"}) {
    CAPTURE(body);
    CHECK(refusal_of(body).kind == RefusalKind::bad_request);
  }
}

TEST_CASE("a model must be named by a string that is not empty") {
  for (const char* body : {"{}", R"({"model":""})", R"({"model":null})", R"({"model":1})",
                           R"({"model":["m"]})", R"({"x":{"model":"m"}})"}) {
    CAPTURE(body);
    CHECK(refusal_of(body).param == "model");
  }
}

TEST_CASE("whatever we act on may stand in the body once, in one spelling") {
  for (
      const char* body :
      {R"({"model":"a","model":"a"})", R"({"model":"a","mod\u0065l":"b"})",
       R"({"model":"a","Model":"b"})", R"({"model":"a","stream":true,"stream":false})",
       R"({"model":"a","STREAM":true})", R"({"model":"a","max_tokens":1,"max_tokens":2})",
       R"({"model":"a","stream":true,"stream_options":{},"stream_options":null})",
       R"({"model":"a","stream":true,"stream_options":{"include_usage":true,"include_usage":false}})",
       R"({"model":"a","max_tokens":1,"max_completion_tokens":2})"}) {
    CAPTURE(body);
    CHECK(refusal_of(body).kind == RefusalKind::bad_request);
  }
  CHECK(read(R"({"model":"a","x":1,"x":2})"));  // Not ours to judge.
}

TEST_CASE("two caps that agree are one cap") {
  CHECK(read(R"({"model":"a","max_tokens":5,"max_completion_tokens":5.0})")->output_cap == 5);
  CHECK(read(R"({"model":"a","max_tokens":null,"max_completion_tokens":9})")->output_cap == 9);
  CHECK_FALSE(read(R"({"model":"a","max_tokens":null})")->output_cap);
}

TEST_CASE("types that a provider could read otherwise are refused by name") {
  CHECK(refusal_of(R"({"model":"a","stream":"true"})").param == "stream");
  CHECK(refusal_of(R"({"model":"a","stream":1})").param == "stream");
  CHECK(refusal_of(R"({"model":"a","max_tokens":"5"})").param == "max_tokens");
  CHECK(refusal_of(R"({"model":"a","max_tokens":-1})").param == "max_tokens");
  CHECK(refusal_of(R"({"model":"a","max_output_tokens":1.5})", "openai-responses").param ==
        "max_output_tokens");
  CHECK(refusal_of(R"({"model":"a","stream":true,"stream_options":[]})").param == "stream_options");
  CHECK_FALSE(read(R"({"model":"a","stream":null})")->stream);
}

TEST_CASE("usage is asked for in a stream exactly where the caller did not ask") {
  const auto asked = [](std::string body, std::size_t operation = 0) {
    const auto envelope = read(body, "openai-chat", operation);
    REQUIRE(envelope);
    return envelope->ask_usage ? spliced(body, {*envelope->ask_usage}) : "";
  };
  CHECK(asked(R"({"model":"a"})").empty());
  CHECK(asked(R"({"model":"a","stream":false,"stream_options":null})").empty());
  CHECK(asked(R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})").empty());
  CHECK(asked(R"( {"model":"a","stream":true})") ==
        R"( {"stream_options":{"include_usage":true},"model":"a","stream":true})");
  CHECK(asked(R"({"model":"a","stream":true})", 1) ==
        R"({"stream_options":{"include_usage":true},"model":"a","stream":true})");
  CHECK(asked(R"({"model":"a","stream":true,"stream_options":null})") ==
        R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})");
  CHECK(asked(R"({"model":"a","stream":true,"stream_options":{ }})") ==
        R"({"model":"a","stream":true,"stream_options":{"include_usage":true }})");
  CHECK(
      asked(R"({"stream_options":{"include_obfuscation":false},"model":"a","stream":true})") ==
      R"({"stream_options":{"include_usage":true,"include_obfuscation":false},"model":"a","stream":true})");
  CHECK(asked(R"({"model":"a","stream":true,"stream_options":{"include_usage":false}})") ==
        R"({"model":"a","stream":true,"stream_options":{"include_usage":true}})");
}

TEST_CASE("embeddings have no stream and no cap") {
  const auto envelope = read(R"({"model":"e","input":"x","stream":true})", "openai-chat", 2);
  REQUIRE(envelope);
  CHECK_FALSE(envelope->stream);
  CHECK_FALSE(envelope->ask_usage);
}

TEST_CASE("Responses and Messages never need to be asked for usage") {
  for (const char* dialect : {"openai-responses", "anthropic"}) {
    const auto envelope = read(R"({"model":"a","stream":true,"max_tokens":3})", dialect);
    REQUIRE(envelope);
    CHECK(envelope->stream);
    CHECK_FALSE(envelope->ask_usage);
  }
}

TEST_CASE("the agent session is found where each dialect's agents put it") {
  const auto session = [](std::string_view body, std::string_view dialect) {
    const auto envelope = read(body, dialect);
    REQUIRE(envelope);
    return envelope->session;
  };
  CHECK(session(R"({"model":"m","prompt_cache_key":"t-1"})", "openai-responses") == "t-1");
  CHECK(session(R"({"model":"m","conversation":"conv_1"})", "openai-responses") == "conv_1");
  CHECK(session(R"({"model":"m","conversation":{"id":"conv_1"}})", "openai-responses") == "conv_1");
  CHECK(session(R"({"model":"m","conversation":"c","prompt_cache_key":"t-1"})",
                "openai-responses") == "t-1");
  CHECK(session(R"({"model":"m","session_id":"s","prompt_cache_key":null})", "openai-chat") == "s");
  CHECK(session(R"({"model":"m","conversation":[],"prompt_cache_key":7})", "openai-responses")
            .empty());
  CHECK(
      session(
          R"({"model":"m","metadata":{"user_id":"{\"device_id\":\"d\",\"session_id\":\"s-1\"}"}})",
          "anthropic") == "s-1");
  CHECK(session(R"({"model":"m","metadata":{"user_id":"user_ab_account__session_s-2"}})",
                "anthropic") == "s-2");
  CHECK(session(R"({"model":"m","metadata":{"user_id":"{broken"}})", "anthropic").empty());
  CHECK(session(R"({"model":"m","metadata":7})", "anthropic").empty());
}

/// A string in JSON, some of its characters needlessly escaped.
std::string spell(const std::string& text, const std::vector<bool>& escape) {
  std::string out = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i < escape.size() && escape[i]) {
      static constexpr char digits[] = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(text[i]);
      out += "\\u00";
      out += digits[code >> 4];
      out += digits[code & 15];
    } else {
      out += text[i];
    }
  }
  return out + "\"";
}

rc::Gen<std::string> word() { return rc::gen::container<std::string>(rc::gen::inRange('a', 'z')); }

/// Members that try to be taken for ours, without being at the top.
rc::Gen<std::string> decoy() {
  return rc::gen::element<std::string>(
      R"("x0":{"model":"decoy","stream":true})", R"("x1":"\",\"model\":\"decoy\"")",
      R"("x2":[{"model":"decoy"},"model","}"])", R"("x3":"\\")", R"("x4":1.5e-3)", R"("x5":[[[]]])",
      R"("model2":"decoy")", "\"x6\" :\n\t{ }", R"("x7":"\u007b\"model\"")");
}

TEST_CASE("the model we read and replace is the one a full parser reads, wherever it stands") {
  CHECK(rc::check([] {
    const std::string model = *rc::gen::nonEmpty(word());
    std::vector<std::string> members = *rc::gen::container<std::vector<std::string>>(decoy());
    const auto escapes = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
    const auto in_value = *rc::gen::container<std::vector<bool>>(rc::gen::arbitrary<bool>());
    const auto at = *rc::gen::inRange<std::size_t>(0, members.size() + 1);
    members.insert(members.begin() + static_cast<std::ptrdiff_t>(at),
                   spell("model", escapes) + ":" + spell(model, in_value));
    std::string body = "{";
    for (const std::string& member : members) body += (body.size() > 1 ? "," : "") + member;
    body += "}";

    const Json before = Json::parse(body);
    const auto envelope = read(body);
    RC_ASSERT(envelope.has_value());
    RC_ASSERT(envelope->model == before["model"].get<std::string>());

    const std::string replaced =
        spliced(body, {{envelope->model_at, envelope->model_size, "\"other\""}});
    Json wanted = before;
    wanted["model"] = "other";
    RC_ASSERT(Json::parse(replaced) == wanted);
  }));
}

TEST_CASE("asking for usage changes nothing else, wherever the options stand") {
  CHECK(rc::check([] {
    const std::string options =
        *rc::gen::element<std::string>("", R"("stream_options":{})", R"("stream_options":null)",
                                       R"("stream_options":{"a":1,"include_usage":false})",
                                       R"("stream_options":{"include_usage":null})",
                                       R"("stream_options":{"a":{"include_usage":true}})",
                                       R"("stream_options":{"include_usage":true})");
    std::vector<std::string> members = *rc::gen::container<std::vector<std::string>>(decoy());
    members.push_back(R"("model":"m")");
    members.push_back(R"("stream":true)");
    if (!options.empty()) members.insert(members.begin() + members.size() / 2, options);
    std::string body = "{";
    for (const std::string& member : members) body += (body.size() > 1 ? "," : "") + member;
    body += "}";

    const auto envelope = read(body);
    RC_ASSERT(envelope.has_value());
    Json wanted = Json::parse(body);
    if (wanted["stream_options"].is_null()) wanted["stream_options"] = Json::object();
    wanted["stream_options"]["include_usage"] = true;
    std::vector<dialect::Splice> splices{{envelope->model_at, envelope->model_size, "\"m\""}};
    if (envelope->ask_usage) splices.push_back(*envelope->ask_usage);
    // Order of members does not matter to a reader.
    RC_ASSERT(nlohmann::json::parse(spliced(body, splices)) ==
              nlohmann::json::parse(wanted.dump()));
  }));
}

}  // namespace
}  // namespace routerone
