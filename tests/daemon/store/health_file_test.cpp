#include "daemon/store/health_file.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sys/stat.h>

#include <fstream>

#include "common/platform/files.h"
#include "tests/support/temp_dir.h"

using namespace routerone;
using namespace std::chrono_literals;

namespace {

const WallTime noon = wall_from_micros(1'790'000'000'123'456);

HealthRecord served(const std::string& target) {
  HealthRecord one;
  one.target = target;
  one.first_byte = {120, 0.4321};
  one.per_token = {119, 0.0123};
  one.output_tokens = {118, 512.5};
  one.failures = {121, 0.01};
  one.log_first_byte = {120, -0.9};
  one.log_variance = 0.25;
  one.last_begun = noon;
  one.last_noted = noon - 1s;
  return one;
}

HealthRecord away(const std::string& target) {
  HealthRecord one = served(target);
  one.last_failed = noon - 2s;
  one.open = one.told = true;
  one.why = FailureClass::rate_limited;
  one.since = noon - 2s;
  one.until = noon + 30min;
  one.pause = 4s;
  return one;
}

const std::vector<HealthRecord> two{served("a/m"), away("b#second/n \"quoted\" \xc3\xa9")};

void put(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("what is known of targets comes back as it was written, in a file of the user's alone") {
  const test::TempDir dir;
  const auto path = dir.path() / "health.json";
  REQUIRE(store::save_health(path, two));
  CHECK(store::load_health(path) == two);
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("where there is no file nothing is known, and that is no error") {
  const test::TempDir dir;
  const auto loaded = store::load_health(dir.path() / "health.json");
  REQUIRE(loaded);
  CHECK(loaded->empty());
}

TEST_CASE("a file that was cut short is an error that names it, wherever it was cut") {
  const test::TempDir dir;
  const auto path = dir.path() / "health.json";
  const std::string whole = store::write_health(two);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put(path, whole.substr(0, length));
    const auto loaded = store::load_health(path);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().message.find(path.string()) != std::string::npos);
  }
}

TEST_CASE("bytes that were changed lead to an error or to numbers that can be") {
  const std::string whole = store::write_health(two);
  rc::check([&](std::vector<std::pair<std::uint16_t, char>> changes) {
    std::string text = whole;
    for (const auto& [at, byte] : changes) text[at % text.size()] = byte;
    const auto loaded = store::read_health(text);
    if (!loaded) return;
    for (const HealthRecord& record : *loaded) {
      RC_ASSERT(record.first_byte.mean >= 0);
      RC_ASSERT(record.failures.mean <= 1);
      RC_ASSERT(record.log_variance >= 0);
    }
  });
}

TEST_CASE("random bytes are an error") {
  rc::check([](const std::string& text) { RC_ASSERT_FALSE(store::read_health(text)); });
}

TEST_CASE("what cannot be is refused, and the field named") {
  const std::vector<std::pair<std::string, std::string>> changes{
      {"0.4321", "-1"},     {"0.4321", "1e300"},  {"0.25", "\"much\""},
      {"\"a/m\"", "7"},     {"false", "0"},       {"[\n120,\n0.4321\n]", "[1]"},
      {"120", "1.5"},       {"120", "-3"},        {"1790000000123456", "\"noon\""},
      {"0.01\n", "1.01\n"}, {"\"none\"", "null"}, {"1790000000123456", "18446744073709551615"},
  };
  const std::string whole = store::write_health({served("a/m")});
  REQUIRE(store::read_health(whole));
  for (const auto& [from, to] : changes) {
    std::string text = whole;
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    text.replace(at, from.size(), to);
    INFO(from, " -> ", to);
    CHECK_FALSE(store::read_health(text));
  }
}

TEST_CASE("a file of another version is not used") {
  std::string text = store::write_health(two);
  text.replace(text.find("\"version\": 1"), 12, "\"version\": 2");
  const auto loaded = store::read_health(text);
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().message.find("version") != std::string::npos);
  CHECK_FALSE(store::read_health("[]"));
  CHECK_FALSE(store::read_health("{}"));
  CHECK_FALSE(store::read_health(R"({"version": 1, "targets": [3]})"));
}

TEST_CASE("ten thousand targets are kept, and no more") {
  const std::vector<HealthRecord> many(10'050, served("a/m"));
  const auto loaded = store::read_health(store::write_health(many));
  REQUIRE(loaded);
  CHECK(loaded->size() == 10'000);
}

TEST_CASE("a name that is not UTF-8 costs the others nothing") {
  const auto loaded = store::read_health(store::write_health({served("a/\xff"), served("b/m")}));
  REQUIRE(loaded);
  REQUIRE(loaded->size() == 2);
  CHECK((*loaded)[1].target == "b/m");
}
