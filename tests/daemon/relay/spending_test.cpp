#include <doctest/doctest.h>

#include "daemon/tokens/bound.h"
#include "tests/support/relay_fixture.h"

using namespace routerone;
using namespace routerone::test;

namespace {

/// Prices of the fixture: 1 USD a million tokens in, 2 out; at most 100 tokens out.
constexpr std::int64_t in_rate = 1'000'000, out_rate = 2'000'000;
constexpr const char* path = "/v1/chat/completions";
constexpr const char* chat_body =
    R"({"model":"lab/m","max_tokens":50,"messages":[{"role":"user","content":"hi"}]})";
constexpr const char* uncapped_body =
    R"({"model":"lab/m","messages":[{"role":"user","content":"hi"}]})";

const std::string whole_reply =
    R"({"id":"c1","object":"chat.completion","model":"m-up","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";
constexpr Money reply_cost{10 * in_rate + 5 * out_rate};

/// What is held for a request of the fixture's model.
Money held(const std::string& body, std::int64_t cap) {
  Demand demand;
  demand.text_bytes = static_cast<std::int64_t>(body.size());
  return {*tokens::input_bound(demand, "lab/m", 1000) * in_rate + cap * out_rate};
}

Script json_of(int status, std::string body) {
  return {{}, status, {{"content-type", "application/json"}}, {std::move(body)}, {}};
}

Limits spend_limit(Money amount) {
  Limits limits;
  limits.spend = SpendLimit{amount};
  return limits;
}

constexpr Money dollar{1'000'000'000'000};

struct Spending : RelayFixture {
  Spending() { use(data.snapshot(spend_limit(dollar))); }
  admission::ScopeState key() const { return admission.state("key:k1"); }
};

}  // namespace

TEST_CASE_FIXTURE(Spending, "what an answer cost takes the place of what was held for it") {
  upstream.scripts = {json_of(200, whole_reply)};
  upstream.before_read = [this] {
    CHECK(key().reserved >= Money{50 * out_rate});
    CHECK(key().spent == Money{});
  };
  CHECK(ask(path, chat_body).status == 200);
  CHECK(key().reserved == Money{});
  CHECK(key().spent == reply_cost);
  REQUIRE(rows().size() == 1);
  CHECK(rows()[0].cost == reply_cost);
  CHECK(rows()[0].reserved == held(chat_body, 50));
  CHECK_FALSE(rows()[0].overrun);
}

TEST_CASE_FIXTURE(Spending,
                  "a request is noted in the journal with what it holds before it goes out") {
  upstream.scripts = {json_of(200, whole_reply)};
  ask(path, chat_body);
  REQUIRE(recorder->intents.size() == 1);
  const Intent& intent = recorder->intents[0];
  CHECK(intent.id == rows()[0].id);
  CHECK(intent.key_id == "k1");
  CHECK(intent.provider == "a");
  CHECK(intent.reserved == *rows()[0].reserved);
  CHECK(recorder->released == std::vector<IntentSlot>{1});
}

TEST_CASE_FIXTURE(Spending, "the journal learns which provider it went to, and under which id") {
  Script script = json_of(200, whole_reply);
  script.fields.emplace_back("x-request-id", "req_77");
  upstream.scripts = {json_of(503, "{\"error\":{}}"), script};
  ask(path, chat_body);
  CHECK(recorder->intents[0].provider == "b");
  CHECK(recorder->upstream_ids.back() == "req_77");
}

TEST_CASE_FIXTURE(Spending, "while spend cannot be recorded nothing is spent under a limit") {
  recorder->durable = false;
  upstream.scripts = {json_of(200, whole_reply), json_of(200, whole_reply)};
  const Seen seen = ask(path, chat_body);
  CHECK(seen.status == 503);
  CHECK(seen.field("retry-after") == "1");
  CHECK(upstream.asked.empty());
  use(data.snapshot());
  CHECK(ask(path, chat_body).status == 200);
}

TEST_CASE_FIXTURE(Spending,
                  "spend that has reached the limit is refused with 402, unsent and free") {
  use(data.snapshot(spend_limit(reply_cost)));
  upstream.scripts = {json_of(200, whole_reply)};
  CHECK(ask(path, R"({"model":"lab/m","max_tokens":1,"messages":[]})").status ==
        400);  // never fits
  use(data.snapshot(spend_limit(held(chat_body, 50))));
  CHECK(ask(path, chat_body).status == 200);
  admission.correct("key:k1", clock.wall(), held(chat_body, 40));
  const Seen refused = ask(path, chat_body);
  CHECK(refused.status == 402);
  CHECK(refused.got.find("insufficient_balance") != std::string::npos);
  CHECK(upstream.asked.size() == 1);
  CHECK(rows().back().state == FinalState::refused);
  CHECK(rows().back().cost == Money{});
  CHECK(key().reserved == Money{});
}

