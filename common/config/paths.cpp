#include "common/config/paths.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>

#include "common/core/text.h"

namespace routerone {
namespace {

namespace fs = std::filesystem;

/// Set and absolute. The XDG specification: a relative path is to be ignored.
fs::path absolute_variable(const char* name) {
  const char* value = std::getenv(name);
  return value && value[0] == '/' ? fs::path(value) : fs::path();
}

Result<fs::path> home() {
  if (auto set = absolute_variable("HOME"); !set.empty()) return set;
  const passwd* user = ::getpwuid(::geteuid());
  if (user && user->pw_dir && user->pw_dir[0] == '/') return fs::path(user->pw_dir);
  return fail(ErrorKind::invalid, "there is no home folder: HOME is not set",
              "set HOME, or ROUTERONE_HOME to an absolute path");
}

/// In /tmp anybody can be first to make the folder, and would own the socket we talk to.
Status refuse_foreign(const fs::path& dir) {
  struct stat info {};
  if (::lstat(dir.c_str(), &info) != 0) return {};  // not there yet
  if (S_ISDIR(info.st_mode) && info.st_uid == ::geteuid()) return {};
  return fail(ErrorKind::unauthorized,
              fmt::format("{} is there and is not a folder of yours", dir.string()),
              "set XDG_RUNTIME_DIR to a folder of your own");
}

Result<Paths> below_one_folder(const char* value) {
  const fs::path root(value);
  if (!root.is_absolute())
    return fail(ErrorKind::invalid, "ROUTERONE_HOME must be an absolute path",
                "export ROUTERONE_HOME=\"$PWD/...\"");
  const auto clean = root.lexically_normal();
  return Paths{clean / "config", clean / "state", clean / "run"};
}

Result<Paths> by_xdg() {
  Paths paths;
  auto config = absolute_variable("XDG_CONFIG_HOME");
  auto state = absolute_variable("XDG_STATE_HOME");
  if (config.empty() || state.empty()) {
    TRY(const auto user, home());
    if (config.empty()) config = user / ".config";
    if (state.empty()) state = user / ".local" / "state";
  }
  paths.config_dir = config / "routerone";
  paths.state_dir = state / "routerone";
  const auto runtime = absolute_variable("XDG_RUNTIME_DIR");
  if (!runtime.empty()) {
    paths.runtime_dir = runtime / "routerone";
  } else {
    paths.runtime_dir = fmt::format("/tmp/routerone-{}", ::geteuid());
    TRY_STATUS(refuse_foreign(paths.runtime_dir));
  }
  return paths;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return host == "localhost" || ::inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

Result<Paths> find_paths() {
  const char* one_folder = std::getenv("ROUTERONE_HOME");
  const bool in_one = one_folder && one_folder[0] != '\0';
  TRY(auto paths, in_one ? below_one_folder(one_folder) : by_xdg());
  const auto length = paths.control_socket().string().size();
  if (length >= sizeof(sockaddr_un::sun_path))
    return fail(
        ErrorKind::invalid,
        fmt::format("the control socket's path has {} bytes; a socket's path has at most {}",
                    length, sizeof(sockaddr_un::sun_path) - 1),
        fmt::format("set {} to a shorter path", in_one ? "ROUTERONE_HOME" : "XDG_RUNTIME_DIR"));
  return paths;
}

Result<ListenAddress> parse_listen_address(const std::string& text) {
  const auto bad = [&](const char* why) {
    return fail(ErrorKind::invalid,
                fmt::format("\"{}\" is not an address to listen on: {}", printable(text, 64), why),
                "write ADDR:PORT, [ADDR]:PORT or PORT, for example 127.0.0.1:7411");
  };
  ListenAddress address;
  const auto colon = text.rfind(':');
  std::string port = text;
  if (colon != text.npos) {
    address.host = text.substr(0, colon);
    port = text.substr(colon + 1);
    const bool bracketed =
        address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']';
    if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
    if ((address.host.find(':') != text.npos) != bracketed)
      return bad("an IPv6 address, and nothing else, stands in brackets");
    if (!is_address(address.host)) return bad("neither an IP address nor localhost");
  }
  const auto number = parse_uint(port);
  if (!number || *number > std::numeric_limits<std::uint16_t>::max())
    return bad("its port is not a number from 0 to 65535");
  address.port = static_cast<std::uint16_t>(*number);
  return address;
}

Result<std::optional<ListenAddress>> listen_address_of_environment() {
  const char* text = std::getenv("ROUTERONE_LISTEN");
  if (!text || *text == '\0') return std::optional<ListenAddress>();
  auto address = parse_listen_address(text);
  if (!address)
    return fail(ErrorKind::invalid, "ROUTERONE_LISTEN: " + address.error().message,
                address.error().hint);
  return std::optional(*std::move(address));
}

}  // namespace routerone
