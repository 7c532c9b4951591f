#include "cli/commands/service_unit.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/support/source_tree.h"

namespace routerone::cli {
namespace {

namespace fs = std::filesystem;

std::string packaged(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(test::source_tree() / "packaging/systemd" / name).rdbuf();
  return text.str();
}

/// Without the line that says whose it is.
std::string unmarked(const std::string& unit) { return unit.substr(unit.find('\n') + 1); }

TEST_CASE("the package's units are the ones that up writes") {
  CHECK(packaged(service_unit) == unmarked(service_unit_text("/usr/bin/routeroned")));
  CHECK(packaged(socket_unit) == unmarked(socket_unit_text()));
}

TEST_CASE("what up wrote is known for its own, and a package's or a person's unit is not") {
  CHECK(is_ours(service_unit_text("/opt/routeroned")));
  CHECK(is_ours(socket_unit_text()));
  CHECK(is_ours(socket_addresses_text({{"127.0.0.1", 7420}})));
  CHECK_FALSE(is_ours(packaged(service_unit)));
  CHECK_FALSE(is_ours(""));
}

TEST_CASE("a daemon in a folder with blanks, quotes or signs of systemd's own is still found") {
  const std::string unit = service_unit_text("/home/me/my \"100%\" $HOME\\bin/routeroned");
  CHECK(
      unit.find("ExecStart=\"/home/me/my \\\"100%%\\\" $$HOME\\\\bin/routeroned\" --log file\n") !=
      std::string::npos);
}

TEST_CASE("other addresses take the place of the unit's own") {
  const std::string text = socket_addresses_text({{"127.0.0.1", 7420}, {"::1", 7420}});
  CHECK(unmarked(text) ==
        "[Socket]\nListenStream=\nListenStream=127.0.0.1:7420\nListenStream=[::1]:7420\n");
}

TEST_CASE("metrics are wished for over the unit, in its own words") {
  CHECK(unmarked(service_metrics_text("/usr/bin/routeroned", "127.0.0.1:9100")) ==
        "[Service]\nExecStart=\n"
        "ExecStart=/usr/bin/routeroned --log file --metrics 127.0.0.1:9100\n");
}

TEST_CASE("a user's units stand below XDG_CONFIG_HOME, else below ~/.config") {
  CHECK(user_unit_folder({{"HOME", "/home/me"}}) == "/home/me/.config/systemd/user");
  CHECK(user_unit_folder({{"HOME", "/home/me"}, {"XDG_CONFIG_HOME", "/c"}}) == "/c/systemd/user");
  CHECK(user_unit_folder({{"HOME", "/home/me"}, {"XDG_CONFIG_HOME", "c"}}) ==
        "/home/me/.config/systemd/user");
}

}  // namespace
}  // namespace routerone::cli
