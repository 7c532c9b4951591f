#include "cli/commands/log_reader.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "tests/support/temp_dir.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

/// A log that is written and turned away as the daemon does it.
class World {
 public:
  fs::path log() const { return folder_.path() / "log"; }
  void write(const std::string& text) const { std::ofstream(log(), std::ios::app) << text; }
  void turn() const {
    for (int number = 9; number > 0; --number) {
      const fs::path from = number == 1 ? log() : named(number - 1);
      if (fs::exists(from)) fs::rename(from, named(number));
    }
    write("");
  }
  fs::path named(int number) const { return log().string() + "." + std::to_string(number); }

 private:
  test::TempDir folder_;
};

Lines rest_of(LogReader& reader) {
  Lines lines;
  while (auto line = reader.next()) lines.push_back(*line);
  return lines;
}

TEST_CASE("lines come in their order over all the files, the oldest first") {
  const World world;
  world.write("1\n2\n");
  world.turn();
  world.write("3\n");
  world.turn();
  world.write("4\n5");
  auto reader = LogReader::from_beginning(world.log());
  REQUIRE(reader);
  CHECK(rest_of(*reader) == Lines{"1", "2", "3", "4"});
  world.write("!\n");  // only now is it a line
  CHECK(rest_of(*reader) == Lines{"5!"});
}

TEST_CASE("following goes on over one turn and over several") {
  const World world;
  world.write("1\n");
  auto reader = LogReader::from_beginning(world.log());
  REQUIRE(reader);
  CHECK(rest_of(*reader) == Lines{"1"});
  world.write("2\n");
  world.turn();
  world.write("3\n");
  CHECK(rest_of(*reader) == Lines{"2", "3"});
  world.write("4\n");
  for (int i = 5; i < 8; ++i) {
    world.turn();
    world.write(std::to_string(i) + "\n");
  }
  CHECK(rest_of(*reader) == Lines{"4", "5", "6", "7"});
}

TEST_CASE("a file that went on to nowhere is followed by the oldest there is") {
  const World world;
  world.write("1\n");
  auto reader = LogReader::from_beginning(world.log());
  REQUIRE(reader);
  CHECK(rest_of(*reader) == Lines{"1"});
  world.turn();
  world.write("2\n");
  world.turn();
  world.write("3\n");
  fs::remove(world.named(2));
  CHECK(rest_of(*reader) == Lines{"2", "3"});
}

TEST_CASE("a file that is cut short is read from its beginning") {
  const World world;
  world.write("1\n2\n3\n");
  auto reader = LogReader::from_beginning(world.log());
  REQUIRE(reader);
  CHECK(rest_of(*reader).size() == 3);
  fs::resize_file(world.log(), 0);
  world.write("4\n");
  CHECK(rest_of(*reader) == Lines{"4"});
}

TEST_CASE("no log is an error") {
  const World world;
  CHECK(LogReader::from_beginning(world.log()).error().kind == ErrorKind::not_found);
  CHECK(LogReader::before_last(world.log(), 10).error().kind == ErrorKind::not_found);
}

TEST_CASE("the last lines of any log, however it was turned, are its last lines") {
  CHECK(rc::check([] {
    const World world;
    Lines all;
    for (const auto& length :
         *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 40'000))) {
      if (length % 7 == 0) world.turn();
      all.push_back(std::to_string(all.size()) + std::string(length, 'x'));
      world.write(all.back() + "\n");
    }
    world.write("");
    const auto wanted = *rc::gen::inRange<std::size_t>(1, 30);
    auto reader = LogReader::before_last(world.log(), wanted);
    RC_ASSERT(reader.has_value());
    const Lines got = rest_of(*reader);
    RC_ASSERT(got.size() <= all.size());
    RC_ASSERT(std::equal(got.rbegin(), got.rend(), all.rbegin()));
    const bool lost_some = fs::exists(world.named(9));
    if (!lost_some) RC_ASSERT(got.size() == std::min(wanted, all.size()));
  }));
}

}  // namespace
}  // namespace routerone::cli
