#include "common/config/paths.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <optional>

using namespace routerone;

namespace {

/// Sets the variables that matter (absent: unset) and puts the old ones back.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& wanted) {
    for (const char* name : {"ROUTERONE_HOME", "ROUTERONE_LISTEN", "HOME", "XDG_CONFIG_HOME",
                             "XDG_STATE_HOME", "XDG_RUNTIME_DIR"}) {
      const char* old = std::getenv(name);
      old_[name] = old ? std::optional<std::string>(old) : std::nullopt;
      const auto found = wanted.find(name);
      set(name, found == wanted.end() ? std::nullopt : std::optional(found->second));
    }
  }
  Environment(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : old_) set(name, value);
  }

 private:
  static void set(const std::string& name, const std::optional<std::string>& value) {
    if (value)
      ::setenv(name.c_str(), value->c_str(), 1);
    else
      ::unsetenv(name.c_str());
  }
  std::map<std::string, std::optional<std::string>> old_;
};

}  // namespace

TEST_CASE("ROUTERONE_HOME puts everything below one folder") {
  const Environment env({{"ROUTERONE_HOME", "/x/y/"}, {"XDG_RUNTIME_DIR", "/run/user/1"}});
  const auto paths = find_paths();
  REQUIRE(paths.has_value());
  CHECK(paths->config_dir == "/x/y/config");
  CHECK(paths->database() == "/x/y/state/routerone.db");
  CHECK(paths->control_socket() == "/x/y/run/control.sock");
}

TEST_CASE("a relative ROUTERONE_HOME is an error: the daemon works in another folder") {
  const std::map<std::string, std::string> wanted = {{"ROUTERONE_HOME", "here"}};
  const Environment env(wanted);
  CHECK(find_paths().error().kind == ErrorKind::invalid);
}

TEST_CASE("the XDG variables are followed") {
  const Environment env({{"HOME", "/home/u"},
                         {"XDG_CONFIG_HOME", "/c"},
                         {"XDG_STATE_HOME", "/s"},
                         {"XDG_RUNTIME_DIR", "/run/user/1"}});
  const auto paths = find_paths();
  CHECK(paths->config_dir == "/c/routerone");
  CHECK(paths->control_file() == "/s/routerone/control.json");
  CHECK(paths->control_socket() == "/run/user/1/routerone/control.sock");
}

TEST_CASE("without XDG variables, or with relative ones, the defaults of the specification hold") {
  const Environment env({{"HOME", "/home/u"}, {"XDG_CONFIG_HOME", "relative"}});
  const auto paths = find_paths();
  REQUIRE(paths.has_value());
  CHECK(paths->config_dir == "/home/u/.config/routerone");
  CHECK(paths->state_dir == "/home/u/.local/state/routerone");
  CHECK(paths->runtime_dir == "/tmp/routerone-" + std::to_string(::geteuid()));
}

TEST_CASE("a socket path that no socket can have is an error that says what to shorten") {
  const std::map<std::string, std::string> wanted = {
      {"ROUTERONE_HOME", "/" + std::string(120, 'x')}};
  const Environment env(wanted);
  const auto paths = find_paths();
  REQUIRE_FALSE(paths.has_value());
  CHECK(paths.error().hint.find("ROUTERONE_HOME") != std::string::npos);
}

TEST_CASE("addresses to listen on are read in all their forms") {
  CHECK(parse_listen_address("8000")->port == 8000);
  CHECK(parse_listen_address("8000")->host.empty());
  CHECK(parse_listen_address("127.0.0.1:80")->host == "127.0.0.1");
  CHECK(parse_listen_address("[::1]:7411")->host == "::1");
  CHECK(parse_listen_address("localhost:0")->port == 0);
  for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:7411",
                           "[127.0.0.1]:1", "[::1]", "example.com:1", "host:-1", "[]:1", ":7411"})
    CHECK_MESSAGE(!parse_listen_address(text).has_value(), text);
}

TEST_CASE("ROUTERONE_LISTEN names the address, and one that is none is an error, not the default") {
  const auto said = [](const char* text) {
    std::map<std::string, std::string> wanted;
    wanted["ROUTERONE_LISTEN"] = text;
    const Environment environment(wanted);
    return listen_address_of_environment();
  };
  REQUIRE(said("127.0.0.1:8123"));
  CHECK(said("127.0.0.1:8123")->value().port == 8123);
  CHECK(said("127.0.0.1:8123")->value().host == "127.0.0.1");
  CHECK(said("0")->value().port == 0);
  CHECK_FALSE(said("")->has_value());
  const auto bad = said("example.com:80");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.find("ROUTERONE_LISTEN") != std::string::npos);
  const Environment nothing{std::map<std::string, std::string>()};
  CHECK_FALSE(listen_address_of_environment()->has_value());
}
