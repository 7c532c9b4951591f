#include "daemon/observe/log_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "tests/support/temp_dir.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;

/// Puts stderr back when the test is over.
struct KeptStderr {
  int kept = ::dup(STDERR_FILENO);
  ~KeptStderr() {
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
  }
};

std::string content_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

void say(LogFile& log, const std::string& line) {
  CHECK(::write(STDERR_FILENO, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  log.wrote(line.size());
}

TEST_CASE("a full log is put aside, so many of them are kept, and stderr goes on in a new one") {
  const test::TempDir folder;
  const fs::path file = folder.path() / "log";
  {
    const KeptStderr guard;
    REQUIRE(log_in_place_of_stderr(file));
    LogFile log(file, {10, 3});
    for (int i = 0; i < 5; ++i) say(log, "line " + std::to_string(i) + " ....\n");
    say(log, "short\n");
  }
  CHECK(content_of(file) == "short\n");
  CHECK(content_of(folder.path() / "log.1") == "line 4 ....\n");
  CHECK(content_of(folder.path() / "log.2") == "line 3 ....\n");
  CHECK_FALSE(fs::exists(folder.path() / "log.3"));
  for (const char* name : {"log", "log.1", "log.2"}) {
    struct stat info {};
    REQUIRE(::stat((folder.path() / name).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a log that was there is gone on with, counted, and kept from others") {
  const test::TempDir folder;
  const fs::path file = folder.path() / "log";
  std::ofstream(file) << "of yesterday\n";
  fs::permissions(file, fs::perms::all);
  {
    const KeptStderr guard;
    REQUIRE(log_in_place_of_stderr(file));
    LogFile log(file, {20, 2});
    say(log, "today\n");
    CHECK(content_of(file) == "of yesterday\ntoday\n");
    say(log, "more\n");
  }
  CHECK(content_of(file).empty());
  CHECK(content_of(folder.path() / "log.1") == "of yesterday\ntoday\nmore\n");
  CHECK((fs::status(file).permissions() & fs::perms(0777)) == fs::perms(0600));
}

TEST_CASE("a link in the log's place is not followed") {
  const test::TempDir folder;
  std::ofstream(folder.path() / "theirs") << "precious";
  fs::create_symlink(folder.path() / "theirs", folder.path() / "log");
  const KeptStderr guard;
  CHECK_FALSE(log_in_place_of_stderr(folder.path() / "log"));
  CHECK_FALSE(log_in_place_of_stderr(folder.path() / "none" / "log"));
}

TEST_CASE("a folder that lets nothing be renamed does not stop the log") {
  const test::TempDir folder;
  const fs::path file = folder.path() / "log";
  fs::create_directories(folder.path() / "log.1" / "in the way");
  {
    const KeptStderr guard;
    REQUIRE(log_in_place_of_stderr(file));
    LogFile log(file, {10, 2});
    for (int i = 0; i < 3; ++i) say(log, "line .......\n");
  }
  CHECK(content_of(file) == "line .......\nline .......\nline .......\n");
}

}  // namespace
}  // namespace routerone
