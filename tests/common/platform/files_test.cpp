#include "common/platform/files.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace routerone;
namespace fs = std::filesystem;

namespace {

struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "routerone-test-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
};

void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

unsigned mode_of(const fs::path& path) {
  struct stat info {};
  ::stat(path.c_str(), &info);
  return info.st_mode & 07777;
}

/// Runs `body` in a child; true if it returned true there.
template <class Body>
bool in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

TEST_CASE("a private folder is made with its parents and nobody else may enter") {
  TemporaryFolder here;
  const auto dir = here.path / "a" / "b" / "c";
  REQUIRE(ensure_private_dir(dir).has_value());
  CHECK(mode_of(dir) == 0700);
  CHECK(mode_of(dir.parent_path()) == 0700);
  CHECK(ensure_private_dir(dir).has_value());
}

TEST_CASE("a private folder that others could have prepared is refused") {
  TemporaryFolder here;
  fs::create_directory(here.path / "real");
  fs::create_directory_symlink(here.path / "real", here.path / "link");
  CHECK_FALSE(ensure_private_dir(here.path / "link").has_value());
  ::chmod((here.path / "real").c_str(), 0770);
  const auto refused = ensure_private_dir(here.path / "real");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().hint.find("chmod") != std::string::npos);
  ::chmod((here.path / "real").c_str(), 0755);
  CHECK(ensure_private_dir(here.path / "real").has_value());
  put(here.path / "file", "x");
  CHECK_FALSE(ensure_private_dir(here.path / "file").has_value());
  CHECK_FALSE(ensure_private_dir(here.path / "file" / "below").has_value());
  if (::geteuid() == 0) {
    fs::create_directory(here.path / "foreign");
    REQUIRE(::chown((here.path / "foreign").c_str(), 12345, 12345) == 0);
    CHECK(ensure_private_dir(here.path / "foreign").error().kind == ErrorKind::unauthorized);
  }
}

TEST_CASE("a file is read whole or not at all") {
  TemporaryFolder here;
  const auto path = here.path / "f";
  CHECK(read_file(path).error().kind == ErrorKind::not_found);
  put(path, std::string(100'000, 'x'));
  CHECK(read_file(path)->size() == 100'000);
  CHECK(read_file(path, 100'000)->size() == 100'000);
  CHECK(read_file(path, 99'999).error().kind == ErrorKind::invalid);
  put(path, "");
  CHECK(read_file(path)->empty());
  CHECK_FALSE(read_file(here.path).has_value());
  CHECK_FALSE(read_file("/proc/self/status")->empty());
}

TEST_CASE("a secret that others may read is refused, as ssh does") {
  TemporaryFolder here;
  const auto path = here.path / "key";
  put(path, "s3cret");
  ::chmod(path.c_str(), 0640);
  const auto refused = read_secret_file(path);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("s3cret") == std::string::npos);
  ::chmod(path.c_str(), 0600);
  CHECK(*read_secret_file(path) == "s3cret");
  REQUIRE(::mkfifo((here.path / "pipe").c_str(), 0600) == 0);
  CHECK_FALSE(read_secret_file(here.path / "pipe").has_value());
}

TEST_CASE("writing replaces the file in one step and leaves nothing beside it") {
  TemporaryFolder here;
  const auto path = here.path / "f";
  put(path, "old");
  ::chmod(path.c_str(), 0644);
  REQUIRE(write_file_atomic(path, "new").has_value());
  CHECK(*read_file(path) == "new");
  CHECK(mode_of(path) == 0600);
  CHECK(std::distance(fs::directory_iterator(here.path), {}) == 1);
  put(here.path / "f.tmp", "left by a writer that was killed");
  REQUIRE(write_file_atomic(path, "newer").has_value());
  CHECK(*read_file(path) == "newer");
  CHECK(std::distance(fs::directory_iterator(here.path), {}) == 1);
}

TEST_CASE("when writing fails the old file stands") {
  TemporaryFolder here;
  const auto path = here.path / "f";
  put(path, "old");
  CHECK(in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto result = write_file_atomic(path, std::string(5000, 'x'));
    return !result && result.error().kind == ErrorKind::unavailable;
  }));
  CHECK(*read_file(path) == "old");
  CHECK(std::distance(fs::directory_iterator(here.path), {}) == 1);
  CHECK(write_file_atomic(here.path / "no" / "such", "x").error().kind == ErrorKind::not_found);
}

TEST_CASE("writing does not follow a link laid in the place of the temporary file") {
  TemporaryFolder here;
  put(here.path / "victim", "untouched");
  fs::create_symlink(here.path / "victim", here.path / "f.tmp");
  CHECK_FALSE(write_file_atomic(here.path / "f", "x").has_value());
  CHECK(*read_file(here.path / "victim") == "untouched");
}

TEST_CASE("two writers of one file take turns and both succeed") {
  TemporaryFolder here;
  const auto path = here.path / "f";
  const auto write_many = [&](char c) {
    for (int i = 0; i < 50; ++i)
      if (!write_file_atomic(path, std::string(10'000, c))) return false;
    return true;
  };
  const pid_t other = ::fork();
  if (other == 0) ::_exit(write_many('b') ? 0 : 1);
  CHECK(write_many('a'));
  int status = 1;
  ::waitpid(other, &status, 0);
  CHECK(status == 0);
  const auto text = *read_file(path);
  CHECK(text == std::string(10'000, text.front()));
}

TEST_CASE("a lock held by another process is a conflict that names it, and dies with it") {
  TemporaryFolder here;
  const auto path = here.path / "lock";
  {
    auto mine = FileLock::acquire(path);
    REQUIRE(mine.has_value());
    const auto pid = std::to_string(::getpid());
    CHECK(in_child([&] {
      const auto theirs = FileLock::acquire(path);
      return !theirs && theirs.error().kind == ErrorKind::conflict &&
             theirs.error().message.find("process " + pid) != std::string::npos;
    }));
    FileLock moved = std::move(*mine);
    CHECK(in_child([&] { return !FileLock::acquire(path); }));
  }
  CHECK(in_child([&] { return FileLock::acquire(path).has_value(); }));
  CHECK(FileLock::acquire(path).has_value());
}
