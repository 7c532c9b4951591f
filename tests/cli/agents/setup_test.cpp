#include "cli/agents/setup.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>

#include "cli/agents/json_text.h"
#include "cli/agents/setup_record.h"
#include "common/platform/files.h"
#include "tests/support/temp_dir.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* key = "sk-rk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

struct Entry {
  std::string bytes;
  unsigned mode = 0;
  bool operator==(const Entry&) const = default;
};

/// A user's home, and the folder where the setup keeps what it did.
struct Place {
  test::TempDir dir;
  Surroundings around;
  fs::path record;

  Place() : record(dir.path() / "state" / "setup") {
    around.home = dir.path() / "home";
    fs::create_directories(around.home);
  }

  void put(const fs::path& name, std::string_view text, unsigned mode = 0644) const {
    const fs::path file = around.home / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    REQUIRE(::chmod(file.c_str(), mode) == 0);
  }

  std::string at(const fs::path& name) const {
    const auto text = read_file(around.home / name);
    return text ? *text : "(none)";
  }

  Result<SetupPlan> planned(const std::string& tool, const std::string& model = "m") const {
    return plan_setup(tool, {"127.0.0.1:7411", key, model}, around);
  }
  SetupPlan plan(const std::string& tool, const std::string& model = "m") const {
    auto plan = planned(tool, model);
    REQUIRE_MESSAGE(plan, (plan ? "" : plan.error().message));
    return *plan;
  }
  void apply(const std::string& tool, const std::string& model = "m") const {
    const auto done = apply_setup(record, plan(tool, model), tool, true);
    REQUIRE_MESSAGE(done, (done ? "" : done.error().message));
  }
  Result<SetupRecord> kept() const {
    TRY(const auto found, read_record(record));
    if (!found) return fail(ErrorKind::not_found, "no record");
    return *found;
  }
  Status undo() const {
    TRY(const SetupRecord found, kept());
    TRY_STATUS(check_undo(found, record));
    return undo_setup(found, record);
  }

  std::map<std::string, Entry> files() const {
    std::map<std::string, Entry> all;
    for (const auto& entry : fs::recursive_directory_iterator(around.home)) {
      if (!entry.is_regular_file()) continue;
      struct stat info {};
      ::stat(entry.path().c_str(), &info);
      all[entry.path().string()] = {*read_file(entry.path()), info.st_mode & 07777U};
    }
    return all;
  }
};

bool changes(const SetupPlan& plan) {
  for (const FileChange& change : plan.files)
    if (change.before != change.after) return true;
  return false;
}

TEST_CASE("Every tool is set up in a fresh home, once, and undone without a trace") {
  for (const std::string& tool : setup_tools()) {
    CAPTURE(tool);
    const Place place;
    place.apply(tool);
    const auto written = place.files();
    REQUIRE_FALSE(written.empty());
    bool has_key = false;
    for (const auto& [name, entry] : written) {
      has_key = has_key || entry.bytes.find(key) != std::string::npos;
      CHECK(entry.mode == 0600);
    }
    CHECK(has_key);
    CHECK_FALSE(changes(place.plan(tool)));
    REQUIRE(place.undo());
    CHECK(place.files().empty());
    CHECK_FALSE(place.kept());
  }
}

TEST_CASE("The record of a setup holds no key") {
  const Place place;
  place.apply("claude");
  for (const auto& entry : fs::recursive_directory_iterator(place.record))
    if (entry.is_regular_file()) CHECK(read_file(entry.path())->find(key) == std::string::npos);
}

/// The file that each tool shares with its user.
const std::map<std::string, std::string> shared_files = {
    {"claude", ".claude/settings.json"},
    {"gemini", ".gemini/settings.json"},
    {"opencode", ".config/opencode/opencode.json"},
    {"qwen", ".qwen/settings.json"},
    {"pi", ".pi/agent/settings.json"},
    {"cline", ".cline/data/settings/providers.json"},
    {"crush", ".config/crush/crush.json"}};

