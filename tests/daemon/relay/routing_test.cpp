#include <doctest/doctest.h>

#include "daemon/relay/relay.h"
#include "tests/support/relay_fixture.h"

using namespace routerone;
using namespace routerone::test;

namespace {

const std::string answer =
    R"({"id":"c1","object":"chat.completion","model":"m-up","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}})";

Script json_of(int status, std::string body,
               std::vector<std::pair<std::string, std::string>> fields = {}) {
  fields.emplace_back("content-type", "application/json");
  return {{}, status, std::move(fields), {std::move(body)}, {}};
}
const Script served = json_of(200, answer);
const Script broken = json_of(503, "{\"error\":{}}");

/// Two equal providers, `a` and `b`: who is asked is decided by what is known of them.
struct Routed : RelayFixture {
  Routed() {
    data.edit = [this](ControlData& control) {
      for (ProviderRecord& provider : control.providers) provider.priority = 0;
      control.settings.weights = weights;
      control.candidates = candidates;
      control.prices = {{"lab/m", R"({"input":1,"output":2})"}};
    };
    reload();
  }
  void reload() { use(data.snapshot()); }

  /// Asks and tells which provider served; `-`: none.
  std::string served_by(std::string_view more = R"("model":"lab/m")") {
    const std::string body =
        "{" + std::string(more) + R"(,"messages":[{"role":"user","content":"hi"}]})";
    const Seen seen = ask("/v1/chat/completions", body);
    const std::string by = seen.field("x-routerone-provider");
    return by.empty() ? "-" : by;
  }
  const TraceRow& row() const { return rows().back(); }

  RouteWeights weights;
  std::vector<CandidatesRecord> candidates;
};

/// Long enough for a provider to cache it.
const std::string long_words = R"("model":"lab/m","metadata":")" + std::string(5000, 'x') + "\"";

}  // namespace

TEST_CASE_FIXTURE(Routed,
                  "after three failures a provider is not asked while another one is well") {
  weights = {0, 1, 0};
  data.edit = [](ControlData&) {};  // `a` before `b`, by priority
  reload();
  for (int i = 0; i < 3; ++i) {
    upstream.scripts = {broken, served};
    CHECK(served_by() == "b");
  }
  upstream.asked.clear();
  upstream.scripts = {served};
  CHECK(served_by() == "b");
  CHECK(upstream.asked.size() == 1);
  CHECK(row().route == Route::fallback);
  CHECK(row().fallback_from == "a/m-a");
  CHECK(row().fallback_reason == "server_error");

  clock.advance(std::chrono::seconds(2));
  upstream.scripts = {served};
  CHECK(served_by() == "a");
  CHECK(row().route == Route::primary);
}

TEST_CASE_FIXTURE(Routed, "the only provider there is is asked although it failed") {
  data.edit = [](ControlData& control) { control.providers.pop_back(); };
  reload();
  for (int i = 0; i < 5; ++i) {
    upstream.scripts = {broken};
    served_by();
  }
  CHECK(upstream.asked.size() == 5);
}

TEST_CASE_FIXTURE(Routed, "the decision stands in the trace") {
  upstream.scripts = {served};
  served_by();
  REQUIRE(row().decision);
  CHECK(row().decision->candidates.size() == 2);
  CHECK(row().decision->order.size() == 2);
}

TEST_CASE_FIXTURE(Routed, "a request's own weights go before those that are set") {
  more_fields = {{"x-routerone-weights", "cost=1,latency=0,quality=0"}};
  upstream.scripts = {served};
  served_by();
  CHECK(row().decision->weights == RouteWeights{0, 1, 0});
  CHECK(upstream.asked.back().fields.end() ==
        std::find_if(upstream.asked.back().fields.begin(), upstream.asked.back().fields.end(),
                     [](const auto& field) { return field.first == "x-routerone-weights"; }));

  more_fields = {{"x-routerone-weights", "speed=1"}};
  const Seen seen = ask("/v1/chat/completions", R"({"model":"lab/m","messages":[]})");
  CHECK(seen.status == 400);
  CHECK(seen.got.find("x-routerone-weights") != std::string::npos);
  CHECK(seen.got.find("speed") != std::string::npos);
}

