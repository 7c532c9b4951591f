#include "daemon/store/decision_json.h"

#include "common/json/json.h"
#include "tests/daemon/store/fixture.h"
#include "tests/support/decisions.h"

using namespace routerone;
using namespace routerone::store;
using test::same;
using test::some_decision;

namespace {

/// As real ones are: names shared, most numbers with all their digits.
Decision usual_decision(int candidates) {
  Decision made;
  made.dice = 3'141'592'653;
  made.sticky = "provider-2/gpt-5-2025-08-07";
  for (int i = 0; i < candidates; ++i) {
    const double bit = (i + 1) / 7.0;
    made.candidates.push_back(
        {name_target({"provider-" + std::to_string(i), "", "openai/gpt-5", "gpt-5-2025-08-07"}),
         0,
         false,
         {1.2345678 * bit, 0.0123456789 * bit, 0.71, bit / 100, 1, i, 1, false, false},
         {bit / 3, bit / 11, 0.71, 1 - bit / 100, bit / 13}});
    made.order.push_back(static_cast<std::size_t>(i));
  }
  return made;
}

}  // namespace

TEST_CASE("any decision comes back from its text to the bit") {
  CHECK(rc::check([] {
    const Decision decision = some_decision();
    const auto read = decision_of(decision_text(decision));
    RC_ASSERT(read.has_value());
    RC_ASSERT(same(read->decision, decision));
    RC_ASSERT(read->candidates_left_out == 0);
    RC_ASSERT(read->exclusions_left_out == 0);
  }));
}

TEST_CASE("the text of any decision is one line of JSON") {
  CHECK(rc::check([] {
    const std::string text = decision_text(some_decision());
    RC_ASSERT(parse_json(text).has_value());
    RC_ASSERT(text.find('\n') == text.npos);
  }));
}

TEST_CASE("of a decision too large the first of the order are kept and the rest is counted") {
  Decision decision = usual_decision(40);
  std::reverse(decision.order.begin(), decision.order.end());
  for (int i = 0; i < 33; ++i) decision.excluded.push_back({"m", std::to_string(i), "tools"});
  const auto read = decision_of(decision_text(decision));
  REQUIRE(read.has_value());
  CHECK(read->candidates_left_out == 8);
  CHECK(read->exclusions_left_out == 1);
  CHECK(read->decision.excluded.back().provider == "31");
  REQUIRE(read->decision.order.size() == most_candidates_kept);
  CHECK(read->decision.candidates.front().name->provider == "provider-8");
  CHECK(read->decision.candidates[read->decision.order.front()].name->provider == "provider-39");
  CHECK(read->decision.candidates[read->decision.order.back()].name->provider == "provider-8");
}

TEST_CASE("those that could not be called are left out before those that could") {
  Decision decision = usual_decision(40);
  decision.order = {39};
  const auto read = decision_of(decision_text(decision));
  REQUIRE(read.has_value());
  CHECK(read->decision.candidates.size() == most_candidates_kept);
  REQUIRE(read->decision.order.size() == 1);
  CHECK(read->decision.candidates[read->decision.order.front()].name->provider == "provider-39");
}

TEST_CASE("text that is damaged anywhere is no decision, or one that can be written again") {
  CHECK(rc::check([] {
    std::string text = decision_text(some_decision(3, 2));
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    switch (*rc::gen::inRange(0, 3)) {
      case 0:
        text.erase(at);
        break;
      case 1:
        text[at] = *rc::gen::arbitrary<char>();
        break;
      default:
        text.insert(at, 1, *rc::gen::elementOf(std::string("0,[]\"{}\\1n-")));
    }
    const auto read = decision_of(text);
    if (!read) return;
    for (const std::size_t place : read->decision.order)
      RC_ASSERT(place < read->decision.candidates.size());
    const auto again = decision_of(decision_text(read->decision));
    RC_ASSERT(again.has_value());
  }));
}

TEST_CASE("what is not a decision's text is none") {
  const std::string one = decision_text(usual_decision(1));
  REQUIRE(decision_of(one).has_value());
  std::string many = R"({"w":[1,1,1],"d":1,"c":[)";
  for (int i = 0; i < 33; ++i)
    many += std::string(i ? "," : "") + R"(["a","b","c","d",0,0,1,1,1,0,1,0,1,1,1,1,1,1])";
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("{}"), std::string("[]"), one + " ",
        one + "}", " " + one, one.substr(0, one.size() - 1), many + R"(],"o":[]})",
        std::string(R"({"w":[1,1,1],"d":1,"c":[],"o":[0]})"),
        std::string(R"({"w":[1,1,1],"d":-1,"c":[],"o":[]})"),
        std::string(R"({"w":[1,1],"d":1,"c":[],"o":[]})"),
        std::string(R"({"w":[1,1,1],"d":4294967296,"c":[],"o":[]})")})
    CHECK_MESSAGE(!decision_of(text).has_value(), text);
  CHECK(decision_of(R"({"w":[1,1,1],"d":1,"c":[],"o":[]})").has_value());
}

TEST_CASE("a row of three candidates is short, one of twenty is bounded") {
  CHECK(decision_text(usual_decision(3)).size() < 800);
  CHECK(decision_text(usual_decision(20)).size() < 5'000);
  MESSAGE("bytes of a decision: " << decision_text(usual_decision(3)).size() << " with 3, "
                                  << decision_text(usual_decision(20)).size()
                                  << " with 20 candidates");
}

TEST_CASE("a row comes back from the database with its decision, another one without") {
  Fixture f;
  REQUIRE(f.open().has_value());
  TraceRow row = f.row();
  row.decision = usual_decision(40);
  row.attempts = {{.provider = "acme", .account = "second"}, {.provider = "acme"}};
  REQUIRE(f.commit({row, {}}));
  const TraceRow plain = f.row();
  REQUIRE(f.commit({plain, {}}));
  const auto found = f.store->find(row.id);
  REQUIRE(found->has_value());
  REQUIRE((*found)->row.decision.has_value());
  CHECK((*found)->row.decision->dice == row.decision->dice);
  CHECK((*found)->candidates_left_out == 8);
  CHECK((*found)->row.attempts[0].account == "second");
  CHECK((*found)->row.attempts[1].account.empty());
  CHECK(f.text("SELECT attempts FROM traces ORDER BY sequence LIMIT 1").find("account") ==
        f.text("SELECT attempts FROM traces ORDER BY sequence LIMIT 1").rfind("account"));
  CHECK_FALSE((*f.store->find(plain.id))->row.decision.has_value());
  CHECK(f.number("SELECT count(*) FROM traces WHERE routing IS NULL") == 1);
}

TEST_CASE("a row whose decision was damaged is read without it") {
  Fixture f;
  REQUIRE(f.open().has_value());
  TraceRow row = f.row();
  row.decision = usual_decision(2);
  REQUIRE(f.commit({row, {}}));
  f.store.reset();
  {
    SQLite::Database db(f.options.database.string(), SQLite::OPEN_READWRITE, 2000);
    db.exec("UPDATE traces SET routing = substr(routing, 1, 40)");
  }
  REQUIRE(f.open().has_value());
  const auto found = f.store->find(row.id);
  REQUIRE(found->has_value());
  CHECK_FALSE((*found)->row.decision.has_value());
  CHECK((*found)->row.model == row.model);
}
