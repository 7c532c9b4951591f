#include "cli/terminal/line_history.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "common/platform/files.h"
#include "tests/support/temp_dir.h"

namespace routerone::cli {
namespace {

using test::TempDir;
using Lines = std::vector<std::string>;

mode_t mode_of(const std::filesystem::path& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

TEST_CASE("what was typed is there the next time, for its owner alone") {
  const TempDir dir;
  const auto file = dir.path() / "state" / "history";
  {
    LineHistory history(file);
    CHECK(history.lines().empty());
    CHECK(history.add("keys list"));
    CHECK(history.add("usage --by model"));
  }
  CHECK(mode_of(file) == 0600);
  CHECK(LineHistory(file).lines() == Lines{"keys list", "usage --by model"});
}

TEST_CASE("a file that others may read is closed to them") {
  const TempDir dir;
  const auto file = dir.path() / "history";
  std::ofstream(file) << "old\n";
  ::chmod(file.c_str(), 0644);
  LineHistory(file).add("new");
  CHECK(mode_of(file) == 0600);
  CHECK(LineHistory(file).lines() == Lines{"old", "new"});
}

TEST_CASE("blank lines, repeated ones and what is no line are not kept") {
  const TempDir dir;
  LineHistory history(dir.path() / "history");
  CHECK(history.add("a"));
  CHECK_FALSE(history.add("a"));
  CHECK_FALSE(history.add("  "));
  CHECK_FALSE(history.add("a\nb"));
  CHECK_FALSE(history.add(std::string(LineHistory::longest_line + 1, 'x')));
  CHECK(history.lines() == Lines{"a"});
}

TEST_CASE("two programs add to one history") {
  const TempDir dir;
  const auto file = dir.path() / "history";
  LineHistory one(file), other(file);
  one.add("1");
  other.add("2");
  one.add("3");
  CHECK(LineHistory(file).lines() == Lines{"1", "2", "3"});
}

TEST_CASE("the file does not grow for ever") {
  const TempDir dir;
  const auto file = dir.path() / "history";
  {
    LineHistory history(file);
    for (std::size_t i = 0; i < 2 * LineHistory::most + 10; ++i)
      history.add("line " + std::to_string(i));
    CHECK(history.lines().size() == LineHistory::most);
  }
  CHECK(LineHistory(file).lines().size() == LineHistory::most);
  const auto text = read_file(file);
  REQUIRE(text);
  CHECK(std::count(text->begin(), text->end(), '\n') == static_cast<long>(LineHistory::most));
  CHECK(mode_of(file) == 0600);
}

TEST_CASE("a link in its place is not written through") {
  const TempDir dir;
  const auto file = dir.path() / "history", other = dir.path() / "other";
  std::ofstream(other) << "precious\n";
  std::filesystem::create_symlink(other, file);
  LineHistory(file).add("x");
  CHECK(*read_file(other) == "precious\n");
}

}  // namespace
}  // namespace routerone::cli
