#include "cli/commands/why_words.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using Sentences = std::vector<std::string>;

/// A request for a model with two targets, served by the first.
Json served() {
  return Json::parse(R"({
    "schema": 1, "id": "0193", "requested_model": "gpt-5", "model": "openai/gpt-5",
    "provider": "acme", "upstream_model": "gpt-5", "cost_usd": "0.004200", "latency_ms": 1180.4,
    "ttft_ms": 310.2, "status": 200, "error": null, "state": "completed", "route": "primary",
    "fallback": null, "clamped": null,
    "attempts": [{"provider": "acme", "account": null, "upstream_model": "gpt-5", "status": 200,
                  "error": null, "latency_ms": 1180.1}],
    "routing": null})");
}

Json candidate(const std::string& target, double score, double millis, double dollars,
               double quality) {
  Json one = Json::object();
  one["provider"] = target.substr(0, target.find('/'));
  one["target"] = target;
  one["score"] = score;
  one["latency_ms"] = millis;
  one["cost"] = dollars;
  one["quality"] = quality;
  one["health"] = 1;
  one["terms"] = {{"latency", 0.5}, {"cost", 0.5}, {"quality", quality}};
  one["failure_share"] = 0;
  one["tier"] = 0;
  one["last_resort"] = false;
  one["out"] = false;
  return one;
}

Json chosen(std::vector<Json> candidates) {
  Json trace = served();
  trace["routing"] = {{"weights", {{"latency", 1}, {"cost", 1}, {"quality", 1}}},
                      {"sticky", nullptr},
                      {"trial", false},
                      {"candidates", candidates},
                      {"excluded", Json::array()}};
  return trace;
}

