#include "common/config/listen.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace routerone {
namespace {

struct Home {
  test::TempDir folder;
  Paths paths{folder.path() / "config", folder.path(), folder.path() / "run"};
  Home() { ::unsetenv("ROUTERONE_LISTEN"); }
  ~Home() { ::unsetenv("ROUTERONE_LISTEN"); }
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  std::vector<std::string> chosen(const ListenAddresses& said = {}) const {
    const auto addresses = choose_addresses(paths, said);
    REQUIRE(addresses);
    std::vector<std::string> texts;
    for (const ListenAddress& address : *addresses) texts.push_back(to_text(address));
    return texts;
  }
};
using Texts = std::vector<std::string>;

TEST_CASE("what is said counts before the environment, that before what is remembered") {
  const Home home;
  CHECK(home.chosen() == Texts{"127.0.0.1:7411", "[::1]:7411"});
  REQUIRE(remember_addresses(home.paths, {"127.0.0.1:7420", "[::1]:7420"}));
  CHECK(home.chosen() == Texts{"127.0.0.1:7420", "[::1]:7420"});
  ::setenv("ROUTERONE_LISTEN", "127.0.0.1:7430", 1);
  CHECK(home.chosen() == Texts{"127.0.0.1:7430"});
  CHECK(home.chosen({{"::1", 7440}}) == Texts{"[::1]:7440"});
}

TEST_CASE("a port alone is both loopback addresses") {
  const Home home;
  CHECK(home.chosen({{"", 7000}}) == Texts{"127.0.0.1:7000", "[::1]:7000"});
  CHECK(home.chosen({{"", 7000}, {"127.0.0.1", 7001}}) ==
        Texts{"127.0.0.1:7000", "[::1]:7000", "127.0.0.1:7001"});
  ::setenv("ROUTERONE_LISTEN", "7500", 1);
  CHECK(home.chosen() == Texts{"127.0.0.1:7500", "[::1]:7500"});
}

TEST_CASE("a remembered address that is none is told with its file and what mends it") {
  const Home home;
  std::ofstream(home.paths.listen_file()) << "127.0.0.1:7420\nnonsense\n";
  const auto read = choose_addresses(home.paths, {});
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find(home.paths.listen_file().string()) != std::string::npos);
  CHECK(read.error().hint.find("routerone up --listen") != std::string::npos);
  CHECK(home.chosen({{"", 7411}}).size() == 2);  // and it does mend it
}

TEST_CASE("whatever was remembered is chosen again") {
  const Home home;
  CHECK(rc::check([&] {
    const auto ports = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<std::uint16_t>>());
    Texts texts;
    for (const std::uint16_t port : ports)
      texts.push_back(to_text({port % 2 == 0 ? "127.0.0.1" : "::1", port}));
    if (texts.size() > 50) texts.resize(50);
    RC_ASSERT(remember_addresses(home.paths, texts).has_value());
    RC_ASSERT(home.chosen() == texts);
  }));
}

TEST_CASE("metrics are served to this machine only, at a port that is said") {
  for (const char* host : {"", "127.0.0.1", "::1", "localhost"})
    CHECK(check_metrics_address({host, 9464}));
  for (const char* host : {"0.0.0.0", "::", "192.0.2.1"})
    CHECK(check_metrics_address({host, 9464}).error().kind == ErrorKind::invalid);
  CHECK(check_metrics_address({"127.0.0.1", 0}).error().kind == ErrorKind::invalid);
}

TEST_CASE("what is remembered is the user's own file") {
  const Home home;
  REQUIRE(remember_addresses(home.paths, {"127.0.0.1:7420"}));
  struct stat info {};
  REQUIRE(::stat(home.paths.listen_file().c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

}  // namespace
}  // namespace routerone