TEST_CASE("Whatever stood in a tool's file, a setup and its undo leave every byte and mode of it") {
  CHECK(rc::check([] {
    const auto& [tool, name] = *rc::gen::elementOf(shared_files);
    const auto member = rc::gen::element<std::string>(
        R"("model": {"name": "old"})", R"("env": {"A": "1"})", R"("theme": "x")",
        R"("providers": {"other": {}})", R"("security": {"auth": {"selectedType": "o"}})",
        R"("modelProviders": {"openai": [{"id": "x"}]})");
    const auto gap = rc::gen::element<std::string>("", " ", "\n\t", "\r\n  ", " // c\n", "/* d */");
    std::string text = "{" + *gap;
    for (const auto& one : *rc::gen::unique<std::vector<std::string>>(member))
      text += one + *gap + "," + *gap;
    text += "}" + *gap;  // with a comma behind the last, as people leave it
    const unsigned mode = *rc::gen::element(0600U, 0644U, 0640U);

    const Place place;
    place.put(name, text, mode);
    const auto before = place.files();
    const auto first = place.planned(tool);
    // `"providers": {}` and the like may stand in our way as what they are not: refused, untouched.
    if (first) {
      RC_ASSERT(apply_setup(place.record, *first, tool, true).has_value());
      const auto again = place.planned(tool);
      RC_ASSERT(again.has_value());
      RC_ASSERT(!changes(*again));
      RC_ASSERT(place.undo().has_value());
    }
    RC_ASSERT(place.files() == before);
  }));
}

TEST_CASE("What the user has beside ours stays where it is") {
  const Place place;
  place.put(".claude/settings.json", "{\n  // mine\n  \"env\": {\n    \"A\": \"1\"\n  }\n}\n");
  place.apply("claude", "");
  CHECK(place.at(".claude/settings.json") ==
        "{\n  // mine\n  \"env\": {\n    \"A\": \"1\",\n    \"ANTHROPIC_AUTH_TOKEN\": \"" +
            std::string(key) +
            "\",\n    \"ANTHROPIC_BASE_URL\": \"http://127.0.0.1:7411\"\n  }\n}\n");
}

TEST_CASE("Lines of variables are replaced where they stand, others stay") {
  const Place place;
  place.put(".gemini/.env", "# mine\nexport GEMINI_API_KEY = old\nOTHER=1");
  place.apply("gemini", "");
  CHECK(place.at(".gemini/.env") ==
        "# mine\nGEMINI_API_KEY=" + std::string(key) +
            "\nOTHER=1\nGOOGLE_GEMINI_BASE_URL=http://127.0.0.1:7411\n");
}

TEST_CASE("A file without the key keeps its mode, one with it is the user's alone") {
  const Place place;
  place.put(".gemini/settings.json", "{}", 0644);
  place.put(".gemini/.env", "A=1\n", 0644);
  place.apply("gemini");
  const auto files = place.files();
  CHECK(files.at((place.around.home / ".gemini/settings.json").string()).mode == 0644);
  CHECK(files.at((place.around.home / ".gemini/.env").string()).mode == 0600);
}

TEST_CASE("A linked file stays a link, and what it leads to is written and put back") {
  const Place place;
  place.put("dotfiles/claude.json", "{}\n");
  fs::create_directories(place.around.home / ".claude");
  fs::create_symlink("../dotfiles/claude.json", place.around.home / ".claude/settings.json");
  place.apply("claude");
  CHECK(fs::is_symlink(place.around.home / ".claude/settings.json"));
  CHECK(place.at("dotfiles/claude.json").find(key) != std::string::npos);
  REQUIRE(place.undo());
  CHECK(fs::is_symlink(place.around.home / ".claude/settings.json"));
  CHECK(place.at("dotfiles/claude.json") == "{}\n");
}

TEST_CASE("A file that was changed since is not undone, and its name is said") {
  const Place place;
  place.put(".claude/settings.json", "{}");
  place.apply("claude");
  place.put(".claude/settings.json", place.at(".claude/settings.json") + "\n// mine\n");
  const auto refused = place.undo();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::conflict);
  CHECK(refused.error().message.find(".claude/settings.json") != std::string::npos);
  CHECK(refused.error().hint.find("--force") != std::string::npos);
  // By force it is put back all the same.
  REQUIRE(undo_setup(*place.kept(), place.record));
  CHECK(place.at(".claude/settings.json") == "{}");
}

TEST_CASE("That a tool notes its own use of a file is no change of the user's") {
  const Place place;
  place.apply("cline");
  std::string text = place.at(".cline/data/settings/providers.json");
  text.replace(text.find("1970-01-01"), 10, "2026-11-21");
  place.put(".cline/data/settings/providers.json", text);
  CHECK_FALSE(changes(place.plan("cline")));
  REQUIRE(place.undo());
  CHECK(place.files().empty());
}