TEST_CASE_FIXTURE(Routed, "a session stays where it was served, others are spread") {
  more_fields = {{"x-session-id", "s-1"}};
  upstream.scripts = {served};
  const std::string first = served_by(long_words);
  for (int i = 0; i < 30; ++i) {
    upstream.scripts = {served};
    CHECK(served_by(long_words) == first);
  }
  CHECK(row().decision->sticky == first + "/m-" + first);
  int moved = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "s-" + std::to_string(100 + i);
    more_fields = {{"x-session-id", name}};
    upstream.scripts = {served};
    moved += served_by(long_words) != first;
  }
  CHECK(moved > 3);
  CHECK(moved < 27);
}

TEST_CASE_FIXTURE(Routed, "a session whose provider failed stays with the one that took it over") {
  more_fields = {{"x-session-id", "s-1"}};
  upstream.scripts = {served};
  const std::string first = served_by(long_words);
  const std::string other = first == "a" ? "b" : "a";
  upstream.scripts = {broken, served};
  CHECK(served_by(long_words) == other);
  for (int i = 0; i < 10; ++i) {
    upstream.scripts = {served};
    CHECK(served_by(long_words) == other);
  }
}

TEST_CASE_FIXTURE(Routed, "a session that names itself nowhere is known by how it began") {
  const auto turn = [&](const std::string& question, const std::string& then) {
    upstream.scripts = {served};
    const Seen seen = ask("/v1/chat/completions",
                          R"({"model":"lab/m","messages":[{"role":"system","content":")" +
                              std::string(5000, 'x') + R"("},{"role":"user","content":")" +
                              question + "\"}" + then + "]}");
    return seen.field("x-routerone-provider");
  };
  const std::string first = turn("one", "");
  for (int i = 0; i < 10; ++i) {
    CHECK(turn("one", R"(,{"role":"assistant","content":"a"},{"role":"user","content":"b"})") ==
          first);
  }
  int moved = 0;
  for (int i = 0; i < 20; ++i) moved += turn("two" + std::to_string(i), "") != first;
  CHECK(moved > 2);
}

TEST_CASE_FIXTURE(Routed, "what is too short to be cached keeps nobody") {
  more_fields = {{"x-session-id", "s-1"}};
  upstream.scripts = {served};
  served_by();
  upstream.scripts = {served};
  served_by();
  CHECK(row().decision->sticky.empty());
}

TEST_CASE_FIXTURE(Routed, "auto says which model served, and the trace that it was chosen") {
  candidates = {{"auto", {"lab/m"}}};
  reload();
  upstream.scripts = {served};
  const Seen seen = ask("/v1/chat/completions",
                        R"({"model":"auto","messages":[{"role":"user","content":"hi"}]})");
  CHECK(seen.status == 200);
  CHECK(seen.field("x-routerone-route") == "auto");
  CHECK(seen.field("x-routerone-model") == "lab/m");
  CHECK(row().route == Route::automatic);
  CHECK(row().model == "lab/m");
  CHECK(row().requested_model == "auto");
}

TEST_CASE_FIXTURE(Routed, "words about the route are obeyed and do not go up") {
  upstream.scripts = {served};
  CHECK(served_by(R"("model":"lab/m","provider":{"order":["b"],"allow_fallbacks":false})") == "b");
  CHECK(upstream.asked.back().body ==
        R"({"model":"m-b","messages":[{"role":"user","content":"hi"}]})");
  upstream.scripts = {served};
  CHECK(served_by(R"("model":"lab/m","provider":{"ignore":["b"]})") == "a");
  upstream.asked.clear();
  upstream.scripts = {broken, served};
  CHECK(served_by(R"("model":"lab/m","provider":{"allow_fallbacks":false})") == "-");
  CHECK(upstream.asked.size() == 1);
}

TEST_CASE_FIXTURE(Routed, "a provider that tells of its last few requests is spared") {
  upstream.scripts = {
      json_of(200, answer,
              {{"x-ratelimit-limit-requests", "1000"}, {"x-ratelimit-remaining-requests", "1"}})};
  const std::string first = served_by();
  for (int i = 0; i < 10; ++i) {
    upstream.scripts = {served};
    CHECK(served_by() != first);
  }
}

TEST_CASE_FIXTURE(Routed, "a project may be allowed more or fewer switches than others") {
  data.edit = [](ControlData& control) {
    control.projects.push_back({"default", {}, {}, {}});
    control.projects.back().routing.failover_switches = 0;
  };
  reload();
  upstream.scripts = {broken, served};
  CHECK(served_by() == "-");
  CHECK(upstream.asked.size() == 1);
}