/// The cheaper, slower one won.
Json won_by_cost() {
  Json cheap = candidate("acme/gpt-5", 0.8, 2'000, 0.0021, 0.5);
  Json dear = candidate("beta/gpt-5", 0.6, 1'200, 0.0042, 0.5);
  cheap["terms"]["cost"] = 1;
  cheap["terms"]["latency"] = 0.6;
  dear["terms"]["cost"] = 0.5;
  dear["terms"]["latency"] = 1;
  Json trace = chosen({cheap, dear});
  trace["routing"]["weights"]["cost"] = 4;
  return trace;
}

const std::string asked = "gpt-5 was asked for, and openai/gpt-5 at acme served it.";
const std::string bill = "It cost $0.0042 and took 1.18s, with the first token after 310ms.";

}  // namespace

TEST_CASE("a request without a choice says so") {
  CHECK(why_sentences(served()) ==
        Sentences{asked, "There was no choice: nobody else here has what was asked for.", bill});
}

TEST_CASE("the one that won names its strongest point and what spoke against it") {
  CHECK(why_sentences(won_by_cost()) ==
        Sentences{
            asked,
            "acme/gpt-5 was chosen over beta/gpt-5: about $0.0021 rather than $0.0042 (50% "
            "cheaper), although beta/gpt-5 promised about 1.20s rather than 2.00s (800ms faster).",
            bill});
}

TEST_CASE("who won by speed, quality or health says by how much") {
  Json fast = candidate("acme/gpt-5", 0.8, 400, 0.001, 0.5);
  Json slow = candidate("beta/gpt-5", 0.6, 900, 0.001, 0.5);
  fast["terms"]["latency"] = 1;
  CHECK(why_sentences(chosen({fast, slow}))[1] ==
        "acme/gpt-5 was chosen over beta/gpt-5: about 400ms rather than 900ms (500ms faster).");
  Json good = candidate("acme/gpt-5", 0.8, 400, 0.001, 0.9);
  Json poor = candidate("beta/gpt-5", 0.6, 400, 0.001, 0.4);
  CHECK(why_sentences(chosen({good, poor}))[1] ==
        "acme/gpt-5 was chosen over beta/gpt-5: a quality of 0.9 rather than 0.4.");
  Json sound = candidate("acme/gpt-5", 0.8, 400, 0.001, 0.5);
  Json failing = candidate("beta/gpt-5", 0.4, 400, 0.001, 0.5);
  failing["health"] = 0.5;
  failing["failure_share"] = 0.5;
  CHECK(
      why_sentences(chosen({sound, failing}))[1] ==
      "acme/gpt-5 was chosen over beta/gpt-5: 0% of its requests failing lately rather than 50%.");
  failing["failure_share"] = 0;
  CHECK(why_sentences(chosen({sound, failing}))[1] ==
        "acme/gpt-5 was chosen over beta/gpt-5: more of its provider's limits left.");
}

TEST_CASE("what is not known of one is named without figures") {
  Json known = candidate("acme/gpt-5", 0.8, 400, 0.001, 0.5);
  Json unknown = candidate("beta/gpt-5", 0.6, 400, 0.001, 0.5);
  known["terms"]["cost"] = 1;
  unknown["cost"] = nullptr;
  CHECK(why_sentences(chosen({known, unknown}))[1] ==
        "acme/gpt-5 was chosen over beta/gpt-5: its cost.");
}

TEST_CASE("those about as good share the load by lot, whoever was a little better") {
  const Json first = candidate("acme/gpt-5", 0.79, 400, 0.001, 0.5);
  const Json second = candidate("beta/gpt-5", 0.8, 400, 0.001, 0.5);
  const Json third = candidate("gamma/gpt-5", 0.4, 400, 0.001, 0.5);
  CHECK(why_sentences(chosen({first, second, third}))[1] ==
        "acme/gpt-5 was drawn by lot: beta/gpt-5 was about as good.");
}

TEST_CASE("a request that asked for an order itself is told that it has it, and shares no load") {
  Json fast = candidate("acme/gpt-5", 0.8, 400, 0.001, 0.5);
  Json slow = candidate("beta/gpt-5", 0.79, 405, 0.001, 0.5);
  fast["terms"]["latency"] = 0.51;
  Json trace = chosen({fast, slow});
  trace["routing"]["sorted"] = true;
  CHECK(why_sentences(trace)[1] ==
        "acme/gpt-5 was chosen over beta/gpt-5 by the order the request asked for: about 400ms "
        "rather than 405ms (5ms faster).");
}

TEST_CASE("a session that stayed says where, and who would have been first by score") {
  Json trace = chosen({candidate("acme/gpt-5", 0.5, 400, 0.001, 0.5),
                       candidate("beta/gpt-5", 0.9, 400, 0.001, 0.5)});
  trace["routing"]["sticky"] = "acme/gpt-5";
  CHECK(why_sentences(trace) == Sentences{asked,
                                          "acme/gpt-5 was chosen because it served the session "
                                          "before: its prompt cache is warm there.",
                                          "By its score alone beta/gpt-5 would have been first.",
                                          bill});
}

TEST_CASE("a trial says that it was one") {
  Json trace = chosen({candidate("acme/gpt-5", 0.5, 400, 0.001, 0.5),
                       candidate("beta/gpt-5", 0.9, 400, 0.001, 0.5)});
  trace["routing"]["trial"] = true;
  CHECK(why_sentences(trace)[1] ==
        "acme/gpt-5 was chosen as a trial: little was known of it lately, and a small share of "
        "requests goes to find out.");
}

TEST_CASE("who stood behind, was failing, or had said when to come back is told apart") {
  Json later = candidate("beta/m", 0.9, 400, 0.001, 0.5);
  later["tier"] = 1;
  Json failing = candidate("gamma/gpt-5", 0.9, 400, 0.001, 0.5);
  failing["last_resort"] = true;
  Json away = candidate("delta/gpt-5", 0.9, 400, 0.001, 0.5);
  away["out"] = true;
  away["last_resort"] = true;
  Json trace = chosen({candidate("acme/gpt-5", 0.5, 400, 0.001, 0.5), later, failing, away});
  CHECK(why_sentences(trace) ==
        Sentences{asked, "acme/gpt-5 was chosen; nobody else stood beside it.",
                  "Only to stand in, should it fail: beta/m.",
                  "Kept as a last resort, for it had been failing: gamma/gpt-5.",
                  "Not asked, because of when it had said to come back: delta/gpt-5.", bill});
}

TEST_CASE("who was left out is told with the reason, those of one reason together") {
  Json trace = won_by_cost();
  trace["routing"]["excluded"] = Json::parse(R"([
    {"model": "lab/a", "provider": "acme", "reason": "tools", "words": "it cannot call tools"},
    {"model": "lab/b", "provider": "beta", "reason": "context", "words": "it is too short"},
    {"model": "lab/c", "provider": null, "reason": "tools", "words": "it cannot call tools"},
    {"model": null, "provider": "gamma", "reason": "new_reason"}])");
  CHECK(why_sentences(trace)[2] ==
        "Left out: lab/a at acme and lab/c (it cannot call tools); lab/b at beta (it is too "
        "short); gamma (new_reason).");
}

