#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "common/core/result.h"

namespace routerone {

/// Where everything of ours stands. From the XDG variables, or all below $ROUTERONE_HOME.
struct Paths {
  std::filesystem::path config_dir;   ///< XDG_CONFIG_HOME/routerone
  std::filesystem::path state_dir;    ///< XDG_STATE_HOME/routerone
  std::filesystem::path runtime_dir;  ///< XDG_RUNTIME_DIR/routerone, else /tmp/routerone-UID; 0700

  std::filesystem::path control_socket() const { return runtime_dir / "control.sock"; }
  /// What the run of that id needs as long as it lasts.
  std::filesystem::path run_scratch(const std::string& id) const {
    return runtime_dir / "runs" / id;
  }
  std::filesystem::path control_file() const { return state_dir / "control.json"; }
  std::filesystem::path database() const { return state_dir / "routerone.db"; }
  std::filesystem::path spend_floor() const { return state_dir / "spend-floor"; }
  std::filesystem::path health() const { return state_dir / "health.json"; }
  std::filesystem::path intents() const { return state_dir / "in-flight"; }
  std::filesystem::path pepper() const { return state_dir / "pepper"; }
  std::filesystem::path secrets_dir() const { return state_dir / "secrets"; }
  std::filesystem::path log_file() const { return state_dir / "routeroned.log"; }
  std::filesystem::path listen_file() const { return state_dir / "listen"; }
  std::filesystem::path lock_file() const { return state_dir / "routeroned.lock"; }
  /// Held by whoever is starting the daemon, so that many at once start one.
  std::filesystem::path start_lock() const { return state_dir / "start.lock"; }
};

/// Reads the environment of this process. Creates nothing. Error if the control socket's path is
/// longer than sun_path holds; it says which variable to shorten. Error too if ROUTERONE_HOME is
/// relative, or if /tmp/routerone-UID is there and is not ours.
Result<Paths> find_paths();

/// `127.0.0.1:7411`, or what ROUTERONE_LISTEN says.
inline constexpr std::uint16_t default_port = 7411;

/// ADDR:PORT, [ADDR]:PORT or PORT alone (then the host is empty: both loopback addresses). Port 0:
/// the kernel chooses.
struct ListenAddress {
  std::string host;
  std::uint16_t port = default_port;
};
Result<ListenAddress> parse_listen_address(const std::string& text);

/// What ROUTERONE_LISTEN says; nullopt: nothing. An address that is none is an error: the default
/// in its place would be a port that somebody did not mean.
Result<std::optional<ListenAddress>> listen_address_of_environment();

}  // namespace routerone
