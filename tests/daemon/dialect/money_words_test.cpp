#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "common/json/json.h"
#include "daemon/dialect/splice.h"
#include "tests/daemon/dialect/scan_support.h"

namespace routerone {
namespace {

using namespace std::chrono_literals;

std::string spliced(std::string_view body, std::vector<dialect::Splice> splices) {
  std::sort(splices.begin(), splices.end(),
            [](const auto& a, const auto& b) { return a.at < b.at; });
  std::string out;
  for (const std::string_view piece : dialect::splice(body, splices)) out += piece;
  return out;
}

std::string capped(std::string_view body, std::string_view id = "openai-chat",
                   std::size_t operation = 0, bool newer = false) {
  const dialect::Dialect& found = *dialect::find(id);
  Quirks quirks;
  quirks.max_completion_tokens = newer;
  return spliced(body, found.write_cap(found.operations()[operation], body, 50, quirks));
}

TEST_CASE("a cap takes the place of the caller's, under the caller's name") {
  CHECK(capped(R"({"model":"m","max_tokens":900})") == R"({"model":"m","max_tokens":50})");
  CHECK(capped(R"({"max_completion_tokens" : 9e2,"model":"m"})") ==
        R"({"max_completion_tokens" : 50,"model":"m"})");
  CHECK(capped(R"({"model":"m","max_tokens":9,"max_completion_tokens":9})") ==
        R"({"model":"m","max_tokens":50,"max_completion_tokens":50})");
  CHECK(capped(R"({"model":"m","max\u005ftokens":900})") ==
        R"({"model":"m","max\u005ftokens":50})");
  CHECK(capped(R"({"model":"m","max_tokens":null})") == R"({"model":"m","max_tokens":50})");
  CHECK(capped(R"({"model":"m","max_output_tokens":9})", "openai-responses") ==
        R"({"model":"m","max_output_tokens":50})");
  CHECK(capped(R"({"model":"m","max_tokens":9})", "anthropic") ==
        R"({"model":"m","max_tokens":50})");
}

TEST_CASE("where there is no cap, one goes in") {
  CHECK(capped(R"({ "x":1, "model":"m"})") == R"({ "x":1, "max_tokens":50,"model":"m"})");
  CHECK(capped(R"({"model":"m"})", "openai-responses") ==
        R"({"max_output_tokens":50,"model":"m"})");
  CHECK(capped(R"({"model":"m","input":"x"})", "openai-chat", 2) == R"({"model":"m","input":"x"})");
}

TEST_CASE("a provider that takes one name only gets the cap under that name") {
  CHECK(capped(R"({"model":"m"})", "openai-chat", 0, true) ==
        R"({"max_completion_tokens":50,"model":"m"})");
  CHECK(capped(R"({"model":"m","max_tokens":900})", "openai-chat", 0, true) ==
        R"({"model":"m","max_completion_tokens":50})");
  CHECK(capped(R"({"m\u0061x_tokens" : 900,"model":"m"})", "openai-chat", 0, true) ==
        R"({"max_completion_tokens":50,"model":"m"})");
  CHECK(capped(R"({"model":"m","max_tokens":900,"max_completion_tokens":null})", "openai-chat", 0,
               true) == R"({"model":"m","max_tokens":null,"max_completion_tokens":50})");
  // The older operation never knew the newer name.
  CHECK(capped(R"({"model":"m","max_tokens":900})", "openai-chat", 1, true) ==
        R"({"model":"m","max_tokens":50})");
}

rc::Gen<std::string> some_member() {
  return rc::gen::element<std::string>(R"("max_tokens":700)", R"("max_completion_tokens":700)",
                                       R"("max_tokens" : null)", R"("max\u005ftokens":700)",
                                       R"("usage":{"include":true})", R"("stream":true)",
                                       R"("usage": {"include" :true , "x":"}"} )",
                                       R"("x":{"max_tokens":1,"usage":{"include":true}})",
                                       R"("y":"\",\"max_tokens\":3")", R"("z":[{}])");
}

std::string shuffled_body() {
  auto members = *rc::gen::container<std::vector<std::string>>(some_member());
  const auto at = *rc::gen::inRange<std::size_t>(0, members.size() + 1);
  members.insert(members.begin() + static_cast<std::ptrdiff_t>(at), R"("model":"m")");
  std::string body = "{";
  for (const std::string& member : members) body += (body.size() > 1 ? "," : "") + member;
  return body + "}";
}

TEST_CASE("whatever a cap is written into, it is read back, and nothing else has changed") {
  CHECK(rc::check([](bool newer) {
    const std::string body = shuffled_body();
    const dialect::Dialect& chat = *dialect::find("openai-chat");
    const auto envelope = chat.read_envelope(chat.operations()[0], body);
    if (!envelope) return;
    const std::string after = capped(body, "openai-chat", 0, newer);
    const auto again = chat.read_envelope(chat.operations()[0], after);
    RC_ASSERT(again.has_value());
    RC_ASSERT(again->output_cap == 50);
    RC_ASSERT(again->stream == envelope->stream);
    auto old = nlohmann::json::parse(body), now = nlohmann::json::parse(after);
    if (newer) RC_ASSERT(now["max_completion_tokens"] == 50);
    for (auto* one : {&old, &now}) {
      one->erase("max_tokens");
      one->erase("max_completion_tokens");
    }
    RC_ASSERT(old == now);
  }));
}

TEST_CASE("the question what it cost is understood, and can be taken out") {
  const auto without = [](const std::string& body, std::string_view id = "openai-chat") {
    const dialect::Dialect& found = *dialect::find(id);
    const auto envelope = found.read_envelope(found.operations()[0], body);
    REQUIRE(envelope);
    return envelope->asks_cost ? spliced(body, {*envelope->asks_cost}) : "";
  };
  CHECK(without(R"({"model":"m","usage":{"include":true}})") == R"({"model":"m"})");
  CHECK(without(R"({"usage":{"include":true},"model":"m"})") == R"({"model":"m"})");
  CHECK(without(R"({"a":1 , "usage" : {"include" : true} , "model":"m"})") ==
        R"({"a":1 ,  "model":"m"})");
  CHECK(without(R"({"model":"m","us\u0061ge":{"include":true} })", "openai-responses") ==
        R"({"model":"m" })");
  CHECK(without(R"({"model":"m","usage":{"include":false}})").empty());
  CHECK(without(R"({"model":"m","usage":null})").empty());
  CHECK(without(R"({"model":"m","x":{"usage":{"include":true}}})").empty());
}

TEST_CASE("all changes of one body can be made together") {
  CHECK(rc::check([] {
    const std::string body = shuffled_body();
    const dialect::Dialect& chat = *dialect::find("openai-chat");
    const auto envelope = chat.read_envelope(chat.operations()[0], body);
    if (!envelope) return;
    std::vector<dialect::Splice> splices = chat.write_cap(chat.operations()[0], body, 50, Quirks{});
    splices.push_back({envelope->model_at, envelope->model_size, "\"other\""});
    if (envelope->ask_usage) splices.push_back(*envelope->ask_usage);
    if (envelope->asks_cost) splices.push_back(*envelope->asks_cost);
    const std::string after = spliced(body, splices);
    RC_LOG() << body << " -> " << after << "\n";
    auto now = nlohmann::json::parse(after);
    RC_ASSERT(now["model"] == "other");
    RC_ASSERT(now.contains("usage") == (!envelope->asks_cost && body.find("\"usage\"") == 0));
    RC_ASSERT(!envelope->stream || now["stream_options"]["include_usage"] == true);
  }));
}

std::string told(std::string_view body, Money cost, std::string_view id = "openai-chat") {
  const dialect::Dialect& found = *dialect::find(id);
  const auto change = found.write_cost(found.operations()[0], body, cost);
  return change ? spliced(body, {*change}) : std::string(body);
}

TEST_CASE("a whole answer tells its cost exactly, unless it does so already") {
  CHECK(told(R"({"id":"x","usage":{"prompt_tokens":3}})", Money{12'300'000'000}) ==
        R"({"id":"x","usage":{"cost":0.0123,"prompt_tokens":3}})");
  CHECK(told(R"({"usage":{ }})", Money{1}) == R"({"usage":{"cost":0.000000000001 }})");
  CHECK(told(R"({"usage":{"a":1}})", Money{2'000'000'000'000}) == R"({"usage":{"cost":2,"a":1}})");
  CHECK(told(R"({"usage":{"a":1}})", Money{}) == R"({"usage":{"cost":0,"a":1}})");
  CHECK(told(R"({"usage":{"cost":null,"a":1}})", Money{500'000'000'000}) ==
        R"({"usage":{"cost":0.5,"a":1}})");
  for (const char* body :
       {R"({"usage":{"cost":0.1}})", R"({"usage":null})", R"({"id":"x"})", "[]"}) {
    CHECK(told(body, Money{5}) == body);
  }
}

struct Told {
  std::string stream;
  int asked = 0;
  std::int64_t output = 0;
};

Told stream_with_cost(std::string_view id, const std::vector<std::string_view>& chunks,
                      bool usage_asked, std::optional<Money> cost = Money{4'200'000'000}) {
  const dialect::Dialect& found = *dialect::find(id);
  Told out;
  const auto scanner = found.scan_stream(found.operations()[0], usage_asked);
  scanner->tell_cost([&](const Usage& usage) {
    ++out.asked;
    out.output = usage.output.value_or(0);
    return cost;
  });
  out.stream = test::scan(*scanner, chunks).forwarded;
  return out;
}

TEST_CASE("a chat stream tells its cost in the chunk with its usage, asked for or not") {
  const std::string start =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}],\"usage\":null}\n\n"
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
  const std::string usage =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n";
  for (const bool by_us : {false, true}) {
    for (const std::uint64_t seed : {1, 2, 3, 4}) {
      const std::string whole = start + usage + "data: [DONE]\n\n";
      const Told told = stream_with_cost("openai-chat", test::cut(whole, seed), by_us);
      CHECK(told.asked == 1);
      CHECK(told.output == 2);
      CHECK(told.stream == start +
                               "data: {\"choices\":[],\"usage\":{\"cost\":0.0042,"
                               "\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n"
                               "data: [DONE]\n\n");
    }
  }
}

TEST_CASE("a server that counts along is asked for the cost at its end") {
  const std::string chunk =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"}}],"
      "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}}\n\n";
  const std::string last =
      "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
      "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":9}}\n\ndata: [DONE]\n\n";
  const Told told = stream_with_cost("openai-chat", {chunk, chunk, last}, false);
  CHECK(told.asked == 1);
  CHECK(told.output == 9);
  CHECK(told.stream.starts_with(chunk + chunk));
  CHECK(told.stream.find("\"cost\":0.0042") > 2 * chunk.size());
}

TEST_CASE("the cost is told once, however often the usage is") {
  const std::string usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
  const Told told = stream_with_cost("openai-chat", {usage, usage, "data: [DONE]\n\n"}, false);
  CHECK(told.asked == 1);
  CHECK(told.stream.ends_with(usage + "data: [DONE]\n\n"));
}

TEST_CASE("Responses and Messages tell the cost where they tell their usage") {
  const std::string completed =
      "event: response.completed\n"
      "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\","
      "\"usage\":{\"input_tokens\":1,\"output_tokens\":2}}}\n\n";
  CHECK(stream_with_cost("openai-responses", {completed}, false)
            .stream.find("\"usage\":{\"cost\":0.0042,\"input_tokens\":1") != std::string::npos);
  const std::string delta =
      "event: message_delta\n"
      "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
      "\"usage\":{\"output_tokens\":7}}\n\n";
  const std::string stop = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
  const Told told = stream_with_cost("anthropic", {delta, stop}, false);
  CHECK(told.stream.find("\"usage\":{\"cost\":0.0042,\"output_tokens\":7}") != std::string::npos);
  CHECK(told.stream.ends_with(stop));
}

TEST_CASE("a cost that is not known, or that the provider states, leaves the stream as it came") {
  const std::string unknown =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n";
  CHECK(stream_with_cost("openai-chat", {unknown}, false, std::nullopt).stream == unknown);
  const std::string stated =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"cost\":0.5}}\n\ndata: [DONE]\n\n";
  CHECK(stream_with_cost("openai-chat", {stated}, false).stream == stated);
}

std::string joined(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) out += name + ": " + value + "\n";
  return out;
}

TEST_CASE("rates are told in the words that each dialect's clients read") {
  RateState state;
  state.requests = RateState::Rate{60, 59, 1ms};
  state.tokens = RateState::Rate{90'000, 0, 6min};
  const WallTime now = wall_from_micros(1'795'348'800'250'000);  // 2026-11-22T12:00:00.25Z
  const std::string openai =
      "x-ratelimit-limit-requests: 60\nx-ratelimit-remaining-requests: 59\n"
      "x-ratelimit-reset-requests: 1s\nx-ratelimit-limit-tokens: 90000\n"
      "x-ratelimit-remaining-tokens: 0\nx-ratelimit-reset-tokens: 6m0s\n";
  CHECK(joined(dialect::find("openai-chat")->write_rates(state, now)) == openai);
  CHECK(joined(dialect::find("openai-responses")->write_rates(state, now)) == openai);
  CHECK(joined(dialect::find("anthropic")->write_rates(state, now)) ==
        "anthropic-ratelimit-requests-limit: 60\nanthropic-ratelimit-requests-remaining: 59\n"
        "anthropic-ratelimit-requests-reset: 2026-11-22T12:00:01Z\n"
        "anthropic-ratelimit-tokens-limit: 90000\nanthropic-ratelimit-tokens-remaining: 0\n"
        "anthropic-ratelimit-tokens-reset: 2026-11-22T12:06:01Z\n");
  CHECK(dialect::find("anthropic")->write_rates({}, now).empty());
  state = {};
  state.requests = RateState::Rate{5, 0, 24h - 30s};
  CHECK(joined(dialect::find("openai-chat")->write_rates(state, now)).find("23h59m30s") !=
        std::string::npos);
}

}  // namespace
}  // namespace routerone
