#include "daemon/trace/filter.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

using namespace routerone;
using namespace routerone::trace;
using Op = store::Condition::Op;

namespace {

const WallTime now = wall_from_micros(1'795'176'000'000'000);

store::Condition read(const std::string& term) {
  const std::vector<std::string> terms = {term};
  const auto query = parse_filter(terms, now);
  CAPTURE(term);
  REQUIRE(query.has_value());
  REQUIRE(query->where.size() == 1);
  return query->where.front();
}

Error refused(const std::string& term) {
  const std::vector<std::string> terms = {term};
  const auto query = parse_filter(terms, now);
  CAPTURE(term);
  REQUIRE_FALSE(query.has_value());
  return query.error();
}

}  // namespace

TEST_CASE("every form of the manual is read") {
  CHECK(read("key=ci").text == "ci");
  CHECK(read("key=ci").op == Op::equal);
  CHECK(read("model=openai/*").op == Op::glob);
  CHECK(read("provider!=openai").op == Op::not_equal);
  CHECK(read("session=a=b").text == "a=b");
  CHECK(read("error=").text.empty());
  CHECK(read("route=fallback").text == "fallback");
  CHECK(read("state=client_gone").text == "client_gone");
  CHECK(read("status=429").number == 429);
  CHECK(read("status==429").op == Op::equal);
  CHECK(read("status>=500").op == Op::greater_equal);
  CHECK(read("cost>0.01").number == 10'000'000'000);
  CHECK(read("cost>0.01").op == Op::greater);
  CHECK(read("latency>2s").number == 2'000'000);
  CHECK(read("latency<=1.5s").number == 1'500'000);
  CHECK(read("ttft<250ms").number == 250'000);
  CHECK(read("overhead>84us").number == 84);
  CHECK(read("latency>2m").number == 120'000'000);
  CHECK(read("stream=true").number == 1);
  CHECK(read("input_tokens>1000").column == "input_tokens");
}

TEST_CASE("since and until take durations, dates and times") {
  const auto since = read("since=2h");
  CHECK(since.column == "time");
  CHECK(since.op == Op::greater_equal);
  CHECK(since.number == micros_since_epoch(now) - 7'200'000'000);
  const auto until = read("until=2026-11-20T12:00:00Z");
  CHECK(until.op == Op::less);
  CHECK(until.number == micros_since_epoch(now));
  CHECK(read("since=2026-11-20").number == micros_since_epoch(now) - 43'200'000'000);
}

TEST_CASE("what is wrong with a term is said, and what would be right") {
  CHECK(refused("modell=gpt").hint.find("did you mean model") != std::string::npos);
  CHECK(refused("modell=gpt").hint.find("since") != std::string::npos);
  CHECK(refused("route=sideways").message.find("primary fallback auto") != std::string::npos);
  CHECK(refused("route=primry").hint == "did you mean route=primary?");
  for (const char* term :
       {"", "gpt-5", "=x", "status", "status=abc", "status=-1", "cost=cheap", "cost>1e-13",
        "latency>2", "latency>fast", "latency>-1s", "stream=yes", "stream>true", "key<ci",
        "since>2h", "since=soon", "key!ci", "state=done", "latency>99999999999h"})
    CHECK(refused(term).kind == ErrorKind::invalid);
  CHECK(refused("key=" + std::string(300, 'x')).message.find("too long") != std::string::npos);
  CHECK(refused("\x1b[31m=1").message.find('\x1b') == std::string::npos);
}

TEST_CASE("terms are joined, and there may be only so many") {
  const std::vector<std::string> two = {"key=ci", "status>=500"};
  CHECK(parse_filter(two, now)->where.size() == 2);
  CHECK(parse_filter({}, now)->where.empty());
  const std::vector<std::string> many(33, "key=ci");
  CHECK_FALSE(parse_filter(many, now).has_value());
}

TEST_CASE("any text is read or refused, and never reaches a column of its own making") {
  const auto fields = filter_fields();
  CHECK(rc::check([&](const std::string& field, const std::string& value) {
    const std::vector<std::string> terms = {field + "=" + value};
    const auto query = parse_filter(terms, now);
    if (query && !query->where.empty()) {
      const auto& column = query->where.front().column;
      RC_ASSERT(column == "time" ||
                std::find(fields.begin(), fields.end(), column) != fields.end());
    }
  }));
}