TEST_CASE_FIXTURE(Spending, "a cap that cannot be paid for is lowered, and everybody is told") {
  use(data.snapshot(spend_limit(held(chat_body, 300))));
  upstream.scripts = {json_of(200, whole_reply)};
  const Seen seen = ask(
      path, R"({"model":"lab/m","max_tokens":100000,"messages":[{"role":"user","content":"hi"}]})");
  CHECK(seen.status == 200);
  REQUIRE(rows().back().clamped);
  const std::string cap = std::to_string(*rows().back().clamped);
  CHECK(*rows().back().clamped <= 300);
  CHECK(*rows().back().clamped >= 256);  // less is not worth an answer
  CHECK(seen.field("x-routerone-clamped") == cap);
  CHECK(upstream.asked[0].body == R"({"model":"m-a","max_tokens":)" + cap +
                                      R"(,"messages":[{"role":"user","content":"hi"}]})");
}

TEST_CASE_FIXTURE(Spending, "without a cap the model's own maximum is held, and nothing is sent") {
  upstream.scripts = {json_of(200, whole_reply)};
  ask(path, uncapped_body);
  CHECK_FALSE(rows().back().clamped);
  CHECK(*rows().back().reserved == held(uncapped_body, 100));
  CHECK(upstream.asked[0].body.find("max_tokens") == std::string::npos);
}

TEST_CASE_FIXTURE(
    Spending, "an attempt that was refused is free, and the next is covered by the same money") {
  upstream.scripts = {json_of(503, "{\"error\":{}}"), json_of(200, whole_reply)};
  CHECK(ask(path, chat_body).status == 200);
  CHECK(key().spent == reply_cost);
  CHECK_FALSE(rows().back().attempts[0].cost);
}

TEST_CASE_FIXTURE(
    Spending,
    "an attempt that broke off in its answer is charged by our estimate beside the next") {
  Script cut = json_of(200, whole_reply.substr(0, 40));
  cut.broken_by = upstream::FaultKind::closed_in_body;
  upstream.scripts = {cut, json_of(200, whole_reply)};
  CHECK(ask(path, chat_body).status == 200);
  const TraceRow& row = rows().back();
  REQUIRE(row.attempts[0].cost);
  CHECK(row.attempts[0].cost->picousd > 0);
  CHECK(row.cost == reply_cost + *row.attempts[0].cost);
  CHECK(key().spent == *row.cost);
}

TEST_CASE_FIXTURE(Spending, "without the money for one more attempt there is none") {
  use(data.snapshot(spend_limit(held(chat_body, 50))));
  Script cut = json_of(200, whole_reply.substr(0, 40));
  cut.broken_by = upstream::FaultKind::closed_in_body;
  upstream.scripts = {cut, json_of(200, whole_reply)};
  const Seen seen = ask(path, chat_body);
  CHECK(seen.status == 503);
  CHECK(upstream.asked.size() == 1);
  CHECK(rows().back().cost == rows().back().attempts[0].cost);
}

TEST_CASE_FIXTURE(Spending, "an attempt that died before any byte of an answer is free") {
  Script dead;
  dead.refuse = upstream::FaultKind::closed_before_head;
  upstream.scripts = {dead, dead};
  CHECK(ask(path, chat_body).status == 503);
  CHECK(key().spent == Money{});
  CHECK(key().reserved == Money{});
}

TEST_CASE_FIXTURE(Spending,
                  "a provider that charges more than was held is recorded as it is, and flagged") {
  std::string greedy = whole_reply;
  greedy.replace(greedy.find("\"completion_tokens\":5"), 21, "\"completion_tokens\":9999");
  upstream.scripts = {json_of(200, greedy)};
  CHECK(ask(path, chat_body).status == 200);
  CHECK(rows().back().overrun);
  CHECK(key().spent == Money{10 * in_rate + 9999 * out_rate});
}

TEST_CASE_FIXTURE(Spending, "usage beyond all sense stops a limit, but does not fill the ledger") {
  std::string absurd = whole_reply;
  absurd.replace(absurd.find("\"completion_tokens\":5"), 21,
                 "\"completion_tokens\":1000000000000000000");
  upstream.scripts = {json_of(200, absurd)};
  CHECK(ask(path, chat_body).status == 200);
  CHECK(rows().back().overrun);
  CHECK(key().stopped);
  CHECK(key().spent < Money{1000 * dollar.picousd});
}

