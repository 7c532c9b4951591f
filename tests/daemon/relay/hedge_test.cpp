#include <doctest/doctest.h>

#include "daemon/relay/relay.h"
#include "tests/support/relay_fixture.h"

using namespace routerone;
using namespace routerone::test;
using namespace std::chrono_literals;

namespace {

Script stream_of(std::string_view word) {
  const auto event = [](std::string delta, std::string finish) {
    return "data: "
           "{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m-up\",\"choices\":"
           "[{\"index\":0,\"delta\":" +
           delta + ",\"finish_reason\":" + finish + "}]}\n\n";
  };
  const std::string usage =
      "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"m-up\",\"choices\":[],"
      "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}\n\n";
  return {{},
          200,
          {{"content-type", "text/event-stream"}},
          {event("{\"role\":\"assistant\",\"content\":\"" + std::string(word) + "\"}", "null"),
           event("{}", "\"stop\"") + usage + "data: [DONE]\n\n"}};
}

Script silent(Script script) {
  script.silent = true;
  return script;
}

Script failing(int status) {
  return {{}, status, {{"content-type", "application/json"}}, {R"({"error":{}})"}};
}

/// Of a model at two providers, `a` before `b`, the first answers its first byte in 0.1 s, usually.
struct Hedged : RelayFixture {
  Hedged() {
    data.edit = [this](ControlData& control) {
      ProjectRecord& team = control.projects.emplace_back();
      team.name = "team";
      team.routing.hedge = on;
      control.keys.front().project = "team";
      if (limit) control.keys.front().limits.spend = SpendLimit{*limit};
    };
    reload();
    for (int i = 0; i < 40; ++i) {
      const auto began = routes.health.begin("a/m-a");
      routes.health.ended("a/m-a", *began, FailureClass::none, {},
                          {.first_byte = routing::Seconds(0.1)});
    }
    upstream.on_silence = [this] {
      if (upstream.silent.size() == 1) tick();
    };
  }
  /// Time passes only while somebody is silent.
  void tick() {
    if (upstream.silent.empty()) return;
    clock.advance(1ms);
    if (each_tick) each_tick();
    loop.post([this] { tick(); });
  }
  /// Long after a second one was due: deadlines are looked at now and then only, so three of them
  /// in turn.
  net::Task<void> release_late() {
    for (int i = 0; i < 3; ++i) co_await net::sleep_for(loop, Millis(1'000));
    release(0);
  }
  void wait_out_the_first() {
    upstream.on_silence = [this] {
      if (upstream.asked.size() > 1) return;
      tick();
      loop.spawn(release_late());
    };
  }
  void release(std::size_t which) {
    if (which < upstream.silent.size()) upstream.silent[which]->set();
  }
  void reload() { use(data.snapshot()); }

  Seen ask_for_a_stream() {
    return ask("/v1/chat/completions",
               R"({"model":"lab/m","stream":true,"max_tokens":50,"messages":[{"role":"user",)"
               R"("content":"hi"}],"stream_options":{"include_usage":true}})");
  }
  std::string asked() const {
    std::string all;
    for (const auto& one : upstream.asked) all += one.provider;
    return all;
  }
  const TraceRow& row() const { return rows().back(); }

  bool on = true;
  std::optional<Money> limit;
  std::function<void()> each_tick;
};

}  // namespace

TEST_CASE_FIXTURE(Hedged, "who is later than in 95 of 100 requests gets company, and loses to it") {
  upstream.scripts = {silent(stream_of("slow")), stream_of("quick")};
  const Seen seen = ask_for_a_stream();
  CHECK(asked() == "ab");
  CHECK(seen.ended);
  CHECK(seen.got.find("quick") != std::string::npos);
  CHECK(seen.got.find("slow") == std::string::npos);
  CHECK(seen.field("x-routerone-provider") == "b");

  CHECK(row().provider == "b");
  CHECK(row().state == FinalState::completed);
  CHECK(row().route == Route::fallback);
  CHECK(row().fallback_from == "a/m-a");
  CHECK(row().fallback_reason == "late");
  REQUIRE(row().attempts.size() == 2);
  CHECK(row().attempts[0].provider == "a");
  CHECK(row().attempts[0].failure == FailureClass::cancelled);
  CHECK(row().attempts[0].error_code == "hedged");
  CHECK(row().attempts[0].latency >= 100ms);
  CHECK(row().attempts[1].provider == "b");
  CHECK(row().attempts[1].failure == FailureClass::none);
}

TEST_CASE_FIXTURE(Hedged, "what the loser may charge for is shown, and paid for") {
  upstream.scripts = {silent(stream_of("slow")), stream_of("quick")};
  ask_for_a_stream();
  REQUIRE(row().attempts[0].cost);
  CHECK(row().attempts[0].cost->picousd > 0);
  const Money served{10 * 1'000'000 + 5 * 2'000'000};
  CHECK(*row().cost == served + *row().attempts[0].cost);
}

TEST_CASE_FIXTURE(Hedged, "whoever was asked first may still win") {
  upstream.scripts = {silent(stream_of("first")), silent(stream_of("second"))};
  each_tick = [this] {
    if (upstream.silent.size() == 2) release(0);
  };
  const Seen seen = ask_for_a_stream();
  CHECK(asked() == "ab");
  CHECK(seen.got.find("first") != std::string::npos);
  CHECK(row().provider == "a");
  CHECK(row().route == Route::primary);
  REQUIRE(row().attempts.size() == 2);
  CHECK(row().attempts[0].provider == "b");
  CHECK(row().attempts[0].error_code == "hedged");
  CHECK(row().attempts[1].provider == "a");
  CHECK(row().attempts[1].status == 200);
  CHECK(routes.health.view("a/m-a").in_flight == 0);
  CHECK(routes.health.view("b/m-b").in_flight == 0);
}

TEST_CASE_FIXTURE(Hedged, "one that fails leaves the other one to answer") {
  SUBCASE("the one that was asked beside it") {
    upstream.scripts = {silent(stream_of("late")), failing(503)};
    wait_out_the_first();  // long after the other one has failed
    const Seen seen = ask_for_a_stream();
    CHECK(seen.got.find("late") != std::string::npos);
    REQUIRE(row().attempts.size() == 2);
    CHECK(row().attempts[0].provider == "b");
    CHECK(row().attempts[0].failure == FailureClass::server_error);
    CHECK(row().attempts[0].status == 503);
    CHECK(row().attempts[1].provider == "a");
    CHECK(row().route == Route::primary);
  }
  SUBCASE("the late one") {
    Script dies = silent({});
    dies.refuse = upstream::FaultKind::closed_before_head;
    upstream.scripts = {dies, silent(stream_of("second"))};
    each_tick = [this] {
      if (upstream.silent.size() < 2) return;
      net::Event* const second = upstream.silent[1];
      release(0);
      second->set();
    };
    const Seen seen = ask_for_a_stream();
    CHECK(seen.got.find("second") != std::string::npos);
    REQUIRE(row().attempts.size() == 2);
    CHECK(row().attempts[0].provider == "a");
    CHECK(row().attempts[0].failure == FailureClass::cut);
    CHECK(row().attempts[1].provider == "b");
    CHECK(row().fallback_reason == "cut");
  }
}

TEST_CASE_FIXTURE(Hedged, "nobody is asked beside a late one unless the project wants it") {
  on = false;
  reload();
  upstream.scripts = {silent(stream_of("late")), stream_of("other")};
  wait_out_the_first();
  const Seen seen = ask_for_a_stream();
  CHECK(asked() == "a");
  CHECK(seen.got.find("late") != std::string::npos);
}

TEST_CASE_FIXTURE(Hedged, "under a spend limit both of them are held for") {
  limit = Money{1'000'000'000'000};
  reload();
  upstream.scripts = {stream_of("at once")};
  ask_for_a_stream();
  const Money one = *row().reserved;
  upstream.scripts = {silent(stream_of("slow")), stream_of("quick")};
  ask_for_a_stream();
  CHECK(row().provider == "b");
  CHECK(row().reserved->picousd >= 2 * one.picousd);
}

TEST_CASE_FIXTURE(Hedged, "there is no second one without the money for both") {
  limit = Money{1'000'000'000'000};
  reload();
  upstream.scripts = {stream_of("at once")};
  ask_for_a_stream();
  limit = Money{row().reserved->picousd * 3 / 2};
  reload();
  upstream.asked.clear();
  upstream.scripts = {silent(stream_of("late")), stream_of("other")};
  wait_out_the_first();
  const Seen seen = ask_for_a_stream();
  CHECK(asked() == "a");
  CHECK(seen.got.find("late") != std::string::npos);
  CHECK(row().state == FinalState::completed);
}

TEST_CASE_FIXTURE(Hedged, "a caller who leaves in the middle takes both of them along") {
  upstream.scripts = {silent(stream_of("late")), silent(stream_of("other"))};
  each_tick = [this] {
    if (upstream.silent.size() == 2) exchange->gone().request();
  };
  ask_for_a_stream();
  CHECK(asked() == "ab");
  CHECK(row().state == FinalState::client_gone);
  CHECK(upstream.silent.empty());
  CHECK(routes.health.view("a/m-a").in_flight == 0);
  CHECK(routes.health.view("b/m-b").in_flight == 0);
}

TEST_CASE_FIXTURE(Hedged, "that one was late is learned, though it was never heard") {
  const auto usual = *routing::first_byte_p95(routes.health.view("a/m-a"));
  upstream.scripts = {silent(stream_of("slow")), stream_of("quick")};
  ask_for_a_stream();
  const auto view = routes.health.view("a/m-a");
  CHECK(*routing::first_byte_p95(view) > usual);
  CHECK(view.failure_share == 0);
  CHECK(view.state == routing::Breaker::State::closed);
}

TEST_CASE_FIXTURE(Hedged, "whole answers are awaited: when their first byte is due is not known") {
  upstream.scripts = {silent(failing(503)), failing(503)};
  wait_out_the_first();
  ask("/v1/chat/completions", R"({"model":"lab/m","messages":[{"role":"user","content":"hi"}]})");
  REQUIRE(row().attempts.size() == 2);
  CHECK(row().attempts[0].provider == "a");
  CHECK(row().attempts[0].failure == FailureClass::server_error);
}
