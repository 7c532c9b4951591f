#include "daemon/store/past.h"

#include "tests/daemon/store/fixture.h"

using namespace routerone;
using namespace routerone::store;

namespace {

std::vector<PastRequest> all_past(const Fixture& f, const Query& query = {}) {
  std::vector<PastRequest> told;
  const auto done =
      f.store->visit_past(query, [&](const PastRequest& past) { told.push_back(past); });
  CHECK(done.has_value());
  return told;
}

}  // namespace

TEST_CASE("past requests are told by the time they came, not by the time they were committed") {
  Fixture f;
  REQUIRE(f.open().has_value());
  const WallTime now = f.system.wall();
  for (const int minutes : {3, 1, 2, 1}) {
    auto record = f.record();
    record.row.time = now + std::chrono::minutes(minutes);
    record.row.session = std::to_string(minutes);
    REQUIRE(f.commit(std::move(record)));
  }
  std::string order;
  for (const PastRequest& past : all_past(f)) order += past.session;
  CHECK(order == "1123");
}

TEST_CASE("each of more rows than are read at once is told once, of its filter only") {
  Fixture f;
  REQUIRE(f.open().has_value());
  constexpr int rows = 4'500;
  const WallTime now = f.system.wall();
  for (int i = 0; i < rows; ++i) {
    auto record = f.record();
    record.row.time = now + std::chrono::seconds(i / 700);  // many at one time
    record.row.key_name = i % 3 == 0 ? "other" : "ci";
    record.row.session = std::to_string(i);
    f.store->submit(std::move(record), nullptr);
  }
  REQUIRE(eventually([&] { return f.store->newest_sequence() == rows; }));
  const auto told = all_past(f);
  REQUIRE(told.size() == rows);
  for (int i = 0; i < rows; ++i)
    CHECK(told[static_cast<std::size_t>(i)].session == std::to_string(i));
  Condition of_others{"key", Condition::Op::equal, false, 0, "other"};
  CHECK(all_past(f, {.where = {of_others}}).size() == rows / 3);
}

TEST_CASE("a past request has what it takes to judge it again") {
  Fixture f;
  REQUIRE(f.open().has_value());
  CommitRecord record = f.record(4'200);
  TraceRow& row = record.row;
  row.upstream_model = "gpt-5-2025-08-07";
  row.session = "s-1";
  row.state = FinalState::client_gone;
  row.attempts = {{.provider = "acme", .failure = FailureClass::connect}, {.provider = "openai"}};
  DecidedCandidate candidate;
  candidate.name = name_target({"openai", "", "openai/gpt-5", "gpt-5-2025-08-07"});
  row.decision.emplace().candidates.assign(33, candidate);
  row.decision->dice = 7;
  REQUIRE(f.commit(record));
  auto plain = f.record();
  plain.row.cost.reset();
  plain.row.time += std::chrono::seconds(1);
  REQUIRE(f.commit(plain));
  const auto told = all_past(f);
  REQUIRE(told.size() == 2);
  const PastRequest& past = told.front();
  CHECK(std::chrono::floor<std::chrono::microseconds>(row.time) == past.time);
  CHECK(past.key_id == "key-1");
  CHECK(past.key_name == "ci");
  CHECK(past.project == "default");
  CHECK(past.session == "s-1");
  CHECK(past.provider == "openai");
  CHECK(past.upstream_model == "gpt-5-2025-08-07");
  CHECK(past.state == FinalState::client_gone);
  CHECK(past.cost == Money{4'200});
  REQUIRE(past.attempts.size() == 2);
  CHECK(past.attempts[0].failure == FailureClass::connect);
  REQUIRE(past.decision.has_value());
  CHECK(past.decision->dice == 7);
  CHECK_FALSE(past.decision_is_whole);
  CHECK_FALSE(told.back().decision.has_value());
  CHECK_FALSE(told.back().cost.has_value());
}
