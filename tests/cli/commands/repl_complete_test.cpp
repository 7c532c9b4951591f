#include "cli/commands/repl_complete.h"

#include <fstream>

#include "tests/cli/commands/cli_world.h"

namespace routerone::cli {
namespace {

using test::FakeDaemon;
using test::Home;

/// A daemon that knows one key with a blank in its name and some without.
class World {
 public:
  World() : daemon_(home_) {
    daemon_.answer("/names/list", R"({"schema":1,"names":[{"name":"citadel","about":"a key"},
      {"name":"ci two","about":""},{"name":"laptop","about":""}]})");
  }

  LineEditor::Completion complete(std::string_view line) const {
    const std::vector<Candidate> own = {{"tail", ""}, {"open", ""}, {"watch", ""}, {"untail", ""}};
    const auto paths = find_paths();
    REQUIRE(paths);
    return complete_repl_line(line, own, control::Client(home_.socket()), *paths);
  }
  std::string insert(std::string_view line) const { return complete(line).insert; }
  std::vector<std::string> choices(std::string_view line) const {
    std::vector<std::string> out;
    for (const auto& choice : complete(line).choices) out.push_back(choice.text);
    return out;
  }

 private:
  Home home_;
  FakeDaemon daemon_;
};

using Strings = std::vector<std::string>;

TEST_CASE("the REPL completes commands, its own words and names") {
  const World world;
  CHECK(world.insert("proj") == "ects ");
  CHECK(world.insert("unt") == "ail ");
  CHECK(world.insert("keys show lap") == "top ");
  CHECK(world.insert("keys show c") == "i");
  CHECK(world.choices("keys show ci") == Strings{"ci two", "citadel"});
  CHECK(world.insert("keys list --js") == "on ");
  CHECK(world.insert("routerone proj") == "ects ");
}

TEST_CASE("its own words are completed as the commands they stand for") {
  const World world;
  CHECK(world.insert("watch 2 proj") == "ects ");
  CHECK(world.insert("watch proj") == "ects ");
  CHECK(world.insert("help proj") == "ects ");
  CHECK(world.insert("tail statu") == "s");
  CHECK(world.insert("filter statu") == "s");
  CHECK_FALSE(world.choices("tail status").empty());
  CHECK(world.choices("tail status") == world.choices("traces tail status"));
}

TEST_CASE("what is inserted is quoted as the line needs it") {
  const World world;
  CHECK(world.insert("keys show ci\\ ") == "two ");
  CHECK(world.insert("keys show 'ci t") == "wo' ");
  CHECK(world.insert("keys show \"ci t") == "wo\" ");
}

TEST_CASE("files and programs are listed where they belong, folders to go on in") {
  const World world;
  const test::TempDir dir;
  std::filesystem::create_directory(dir.path() / "folder");
  std::ofstream(dir.path() / "config.json") << "{}";
  std::ofstream(dir.path() / ".hidden") << "";
  const std::string line = "config apply " + dir.path().string() + "/";
  CHECK(world.choices(line) ==
        Strings{dir.path().string() + "/config.json", dir.path().string() + "/folder/"});
  CHECK(world.insert(line + "f") == "older/");
  CHECK(world.insert(line + "c") == "onfig.json ");
  CHECK(world.insert(line + ".h") == "idden ");
  CHECK(world.insert("run -- basena") == "me ");
  CHECK(world.insert("run -- cat " + dir.path().string() + "/c") == "onfig.json ");
}

TEST_CASE("of a block of pasted lines the last one is completed") {
  CHECK(World().insert("version\nproj") == "ects ");
}

TEST_CASE("where nothing fits nothing is offered") {
  const World world;
  CHECK(world.insert("nonsense ").empty());
  CHECK(world.choices("nonsense ").empty());
  CHECK(world.choices("keys show zzz").empty());
}

}  // namespace
}  // namespace routerone::cli