TEST_CASE("A second setup with another model goes back to what was there before the first") {
  const Place place;
  place.put(".claude/settings.json", "{\"a\": 1}");
  place.apply("claude", "one");
  place.apply("claude", "two");
  CHECK(place.at(".claude/settings.json").find("\"one\"") == std::string::npos);
  REQUIRE(place.undo());
  CHECK(place.at(".claude/settings.json") == "{\"a\": 1}");
}

TEST_CASE("A file that does not parse is refused with line and column, and nothing is written") {
  const Place place;
  place.put(".claude/settings.json", "{\n  \"a\" 1\n}");
  const auto refused = place.planned("claude");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::invalid);
  CHECK(refused.error().message.find("settings.json: not valid JSON at line 2, column 7") !=
        std::string::npos);
}

TEST_CASE("If the last file cannot be written, those before it are put back and nothing is kept") {
  const Place place;
  place.put(".gemini/settings.json", "{\"a\": 1}");
  const auto before = place.files();
  const SetupPlan plan = place.plan("gemini");
  place.put(".gemini/.env", "B=2\n");  // by another program, between the plan and its writing
  const auto failed = apply_setup(place.record, plan, "gemini", true);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == ErrorKind::conflict);
  CHECK(place.at(".gemini/settings.json") == "{\"a\": 1}");
  CHECK(place.at(".gemini/.env") == "B=2\n");
  CHECK_FALSE(place.kept());
}

TEST_CASE("Another user's file is not written") {
  if (::geteuid() != 0) return;  // only root can give a file away
  const Place place;
  place.put(".claude/settings.json", "{}");
  REQUIRE(::chown((place.around.home / ".claude/settings.json").c_str(), 65534, 65534) == 0);
  const auto refused = apply_setup(place.record, place.plan("claude"), "claude", true);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::unauthorized);
  CHECK(place.at(".claude/settings.json") == "{}");
}

TEST_CASE("The folder that a tool's own variable names is the one that is set up") {
  Place place;
  const std::string other = (place.around.home / "other").string();
  place.around.environment = {{"CODEX_HOME", other},
                              {"CLAUDE_CONFIG_DIR", "~/c"},
                              {"PI_CODING_AGENT_DIR", other},
                              {"XDG_CONFIG_HOME", other}};
  CHECK(place.plan("codex").files[0].file == other + "/routerone.config.toml");
  CHECK(place.plan("claude").files[0].file == place.around.home / "c/settings.json");
  CHECK(place.plan("pi").files[0].file == other + "/models.json");
  CHECK(place.plan("opencode").files[0].file == other + "/opencode/opencode.json");
}

TEST_CASE("opencode's file with comments is the one that is written where it is there") {
  const Place place;
  place.put(".config/opencode/opencode.jsonc", "{\n  // mine\n}");
  const auto plan = place.plan("opencode");
  CHECK(plan.files[0].file.filename() == "opencode.jsonc");
  CHECK(plan.files[0].after.find("// mine") != std::string::npos);
}

TEST_CASE("qwen's list of providers keeps the user's and has ours once") {
  const Place place;
  place.put(".qwen/settings.json", R"({"modelProviders": {"openai": [{"id": "x"}]}})");
  place.apply("qwen", "one");
  place.apply("qwen", "two");
  const Json list = (*parse_settings(place.at(".qwen/settings.json")))["modelProviders"]["openai"];
  REQUIRE(list.size() == 2);
  CHECK(list[0]["id"] == "x");
  CHECK(list[1]["id"] == "two");
  CHECK(place.at(".qwen/settings.json").find(key) == std::string::npos);
}

TEST_CASE("Tools that know no model of a gateway ask for one") {
  for (const char* tool : {"qwen", "pi", "cline", "crush"}) {
    const auto refused = Place().planned(tool, "");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().hint.find("--model") != std::string::npos);
  }
  for (const char* tool : {"codex", "claude", "gemini", "opencode"})
    CHECK(Place().planned(tool, ""));
}

TEST_CASE("A tool that is none is refused with those there are") {
  const auto refused = Place().planned("emacs");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint.find("codex") != std::string::npos);
}

}  // namespace
}  // namespace routerone::cli