TEST_CASE("what failed before the one that served is told in its order") {
  Json trace = served();
  trace["route"] = "fallback";
  trace["attempts"] = Json::parse(R"([
    {"provider": "beta", "account": "second", "upstream_model": "gpt-5", "status": 529,
     "error": "overloaded", "latency_ms": 120.0},
    {"provider": "gamma", "account": null, "upstream_model": "gpt-5", "status": 0,
     "error": "connect", "latency_ms": 3.0},
    {"provider": "acme", "account": null, "upstream_model": "gpt-5", "status": 200, "error": null,
     "latency_ms": 1057.0}])");
  CHECK(why_sentences(trace)[2] ==
        "But beta#second/gpt-5 was overloaded (status 529) after 120ms and gamma/gpt-5 could not "
        "be reached after 3ms; so acme/gpt-5 was asked.");
}

TEST_CASE("of two that were asked at once, both are told, and what the loser may cost") {
  Json trace = served();
  trace["route"] = "fallback";
  trace["fallback"] = {{"from", "beta/gpt-5"}, {"reason", "late"}};
  trace["attempts"] = Json::parse(R"([
    {"provider": "beta", "account": null, "upstream_model": "gpt-5", "status": 0,
     "error": "cancelled", "code": "hedged", "latency_ms": 900.0, "cost_usd": "0.0021"},
    {"provider": "acme", "account": null, "upstream_model": "gpt-5", "status": 200, "error": null,
     "code": null, "latency_ms": 1057.0, "cost_usd": null}])");
  const auto says = [&](const std::string& sentence) {
    const auto all = why_sentences(trace);
    return std::find(all.begin(), all.end(), sentence) != all.end();
  };
  CHECK(
      says("But beta/gpt-5 was later than usual; so acme/gpt-5 was asked too and was quicker "
           "(that may cost $0.0021)."));
  trace["route"] = "primary";
  trace["fallback"] = nullptr;
  CHECK(
      says("It was later than usual; so beta/gpt-5 was asked too, but came second (that may "
           "cost $0.0021)."));
}

TEST_CASE("a request that nobody served says what each did") {
  Json trace = served();
  trace["state"] = "upstream_failed";
  trace["error"] = "upstream_failed";
  trace["provider"] = trace["upstream_model"] = "";
  trace["cost_usd"] = "0.000000";
  trace["attempts"] = Json::parse(R"([{"provider": "acme", "upstream_model": "gpt-5", "status": 500,
                                       "error": "server_error", "latency_ms": 12.0}])");
  CHECK(why_sentences(trace) == Sentences{"gpt-5 was asked for, and nobody served it.",
                                          "It failed: acme/gpt-5 failed (status 500) after 12ms."});
}

TEST_CASE("a refused request says why, and that nobody was asked") {
  Json trace = served();
  trace["state"] = "refused";
  trace["model"] = trace["provider"] = trace["upstream_model"] = "";
  trace["attempts"] = Json::array();
  for (const auto& [error, words] : std::vector<std::pair<std::string, std::string>>{
           {"limit_reached", "a spend limit was used up"},
           {"unknown_model", "the key has no such model"},
           {"bad_key", "its key is missing, unknown, expired or revoked"},
           {"of_a_later_version", "of_a_later_version"}}) {
    trace["error"] = error;
    CHECK(why_sentences(trace) ==
          Sentences{"gpt-5 was asked for; it was refused, and nobody was asked: " + words + "."});
  }
  trace["requested_model"] = "";
  trace["error"] = "bad_key";
  CHECK(why_sentences(trace)[0].starts_with("No model was asked for; it was refused"));
  trace["state"] = "shed";
  CHECK(why_sentences(trace)[0] ==
        "No model was asked for, but the daemon had no room for it just then.");
}

TEST_CASE("a request that a choice left nobody for tells whom and why") {
  Json trace = chosen({});
  trace["state"] = "refused";
  trace["error"] = "bad_request";
  trace["model"] = trace["provider"] = trace["upstream_model"] = "";
  trace["attempts"] = Json::array();
  trace["routing"]["excluded"] =
      Json::parse(R"([{"model": "lab/a", "provider": "acme", "words": "it cannot call tools"}])");
  CHECK(why_sentences(trace) == Sentences{"gpt-5 was asked for; it was refused, and nobody was "
                                          "asked: nobody here can take such a request.",
                                          "Left out: lab/a at acme (it cannot call tools)."});
}