TEST_CASE_FIXTURE(Spending, "of usage beyond all sense a stream tells what is recorded") {
  const std::string chunk = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[)";
  upstream.scripts = {
      {{},
       200,
       {{"content-type", "text/event-stream"}},
       {chunk + R"({"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]})" + "\n\n" +
        chunk + R"(],"usage":{"prompt_tokens":10,"completion_tokens":9007199254740991}})" + "\n\n" +
        "data: [DONE]\n\n"},
       {}}};
  const Seen seen = ask(
      path,
      R"({"model":"lab/m","stream":true,"usage":{"include":true},"messages":[{"role":"user","content":"hi"}]})");
  CHECK(seen.status == 200);
  REQUIRE(rows().back().cost);
  const std::size_t at = seen.got.find("\"cost\":");
  REQUIRE(at != std::string::npos);
  const std::string told = seen.got.substr(at + 7, seen.got.find_first_of(",}", at) - at - 7);
  CHECK(*parse_usd(told) == *rows().back().cost);
}

TEST_CASE_FIXTURE(Spending, "what a provider did not count is guessed, what it did is not") {
  std::string half = whole_reply;
  half.erase(half.find("\"prompt_tokens\":10,"), 19);
  upstream.scripts = {json_of(200, half)};
  ask(path, chat_body);
  const TraceRow& row = rows().back();
  CHECK(row.usage_source == UsageSource::estimate);
  CHECK(row.usage.input.value_or(0) > 0);
  CHECK(row.usage.output == 5);
}

TEST_CASE_FIXTURE(Spending, "our own guess never comes to more than was held") {
  std::string wordy = whole_reply;
  wordy.erase(wordy.find(",\"usage\""));
  wordy.replace(wordy.find("hello"), 5, std::string(8'000, 'x'));
  upstream.scripts = {json_of(200, wordy + "}")};
  ask(path, chat_body);
  const TraceRow& row = rows().back();
  CHECK(row.usage_source == UsageSource::estimate);
  CHECK(row.usage.output == 50);
  CHECK(*row.cost <= *row.reserved);
  CHECK_FALSE(row.overrun);
}

TEST_CASE_FIXTURE(Spending,
                  "a target whose price is not known does not serve under a spend limit") {
  const Seen seen = ask(path, R"({"model":"a/other","max_tokens":5,"messages":[]})");
  CHECK(seen.status == 400);
  CHECK(seen.got.find("routerone models price") != std::string::npos);
  Limits limits = spend_limit(dollar);
  limits.unpriced = true;
  use(data.snapshot(limits));
  upstream.scripts = {json_of(200, whole_reply)};
  CHECK(ask(path, R"({"model":"a/other","max_tokens":5,"messages":[]})").status == 200);
  CHECK_FALSE(rows().back().cost);
}

TEST_CASE_FIXTURE(Spending, "what no bound can be given for is refused under a limit, and named") {
  const Seen tool = ask("/v1/chat/completions",
                        R"({"model":"lab/m","messages":[],"tools":[{"type":"code_interpreter"}]})");
  CHECK(tool.status == 400);
  CHECK(upstream.asked.empty());
}

TEST_CASE_FIXTURE(Spending,
                  "a provider's own tool that no target of the plan runs is no reason to refuse") {
  upstream.scripts = {json_of(200, whole_reply)};
  const Seen seen = ask(
      "/v1/responses",
      R"({"model":"lab/m","max_output_tokens":50,"input":"hi","tools":[{"type":"web_search"}]})");
  CHECK(seen.status == 200);
  CHECK(seen.field("x-routerone-dropped").find("web_search") != std::string::npos);
  REQUIRE(upstream.asked.size() == 1);
  CHECK(upstream.asked[0].body.find("web_search") == std::string::npos);
}

TEST_CASE_FIXTURE(Spending, "a key without any limit reserves nothing") {
  use(data.snapshot());
  upstream.scripts = {json_of(200, whole_reply)};
  CHECK(ask(path, chat_body).status == 200);
  CHECK_FALSE(rows().back().reserved);
  CHECK(key().spent == reply_cost);
}

TEST_CASE_FIXTURE(Spending,
                  "a key's own rates stand in the answer's head in place of the provider's") {
  Limits limits;
  limits.requests_per_minute = 2;
  use(data.snapshot(limits));
  Script script = json_of(200, whole_reply);
  script.fields.emplace_back("x-ratelimit-remaining-requests", "777");
  upstream.scripts = {script, script, script};
  CHECK(ask(path, chat_body).field("x-ratelimit-remaining-requests") == "1");
  CHECK(ask(path, chat_body).field("x-ratelimit-remaining-requests") == "0");
  const Seen refused = ask(path, chat_body);
  CHECK(refused.status == 429);
  CHECK(refused.field("retry-after") == "60");
  CHECK(refused.field("x-ratelimit-limit-requests") == "2");
  use(data.snapshot());
  CHECK(ask(path, chat_body).field("x-ratelimit-remaining-requests") == "777");
}
