#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string>

#include "common/core/ids.h"
#include "common/core/random.h"
#include "daemon/exchange/trace_row.h"

namespace routerone::test {

/// Makes the rows that a busy developer's gateway would write: a dozen keys, agents in sessions,
/// ten models at five providers, a few failures of each kind, now and then a fallback. The n-th row
/// is the same in every run.
class TraceMaker {
 public:
  /// Rows of `length`, evenly spread, the last of them at its end.
  TraceMaker(WallTime first, std::chrono::microseconds length, std::int64_t rows)
      : first_(first), length_(length), rows_(rows) {}

  CommitRecord make(std::int64_t n) const {
    Draw draw(static_cast<std::uint64_t>(n));
    CommitRecord record;
    TraceRow& row = record.row;
    describe_caller(row, n, draw);
    describe_target(row, draw);
    describe_end(row, draw);
    // A row is written when its answer ends, a little out of the order in which they began.
    const double part = static_cast<double>(n) / static_cast<double>(rows_);
    row.time = first_ +
               std::chrono::microseconds(
                   static_cast<std::int64_t>(part * static_cast<double>(length_.count()))) -
               std::chrono::microseconds(draw.below(5'000'000));
    row.id = make_uuid_v7(row.time, draw);
    if (row.cost && row.cost->picousd > 0)
      for (auto& scope : {std::string("wallet"), "project:" + row.project, "key:" + row.key_id})
        record.moves.push_back({scope, *row.cost});
    return record;
  }

 private:
  /// splitmix64, Vigna 2015: begun with a row's number, it gives the same draws for it every time.
  struct Draw final : Random {
    explicit Draw(std::uint64_t seed) : state(seed * 0x9e3779b97f4a7c15u) {}
    std::uint64_t next() {
      std::uint64_t mixed = (state += 0x9e3779b97f4a7c15u);
      mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
      mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
      return mixed ^ (mixed >> 31);
    }
    std::int64_t below(std::int64_t most) {
      return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most));
    }
    void fill(std::span<std::uint8_t> out) override {
      for (auto& byte : out) byte = static_cast<std::uint8_t>(next());
    }
    std::uint64_t state;
  };

  static constexpr std::int64_t rows_a_session = 50, sessions_at_once = 6, keys = 12;

  static void describe_caller(TraceRow& row, std::int64_t n, Draw& draw) {
    const std::int64_t lane = draw.below(sessions_at_once);
    const std::int64_t session = n / (rows_a_session * sessions_at_once) * sessions_at_once + lane;
    const std::int64_t key = session % keys;
    row.key_id = fmt::format("01930000-0000-7000-8000-{:012}", key);
    row.key_name = fmt::format("key-{}", key);
    row.project = key % 4 == 0 ? "default" : fmt::format("project-{}", key % 4);
    row.client = key % 3 == 0 ? "codex_cli/0.169" : key % 3 == 1 ? "claude-cli/2.1" : "python/1.9";
    row.session = fmt::format("{:08x}-5e55-4000-8000-{:012x}",
                              session * 2'654'435'761 % (1ll << 32), session);
  }

  static void describe_target(TraceRow& row, Draw& draw) {
    const std::int64_t model = std::min(draw.below(10), draw.below(10));
    row.dialect = model % 2 == 0 ? "openai-chat" : "anthropic";
    row.operation = model % 2 == 0 ? "chat" : "messages";
    row.stream = draw.below(4) != 0;
    row.model = fmt::format("lab-{}/model-{}", model / 2, model);
    row.requested_model = fmt::format("model-{}", model);
    row.provider = fmt::format("provider-{}", model / 2);
    row.upstream_model = fmt::format("model-{}-2026-01-01", model);
    row.attempts = {
        {.provider = row.provider, .upstream_model = row.upstream_model, .status = 200}};
    row.upstream_request_id = fmt::format("req_{:016x}{:08x}", draw.next(), draw.next() >> 32);
    row.bytes_in = static_cast<std::uint64_t>(2'000 + draw.below(200'000));
    row.bytes_out = static_cast<std::uint64_t>(500 + draw.below(20'000));
  }

  static void describe_end(TraceRow& row, Draw& draw) {
    row.overhead = std::chrono::microseconds(60 + draw.below(200));
    row.latency =
        std::chrono::microseconds((200'000 + draw.below(3'000'000)) * (1 + draw.below(6)));
    row.attempts.front().latency = row.latency;
    const std::int64_t luck = draw.below(1'000);
    if (luck < 40) return fail(row, luck);
    row.status = 200;
    row.finish_reason = draw.below(3) == 0 ? "tool_calls" : "stop";
    row.ttft = row.latency / (2 + draw.below(8));
    row.usage.input = 200 + draw.below(4'000);
    row.usage.cache_read = draw.below(60'000);
    row.usage.output = 20 + draw.below(2'000);
    row.usage_source = UsageSource::upstream;
    row.price_source = PriceSource::catalog;
    row.cost = Money{*row.usage.input * 3'000'000 + *row.usage.cache_read * 300'000 +
                     *row.usage.output * 15'000'000};
    if (luck < 60) fall_back(row);
    if (luck == 999) row.cost.reset();
  }

  static void fail(TraceRow& row, std::int64_t luck) {
    struct End {
      int status;
      const char* error;
      FinalState state;
    };
    constexpr std::array<End, 4> ends = {{{429, "rate_limited", FinalState::upstream_failed},
                                          {503, "overloaded", FinalState::upstream_failed},
                                          {402, "budget", FinalState::refused},
                                          {500, "server_error", FinalState::upstream_failed}}};
    const End& end = ends[static_cast<std::size_t>(luck % 8 < 4 ? 0 : luck % 4)];
    row.status = row.attempts.front().status = end.status;
    row.error = end.error;
    row.state = end.state;
    row.cost = Money{};
    if (end.state == FinalState::refused) row.attempts.clear();
  }

  static void fall_back(TraceRow& row) {
    row.route = Route::fallback;
    row.fallback_from = "provider-9/" + row.upstream_model;
    row.fallback_reason = "overloaded";
    row.attempts.insert(row.attempts.begin(), {.provider = "provider-9",
                                               .upstream_model = row.upstream_model,
                                               .status = 503,
                                               .failure = FailureClass::overloaded});
  }

  WallTime first_;
  std::chrono::microseconds length_;
  std::int64_t rows_;
};

}  // namespace routerone::test