TEST_CASE("a caller that left, a daemon that died and a break in the middle are told") {
  Json trace = served();
  trace["state"] = "client_gone";
  trace["attempts"][0]["error"] = "cancelled";
  CHECK(why_sentences(trace) ==
        Sentences{"gpt-5 was asked for; openai/gpt-5 at acme was at it when the caller left.",
                  "There was no choice: nobody else here has what was asked for.", bill});
  trace["state"] = "interrupted";
  CHECK(why_sentences(trace)[0] ==
        "gpt-5 was asked for; the daemon died while openai/gpt-5 at acme was at it.");
  trace["state"] = "upstream_failed";
  trace["attempts"][0]["error"] = "caller_fault";
  CHECK(why_sentences(trace)[0] == "gpt-5 was asked for; openai/gpt-5 at acme refused it.");
  trace["attempts"][0]["error"] = "cut";
  CHECK(why_sentences(trace)[0] ==
        "gpt-5 was asked for; openai/gpt-5 at acme began to serve it and failed.");
}

TEST_CASE("what the daemon could answer itself went to nobody") {
  Json trace = served();
  trace["model"] = trace["provider"] = trace["upstream_model"] = "";
  trace["attempts"] = Json::array();
  CHECK(why_sentences(trace) == Sentences{"gpt-5 was asked for, and the daemon itself answered."});
}

TEST_CASE("an unknown cost, another upstream name and a lowered cap are told") {
  Json trace = served();
  trace["cost_usd"] = nullptr;
  trace["ttft_ms"] = nullptr;
  trace["upstream_model"] = "gpt-5-2025-08-07";
  trace["clamped"] = 800;
  CHECK(why_sentences(trace) ==
        Sentences{"gpt-5 was asked for, and openai/gpt-5 at acme (as gpt-5-2025-08-07) served it.",
                  "There was no choice: nobody else here has what was asked for.",
                  "Its answer was capped at 800 tokens, which is what a limit could pay.",
                  "What it cost is not known; it took 1.18s."});
}

TEST_CASE("many rivals are counted, not listed") {
  std::vector<Json> candidates = {candidate("p0/m", 0.9, 400, 0.001, 0.9)};
  for (int i = 1; i < 9; ++i)
    candidates.push_back(candidate("p" + std::to_string(i) + "/m", 0.5, 400, 0.001, 0.5));
  const auto sentences = why_sentences(chosen(candidates));
  CHECK(sentences[2] == "Further behind: p2/m, p3/m, p4/m, p5/m and 3 more.");
}

TEST_CASE("whatever a trace lacks or has instead, there is something to say and nothing breaks") {
  CHECK(rc::check([] {
    Json trace = won_by_cost();
    Json flat = trace.flatten();
    for (int changes = *rc::gen::inRange(1, 6); changes > 0; --changes) {
      const auto at = *rc::gen::inRange<std::size_t>(0, flat.size());
      auto field = flat.begin();
      std::advance(field, static_cast<std::ptrdiff_t>(at));
      const auto pointer = Json::json_pointer(field.key());
      trace[pointer] = *rc::gen::elementOf(std::vector<Json>{nullptr, "x", -1, 1.5, true});
    }
    RC_ASSERT_FALSE(why_sentences(trace).empty());
  }));
  CHECK_FALSE(why_sentences(nullptr).empty());
  CHECK_FALSE(why_sentences(Json::array()).empty());
}

TEST_CASE("why prints a sentence a line, or all of them as JSON") {
  const test::Home home;
  test::FakeDaemon daemon(home);
  Json trace = served();
  trace["requested_model"] = "gpt\x1b[31m";
  daemon.answer(control::path::trace_show, trace.dump());
  const auto ran = test::run_cli({"why", "0193"});
  CHECK(ran.code == 0);
  CHECK(ran.out.find('\x1b') == std::string::npos);
  CHECK(std::count(ran.out.begin(), ran.out.end(), '\n') == 3);
  const Json json = Json::parse(test::run_cli({"why", "0193", "--json"}).out);
  CHECK(json["schema"] == 1);
  CHECK(json["id"] == "0193");
  CHECK(json["why"].size() == 3);
  CHECK(test::run_cli({"why"}).code == 2);
}

}  // namespace routerone::cli
