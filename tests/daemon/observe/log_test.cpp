#include "daemon/observe/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "common/json/json.h"
#include "tests/support/temp_dir.h"

namespace routerone {
namespace {

/// Puts `fd` in the place of stderr while it lives.
class InPlaceOfStderr {
 public:
  explicit InPlaceOfStderr(int fd) : kept_(::dup(STDERR_FILENO)) { ::dup2(fd, STDERR_FILENO); }
  ~InPlaceOfStderr() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }
  InPlaceOfStderr(const InPlaceOfStderr&) = delete;
  InPlaceOfStderr& operator=(const InPlaceOfStderr&) = delete;

 private:
  int kept_;
};

/// The lines that `speak` leaves in the log.
template <class Speak>
std::vector<std::string> logged(const LogOptions& options, Speak speak) {
  const test::TempDir folder;
  const auto file = folder.path() / "log";
  const int fd = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  {
    const InPlaceOfStderr redirected(fd);
    auto log = Log::open(options);
    if (log) speak(**log);
  }
  ::close(fd);
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

const LogOptions text{"debug", "text"};
const LogOptions json{"debug", "json"};

TEST_CASE("a line of text has its time, its level, its words and its details") {
  const auto lines = logged(text, [](Log& log) {
    log.info("listening", {{"address", "127.0.0.1:7411"}});
    log.warn("slow");
  });
  REQUIRE(lines.size() == 2);
  CHECK(std::regex_match(
      lines[0],
      std::regex(
          R"re(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z info listening address="127\.0\.0\.1:7411")re")));
  CHECK(lines[1].ends_with("Z warning slow"));
}

TEST_CASE("a line of JSON is one object with the same") {
  const auto lines = logged(json, [](Log& log) {
    log.error("it \"failed\" \\ badly", {{"provider", "my\"box"}, {"status", "503"}});
  });
  REQUIRE(lines.size() == 1);
  const auto line = parse_json(lines[0]);
  REQUIRE(line);
  CHECK((*line)["level"] == "error");
  CHECK((*line)["message"] == "it \"failed\" \\ badly");
  CHECK((*line)["provider"] == "my\"box");
  CHECK((*line)["status"] == "503");
  CHECK(line->contains("time"));
}

TEST_CASE("lines below the level are left out") {
  const auto speak = [](Log& log) {
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
  };
  CHECK(logged({"debug", "text"}, speak).size() == 4);
  CHECK(logged({"info", "text"}, speak).size() == 3);
  CHECK(logged({"warn", "text"}, speak).size() == 2);
  CHECK(logged({"error", "text"}, speak).size() == 1);
}

TEST_CASE("a level or a format that there is not is an error, not a silent log") {
  CHECK_FALSE(Log::open({"loud", "text"}).has_value());
  CHECK_FALSE(Log::open({"", "text"}).has_value());
  CHECK_FALSE(Log::open({"info", "xml"}).has_value());
}

TEST_CASE("what comes from outside can neither forge a line nor steer a terminal") {
  const std::string evil = "a\n2026-01-01T00:00:00Z error forged\r\x1b[2J\x07\xff\u202e%v%s{}";
  for (const LogOptions& options : {text, json}) {
    const auto lines = logged(options, [&](Log& log) { log.info(evil, {{"path", evil}}); });
    REQUIRE(lines.size() == 1);
    for (const unsigned char c : lines[0]) CHECK(c >= 0x20);
    CHECK(lines[0].find("\u202e") == std::string::npos);
    CHECK(lines[0].find("%v%s{}") != std::string::npos);
  }
}

TEST_CASE("any words at all make one line, and in JSON one that can be read again") {
  CHECK(rc::check([](const std::string& words) {
    const auto lines = logged(json, [&](Log& log) { log.info(words, {{"detail", words}}); });
    RC_ASSERT(lines.size() == 1U);
    const auto line = parse_json(lines[0]);
    RC_ASSERT(line.has_value());
    RC_ASSERT((*line)["message"] == (*line)["detail"]);
  }));
}

TEST_CASE("a long text is cut, so that no caller can fill the log with one line") {
  const auto lines = logged(text, [](Log& log) {
    log.info(std::string(100'000, 'x'), {{"a", std::string(100'000, 'y')}});
  });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].size() < 5'000);
}

TEST_CASE("nobody waits for a reader who does not read, neither who logs nor who closes the log") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  {
    const InPlaceOfStderr redirected(ends[1]);
    auto log = Log::open(text);
    REQUIRE(log);
    const std::string words(900, 'x');
    for (int i = 0; i < 5'000; ++i) (*log)->info(words);  // many times what pipe and queue hold
  }  // comes here: the log is closed though nobody has read a byte
  ::close(ends[1]);
  std::string got;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) {
    got.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  CHECK(got.size() > 4'096);
  CHECK(got.size() < std::size_t{5'000} * 900);
}

TEST_CASE("when a stalled reader reads again, the log says how many lines are missing") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  std::string got;
  const auto read_some = [&] {
    char buffer[65536];
    const ssize_t n = ::read(ends[0], buffer, sizeof buffer);
    if (n > 0) got.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  };
  {
    const InPlaceOfStderr redirected(ends[1]);
    auto log = Log::open(text);
    REQUIRE(log);
    const std::string words(900, 'x');
    for (int i = 0; i < 5'000; ++i) (*log)->info(words);
    while (got.find("log lines were dropped") == std::string::npos) {
      if (!read_some()) break;
      (*log)->info("still here");
    }
  }
  ::close(ends[1]);
  ::close(ends[0]);
  CHECK(std::regex_search(got, std::regex(R"(warning [1-9]\d* log lines were dropped)")));
}

TEST_CASE("a secret cannot be logged as a line") {
  CHECK_FALSE(std::is_convertible_v<Secret, std::string_view>);
}

}  // namespace
}  // namespace routerone
